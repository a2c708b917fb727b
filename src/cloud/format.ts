// The object of a key, little-endian:
//
//   0        4         5         6     8               12         16             20           22    24
//   | "FeRC" | version | writers | tag | header length | checksum | body length  | key length | 0   | written at … |
//   | u32    | u8      | u8      | u16 | u32           | u32      | u32          | u16        | u16 | f64, ms      |
//
//   32
//   | writers: id u64, number of its last write u32 … | key … pad 8 | body: records … | pad with zeros
//
// A writer is a store, and numbers what it writes. Those that wrote last come last; in the place of the first is one of zeros when others
// were dropped. The checksum is that of the header, itself taken as 0. The key is there only where there is no record, which has it: then the key has been deleted. Records are as docs/format.md says, the key's
// first. A list shows no more of an object than its length, so the object is padded until its length modulo 16 is the tag, which says
// what it is:
//
//   0: deleted   1 … 5: string, list, hash, set, sorted set   + 8: may have expired

import type { Core } from "../core/core.ts";
import { KIND_CHUNKED, KIND_HASH, KIND_LIST, KIND_SET, KIND_STRING, KIND_ZSET, SCRATCH_BYTES } from "../core/layout.ts";
import type { Bytes, ValueType } from "../engine.ts";
import { StorageError } from "../errors.ts";

const MAGIC = 0x43_52_65_46; // "FeRC"
const VERSION = 1;
const HEADER_BYTES = 32;
const WRITER_BYTES = 12;
const CHECKSUM_AT = 12;
const TAGS = 16;
const EXPIRES = 8;
/** So many writers an object remembers. */
const MAX_WRITERS = 64;

const TYPES: (ValueType | null)[] = [null, "string", "list", "hash", "set", "zset"];
const TAG_OF_KIND: Record<number, number> = {
  [KIND_STRING]: 1,
  [KIND_CHUNKED]: 1,
  [KIND_LIST]: 2,
  [KIND_HASH]: 3,
  [KIND_SET]: 4,
  [KIND_ZSET]: 5,
};

/** A write: which store has made it, and how many that had made before. No other write has the same. */
export interface WriteId {
  readonly writer: bigint;
  readonly number: number;
}

/** The last write of each store that has written, as far as they are remembered, in the order of these writes. */
export type Writers = readonly WriteId[];

/** Those that are not remembered. */
const DROPPED: WriteId = { writer: 0n, number: 0 };
/** Of an object whose writers are not known. */
export const UNKNOWN_WRITERS: Writers = [DROPPED];

/** Gives the writes of a store their ids. Random numbers are drawn when it is first asked: Cloudflare's Workers refuse them before. */
export class WriteIds {
  #writer = 0n;
  #number = 0;

