import type { FaultyFiles } from "../faulty_files.ts";

// Reads the files of a log as docs/format.md describes them, and shares no code with the store. Checksums are not looked at.

/** A record in a file. */
export interface LogRecord {
  readonly path: string;
  /** Where it begins in the file. */
  readonly offset: number;
  /** How many bytes it takes there. */
  readonly size: number;
  readonly address: number;
  readonly kind: number;
  /** What was replaced or undone before it was written. */
  readonly isVoid: boolean;
  readonly isTombstone: boolean;
  readonly isBlind: boolean;
  /** The key, or the id of a node, one character a byte. */
  readonly key: string;
  /** In milliseconds since 1970, 0 for never. */
  readonly expiry: number;
  /** Where the value begins in the file. */
  readonly valueOffset: number;
  readonly valueLength: number;
}

export const KIND_NODE = 6;
export const KIND_CLEAR = 10;
export const KIND_ACCOUNTS = 11;
export const KIND_COMMIT = 13;
export const KIND_TREE = 14;
export const KIND_PAD = 15;

interface Manifest {
  readonly frameBits: number;
  readonly segmentBytes: number;
  readonly generation: number;
  readonly begin: number;
  readonly epochs: readonly { number: number; from: number; until: number | null }[];
  readonly index: { file: string; replayFrom: number } | null;
}

const ADDRESSES = 2 ** 40;
const UNIT_BYTES = 8;
const PAGE_HEADER_UNITS = 1;
const HEADER_BYTES = 16;
const FLAG_EXPIRES = 0x10;
const FLAG_DEAD = 0x20;

export function readManifestOf(files: FaultyFiles, directory: string): Manifest {
  const text = new TextDecoder().decode(files.contents(`${directory}/MANIFEST`));
  return JSON.parse(text.slice(0, text.lastIndexOf("\n", text.length - 2)));
}

/** All records from the begin of a log that has been closed, in their order. */
export function readLog(files: FaultyFiles, directory: string): LogRecord[] {
  const manifest = readManifestOf(files, directory);
  const pageUnits = 2 ** manifest.frameBits / UNIT_BYTES;
  const records: LogRecord[] = [];
  const reader = new SegmentReader(files, directory, manifest);
  for (const epoch of manifest.epochs) {
    if (epoch.until === null) throw new Error("the log has not been closed");
    let at = isNewer(manifest.begin, epoch.from) ? manifest.begin : epoch.from;
    while (isNewer(epoch.until, at)) {
      const left = pageUnits - at % pageUnits;
      if (left === pageUnits) at += PAGE_HEADER_UNITS;
      else if (left * UNIT_BYTES < HEADER_BYTES) at += left;
      else {
        const record = reader.recordAt(at);
        records.push(record);
        at += record.kind === KIND_PAD ? left : record.size / UNIT_BYTES;
      }
      at %= ADDRESSES;
    }
  }
  return records;
}

function isNewer(a: number, b: number): boolean {
  return a !== b && (a - b + ADDRESSES) % ADDRESSES < ADDRESSES / 2;
}

class SegmentReader {
  readonly #files: FaultyFiles;
  readonly #directory: string;
  readonly #manifest: Manifest;
  readonly #contents = new Map<string, Uint8Array>();

  constructor(files: FaultyFiles, directory: string, manifest: Manifest) {
    this.#files = files;
    this.#directory = directory;
    this.#manifest = manifest;
  }

  recordAt(address: number): LogRecord {
    const { segmentBytes, generation } = this.#manifest;
    const segmentUnits = segmentBytes / UNIT_BYTES;
    const number = Math.floor(address / segmentUnits).toString(16).padStart(5, "0");
    const path = `${this.#directory}/${generation.toString(16)}-${number}.log`;
    const offset = address % segmentUnits * UNIT_BYTES;
    if (!this.#contents.has(path)) this.#contents.set(path, this.#files.contents(path));
    return parse(this.#contents.get(path)!, path, offset, address);
  }
}

function parse(bytes: Uint8Array, path: string, offset: number, address: number): LogRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const bits = view.getUint8(5);
  const kind = bits & 15;
  const keyLength = view.getUint16(6, true);
  const lengthWord = view.getUint32(8, true);
  const expires = (bits & FLAG_EXPIRES) !== 0;
  const keyOffset = HEADER_BYTES + (expires ? 8 : 0);
  const valueOffset = (keyOffset + keyLength + 3) & ~3;
  const valueLength = lengthWord & 0x0fff_ffff;
  const size = kind === KIND_PAD ? HEADER_BYTES : (valueOffset + valueLength + 7) & ~7;
  return {
    path,
    offset,
    size,
    address,
    kind,
    isVoid: (bits & FLAG_DEAD) !== 0,
    isTombstone: (lengthWord & 0x4000_0000) !== 0,
    isBlind: (lengthWord & 0x8000_0000) !== 0,
    key: String.fromCharCode(...bytes.subarray(offset + keyOffset, offset + keyOffset + keyLength)),
    expiry: expires ? Number(view.getBigUint64(16, true)) : 0,
    valueOffset: offset + valueOffset,
    valueLength,
  };
}

export function isNode({ kind }: LogRecord): boolean {
  return kind === KIND_NODE || kind === KIND_TREE;
}

/** The records that are still live at the end of a log: of users' keys, and of the nodes that belong to their values. */
export function liveRecords(records: readonly LogRecord[]): LogRecord[] {
  const live = new Map<string, LogRecord>();
  for (const record of records) {
    if (record.isVoid || [KIND_ACCOUNTS, KIND_COMMIT, KIND_PAD].includes(record.kind)) continue;
    if (record.kind === KIND_CLEAR) {
      live.clear();
      continue;
    }
    const name = `${isNode(record) ? "node" : "key"} ${record.key}`;
    if (record.isTombstone) live.delete(name);
    else live.set(name, record);
  }
  return [...live.values()];
}
