// The object of a key, little-endian:
//
//   0        4         5         6     8               12         16             20           22           24
//   | "FeRC" | version | writers | tag | header length | checksum | body length  | key length | part count | written at … |
//   | u32    | u8      | u8      | u16 | u32           | u32      | u32          | u16        | u16        | f64, ms      |
//
//   32
//   | writers … | parts … | key … pad 8 | body: records … | pad with zeros
//
//   writer: | id u64 | number of its last write u32 |
//   part:   | name: 16 bytes | which of the objects that are elsewhere u32 | how many records of it u32 |
//
// A writer is a store, and numbers what it writes. Those that wrote last come last; in the place of the first is one of zeros when others
// were dropped. The checksum is that of the header, itself taken as 0. The key is there only where there is no record, which has it: then
// the key has been deleted. Records are as docs/format.md says, the key's first; in them an object number counts what is in here from 1, or,
// from 2^40 on, what is elsewhere. What is elsewhere is in parts, which are objects of the same form, without writers, that never change: a
// record and what lies below it, or some of the chunks of a large value, which take several. A list shows no more of an object than its
// length, so that of a key is padded until its length modulo 16 is the tag, which says what it is:
//
//   0: deleted   1 … 5: string, list, hash, set, sorted set   + 8: may have expired

import { fromHex, toHex } from "../bytes.ts";
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

/** Numbers of objects from here on are those of objects that are elsewhere. */
export const FIRST_EXTERNAL: number = 2 ** 40;
const PART_BYTES = 24;
const PART_ID_BYTES = 16;

/** A part that is an object of its own. */
export interface PartReference {
  /** Its name among all parts of a key, in hex. */
  readonly id: string;
  /** How many records of what it is a part of it has. */
  readonly count: number;
}

/** The name of a part, which no other part has. */
export function newPartId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(PART_ID_BYTES)));
}

/** What is stored in an object. */
export interface Stored {
  /** Records, one behind another. */
  readonly records: Uint8Array;
  /** The parts of each thing that the records refer to and that is elsewhere. */
  readonly externals: readonly (readonly PartReference[])[];
}

/** What an object says of its key. */
export interface Root {
  readonly writers: Writers;
  /** When it was written, by the clock of the writer: milliseconds since 1970. */
  readonly writtenAt: number;
  /** What the key holds; `null` where it has been deleted. */
  readonly stored: Stored | null;
  /** The key, where it has been deleted. */
  readonly deletedKey: Bytes | null;
  /** What the length of the object says. */
  readonly tag: number;
}

/** The object of a key that holds something, of the kind of its first record. */
export function encodeRoot(
  core: Core,
  writers: Writers,
  stored: Stored,
  kind: number,
  expires: boolean,
): Bytes {
  return encode(core, writers, NOTHING, stored, TAG_OF_KIND[kind] + (expires ? EXPIRES : 0));
}

/** The object of a key as it is, after one more write. */
export function encodeAgain(core: Core, writers: Writers, { stored, deletedKey, tag }: Root): Bytes {
  return encode(core, writers, deletedKey ?? NOTHING, stored ?? { records: NOTHING, externals: [] }, tag);
}

/** The object of a key that was deleted. */
export function encodeTombstone(core: Core, writers: Writers, key: Uint8Array): Bytes {
  return encode(core, writers, key, { records: NOTHING, externals: [] }, 0);
}

/** The object of a part. */
export function encodePart(core: Core, stored: Stored): Bytes {
  return encode(core, [], NOTHING, stored, 0);
}

const NOTHING = new Uint8Array(0);