  next(): WriteId {
    while (this.#writer === 0n) this.#writer = crypto.getRandomValues(new BigUint64Array(1))[0];
    return { writer: this.#writer, number: ++this.#number };
  }
}

/** What an object remembers after one more write. */
export function withWrite(writers: Writers, id: WriteId): Writers {
  const others = writers.filter(({ writer }) => writer !== id.writer);
  return others.length < MAX_WRITERS ? [...others, id] : [DROPPED, ...others.slice(2), id];
}

/** Whether an object with these writers has had a write: `null` when it does not remember. */
export function remembers(writers: Writers, { writer, number }: WriteId): boolean | null {
  const last = writers.find((other) => other.writer === writer);
  if (last !== undefined) return last.number >= number;
  return writers[0]?.writer === DROPPED.writer ? null : false;
}

/** What an object says of its key, beside the records. */
export interface Root {
  readonly writers: Writers;
  /** When it was written, by the clock of the writer: milliseconds since 1970. */
  readonly writtenAt: number;
  /** The records; `null` where the key has been deleted. */
  readonly records: Uint8Array | null;
  /** The key, where it has been deleted. */
  readonly deletedKey: Bytes | null;
}

/** The object of a key that holds something: of the kind of its first record. */
export function encodeRoot(
  core: Core,
  writers: Writers,
  records: Uint8Array[],
  kind: number,
  expires: boolean,
): Bytes {
  return encode(core, writers, new Uint8Array(0), records, TAG_OF_KIND[kind] + (expires ? EXPIRES : 0));
}

/** The object of a key that was deleted. */
export function encodeTombstone(core: Core, writers: Writers, key: Uint8Array): Bytes {
  return encode(core, writers, key, [], 0);
}

function encode(core: Core, writers: Writers, key: Uint8Array, records: Uint8Array[], tag: number): Bytes {
  const headerLength = (HEADER_BYTES + writers.length * WRITER_BYTES + key.length + 7) & ~7;
  const bodyLength = records.reduce((sum, record) => sum + record.length, 0);
  const length = headerLength + bodyLength;
  const object = new Uint8Array(paddedLength(length, tag));
  const view = new DataView(object.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  view.setUint8(5, writers.length);
  view.setUint16(6, tag, true);
  view.setUint32(8, headerLength, true);
  view.setUint32(16, bodyLength, true);
  view.setUint16(20, key.length, true);
  view.setFloat64(24, Date.now(), true);
  writers.forEach(({ writer, number }, i) => {
    view.setBigUint64(HEADER_BYTES + i * WRITER_BYTES, writer, true);
    view.setUint32(HEADER_BYTES + i * WRITER_BYTES + 8, number, true);
  });
  object.set(key, HEADER_BYTES + writers.length * WRITER_BYTES);
  view.setUint32(CHECKSUM_AT, checksumOf(core, object.subarray(0, headerLength)), true);
  let at = headerLength;
  for (const record of records) {
    object.set(record, at);
    at += record.length;
  }
  return object;
}

function paddedLength(length: number, tag: number): number {
  return length + ((tag - length) & (TAGS - 1));
}

/** Whether an object looks as if this package had written it. */
export function isOurs(object: Bytes): boolean {
  return object.length >= HEADER_BYTES && new DataView(object.buffer, object.byteOffset).getUint32(0, true) === MAGIC;
}

/** Reads an object. `CORRUPT`, naming it, when it is not as it was written; its records are checked by who loads them. */
export function decode(core: Core, object: Bytes, name: string): Root {
  const corrupt = (why: string) => new StorageError("CORRUPT", `Cannot read object ${name}: ${why}`);
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  if (!isOurs(object)) throw corrupt("it was not written by this package");
  if (view.getUint8(4) !== VERSION) {
    throw corrupt(`it has version ${view.getUint8(4)}, and this release knows version ${VERSION}`);
  }
  const writerCount = view.getUint8(5);
  const headerLength = view.getUint32(8, true);
  const bodyLength = view.getUint32(16, true);
  const keyLength = view.getUint16(20, true);
  const keyAt = HEADER_BYTES + writerCount * WRITER_BYTES;
  if (headerLength < keyAt + keyLength || headerLength > Math.min(SCRATCH_BYTES, object.length)) {
    throw corrupt("its header is damaged");
  }
  const header = object.slice(0, headerLength);
  const checksum = view.getUint32(CHECKSUM_AT, true);
  new DataView(header.buffer).setUint32(CHECKSUM_AT, 0, true);
  if (checksumOf(core, header) !== checksum) throw corrupt("its header is damaged");
  const length = paddedLength(headerLength + bodyLength, view.getUint16(6, true));
  if (object.length !== length) throw corrupt(`it has ${object.length} bytes, and ${length} were written`);
  return {
    writers: Array.from({ length: writerCount }, (_, i) => ({
      writer: view.getBigUint64(HEADER_BYTES + i * WRITER_BYTES, true),
      number: view.getUint32(HEADER_BYTES + i * WRITER_BYTES + 8, true),
    })),
    writtenAt: view.getFloat64(24, true),
    records: bodyLength === 0 ? null : object.subarray(headerLength, headerLength + bodyLength),
    deletedKey: bodyLength === 0 ? header.slice(keyAt, keyAt + keyLength) : null,
  };
}

function checksumOf(core: Core, bytes: Uint8Array): number {
  core.bytes.set(bytes, core.scratch);
  return core.calls.checksum(core.scratch, bytes.length) >>> 0;
}

/** What the length of an object says: the type of what its key holds, `null` for a key that was deleted, and whether that may have expired. */
export function readTag(length: number): { type: ValueType | null; mayHaveExpired: boolean } {
  return { type: TYPES[length & (EXPIRES - 1)] ?? null, mayHaveExpired: (length & EXPIRES) !== 0 };
}
