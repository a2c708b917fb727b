import type { Core } from "../core/core.ts";
import { BLOB_RECORD_BYTES, COLD, INLINE_BYTES, KIND_NODE, MISSING, RESERVED } from "../core/layout.ts";
import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { CHUNK_ROOT_BYTES, Packing } from "./packing.ts";
import type { Records } from "./records.ts";

// A value longer than one record is a root, written under its key, and chunks of INLINE_BYTES, written under node ids:
//
//   root:  | value length u32 | chunk count u32 | object number u64 |
//   chunk: key = object number × 65,536 + index
//
// The ids are consecutive, so any chunk is found in O(1) and the root stays small. A blob is a long string of a collection:
// its chunks are the same, but for one of up to 65,536 bytes, which is one record.

const NODES_PER_OBJECT = 65_536;
const TWO_TO_32 = 2 ** 32;

function chunkCount(length: number): number {
  return Math.ceil(length / INLINE_BYTES);
}

/** Puts the root of a value of `length` bytes where a value goes, and returns the root's length. */
export function putRoot(core: Core, length: number, object: number): number {
  putWords(core, core.valueAt, length, chunkCount(length));
  putWords(core, core.valueAt + 8, object % TWO_TO_32, Math.floor(object / TWO_TO_32));
  return CHUNK_ROOT_BYTES;
}

/** The length and object number of the value whose root is `record`. */
export function readRoot(core: Core, record: number): { length: number; object: number } {
  const at = core.valueStart(record) >>> 2;
  const [length, , low, high] = core.words.subarray(at, at + 4);
  return { length: length >>> 0, object: (low >>> 0) + (high >>> 0) * TWO_TO_32 };
}

/** Writes `value` in chunks from chunk `first` on. The space has been reserved, and chunks that are there have been read. */
export function writeChunks(records: Records, object: number, first: number, value: Uint8Array): void {
  for (let start = 0, index = first; start < value.length; start += INLINE_BYTES, index++) {
    writeChunk(records, object, index, value.subarray(start, start + INLINE_BYTES));
  }
}

/** A step may be half done here: were its room not reserved, or a chunk of before not read, it could stop there. */
function writeChunk(records: Records, object: number, index: number, chunk: Uint8Array): void {
  const { core } = records;
  putNodeId(core, object, index);
  core.bytes.set(chunk, core.valueAt);
  const answer = core.calls.upsert(8, chunk.length, KIND_NODE | RESERVED, 0, 0);
  if (answer === MISSING) records.missing();
  if (answer < 0) throw new StorageError("OUT_OF_MEMORY", `Cannot write chunk ${index}: its reserved room is gone`);
}

/** Reads `length` bytes from `start` on. */
export function readChunks(records: Records, object: number, start: number, length: number): Bytes {
  const value = new Uint8Array(length);
  let at = start;
  while (at < start + length) {
    const offset = at % INLINE_BYTES;
    const end = Math.min(offset + start + length - at, INLINE_BYTES);
    value.set(viewChunk(records, object, Math.floor(at / INLINE_BYTES), end).subarray(offset, end), at - start);
    at += end - offset;
  }
  return value;
}

/** A view of a chunk, good until the next write. `CORRUPT` when it has fewer than `least` bytes. */
export function viewChunk(records: Records, object: number, index: number, least: number): Uint8Array {
  const { core } = records;
  putNodeId(core, object, index);
  let node = core.calls.findNode() >>> 0;
  for (; node <= COLD; node = core.calls.findNode() >>> 0) records.fetch();
  const start = core.valueStart(node);
  const length = core.valueLength(node);
  if (length < least) throw new StorageError("CORRUPT", "Cannot read value: a part of it is not what was written last");
  return core.bytes.subarray(start, start + length);
}

/** Reads the blob for which the bytes at `at` stand: 0xff, its length (u32) and object number (u48). */
export function readBlob(records: Records, at: number): Bytes {
  const { bytes } = records.core;
  const view = new DataView(bytes.buffer, at, 11);
  const length = view.getUint32(1, true);
  const object = view.getUint32(5, true) + view.getUint16(9, true) * TWO_TO_32;
  return length <= BLOB_RECORD_BYTES
    ? viewChunk(records, object, 0, length).slice() as Bytes
    : readChunks(records, object, 0, length);
}

/** Writes a value as a blob and puts the bytes that stand for it where a value goes. To be undone with its step. */
export function writeBlob(records: Records, value: Uint8Array): void {
  const { core } = records;
  const packing = new Packing(core);
  if (value.length <= BLOB_RECORD_BYTES) packing.add(8, value.length);
  else packing.addChunks(value.length);
  records.reserve(packing);
  const object = core.calls.takeObject();
  if (value.length <= BLOB_RECORD_BYTES) {
    writeChunk(records, object, 0, value);
  } else {
    writeChunks(records, object, 0, value);
  }
  const view = new DataView(core.bytes.buffer, core.valueAt, 11);
  view.setUint8(0, 0xff);
  view.setUint32(1, value.length, true);
  view.setUint32(5, object % TWO_TO_32, true);
  view.setUint16(9, Math.floor(object / TWO_TO_32), true);
}

function putNodeId(core: Core, object: number, index: number): void {
  // object × 65,536 + index has up to 53 + 16 bits: too many for a number, so the words are made apart.
  const low = (object % NODES_PER_OBJECT) * NODES_PER_OBJECT + index;
  putWords(core, core.scratch, low, Math.floor(object / NODES_PER_OBJECT));
}

function putWords(core: Core, at: number, low: number, high: number): void {
  core.words[at >>> 2] = low;
  core.words[(at >>> 2) + 1] = high;
}