function encode(core: Core, writers: Writers, key: Uint8Array, stored: Stored, tag: number): Bytes {
  const { records, externals } = stored;
  const parts = externals.flatMap((list, index) => list.map((part) => ({ ...part, index })));
  const partsAt = HEADER_BYTES + writers.length * WRITER_BYTES;
  const keyAt = partsAt + parts.length * PART_BYTES;
  const headerLength = (keyAt + key.length + 7) & ~7;
  const object = new Uint8Array(paddedLength(headerLength + records.length, tag));
  const view = new DataView(object.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  view.setUint8(5, writers.length);
  view.setUint16(6, tag, true);
  view.setUint32(8, headerLength, true);
  view.setUint32(16, records.length, true);
  view.setUint16(20, key.length, true);
  view.setUint16(22, parts.length, true);
  view.setFloat64(24, Date.now(), true);
  writers.forEach(({ writer, number }, i) => {
    view.setBigUint64(HEADER_BYTES + i * WRITER_BYTES, writer, true);
    view.setUint32(HEADER_BYTES + i * WRITER_BYTES + 8, number, true);
  });
  parts.forEach(({ id, index, count }, i) => {
    const at = partsAt + i * PART_BYTES;
    object.set(fromHex(id), at);
    view.setUint32(at + PART_ID_BYTES, index, true);
    view.setUint32(at + PART_ID_BYTES + 4, count, true);
  });
  object.set(key, keyAt);
  view.setUint32(CHECKSUM_AT, checksumOf(core, object.subarray(0, headerLength)), true);
  object.set(records, headerLength);
  return object;
}

function paddedLength(length: number, tag: number): number {
  return length + ((tag - length) & (TAGS - 1));
}

/** Whether an object looks as if this package had written it. */
export function isOurs(object: Bytes): boolean {
  return object.length >= HEADER_BYTES && new DataView(object.buffer, object.byteOffset).getUint32(0, true) === MAGIC;
}

/**
 * Reads an object. `CORRUPT`, naming it, when it is not as it was written, `UNSUPPORTED` when a later release has written it; its records are
 * checked by who loads them.
 */
export function decode(core: Core, object: Bytes, name: string): Root {
  const corrupt = (why: string) => new StorageError("CORRUPT", `Cannot read object ${name}: ${why}`);
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  if (!isOurs(object)) throw corrupt("it was not written by this package");
  const headerLength = view.getUint32(8, true);
  if (headerLength < HEADER_BYTES || headerLength > Math.min(SCRATCH_BYTES, object.length)) {
    throw corrupt("its header is damaged");
  }
  const header = object.slice(0, headerLength);
  const checksum = view.getUint32(CHECKSUM_AT, true);
  new DataView(header.buffer).setUint32(CHECKSUM_AT, 0, true);
  if (checksumOf(core, header) !== checksum) throw corrupt("its header is damaged");
  // Every version has what is above in its place, so that damage of this number is found out.
  const version = view.getUint8(4);
  if (version !== VERSION) {
    throw new StorageError(
      "UNSUPPORTED",
      `Cannot read object ${name}: it has version ${version}, and this package reads ${VERSION}`,
    );
  }
  const writerCount = view.getUint8(5);
  const bodyLength = view.getUint32(16, true);
  const keyLength = view.getUint16(20, true);
  const partCount = view.getUint16(22, true);
  const partsAt = HEADER_BYTES + writerCount * WRITER_BYTES;
  const keyAt = partsAt + partCount * PART_BYTES;
  if (headerLength < keyAt + keyLength) throw corrupt("its header is damaged");
  const length = paddedLength(headerLength + bodyLength, view.getUint16(6, true));
  if (object.length !== length) throw corrupt(`it has ${object.length} bytes, and ${length} were written`);
  return {
    writers: Array.from({ length: writerCount }, (_, i) => ({
      writer: view.getBigUint64(HEADER_BYTES + i * WRITER_BYTES, true),
      number: view.getUint32(HEADER_BYTES + i * WRITER_BYTES + 8, true),
    })),
    writtenAt: view.getFloat64(24, true),
    tag: view.getUint16(6, true),
    stored: bodyLength === 0 ? null : {
      records: object.subarray(headerLength, headerLength + bodyLength),
      externals: readParts(view, partsAt, partCount),
    },
    deletedKey: bodyLength === 0 ? header.slice(keyAt, keyAt + keyLength) : null,
  };
}

function readParts(view: DataView, partsAt: number, partCount: number): PartReference[][] {
  const externals: PartReference[][] = [];
  for (let at = partsAt; at < partsAt + partCount * PART_BYTES; at += PART_BYTES) {
    const id = toHex(new Uint8Array(view.buffer, view.byteOffset + at, PART_ID_BYTES));
    const index = view.getUint32(at + PART_ID_BYTES, true);
    (externals[index] ??= []).push({ id, count: view.getUint32(at + PART_ID_BYTES + 4, true) });
  }
  return externals;
}

function checksumOf(core: Core, bytes: Uint8Array): number {
  core.bytes.set(bytes, core.scratch);
  return core.calls.checksum(core.scratch, bytes.length) >>> 0;
}

/** What the length of an object says: the type of what its key holds, `null` for a key that was deleted, and whether that may have expired. */
export function readTag(length: number): { type: ValueType | null; mayHaveExpired: boolean } {
  return { type: TYPES[length & (EXPIRES - 1)] ?? null, mayHaveExpired: (length & EXPIRES) !== 0 };
}
