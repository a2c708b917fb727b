import type { Core } from "../core/core.ts";
import { INLINE_BYTES, KIND_NODE, RESERVED } from "../core/layout.ts";
import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";

// A value longer than one record is a root, written under its key, and chunks of INLINE_BYTES, written under node ids:
//
//   root:  | value length u32 | chunk count u32 | object number u64 |
//   chunk: key = object number × 65,536 + index
//
// The ids are consecutive, so any chunk is found in O(1) and the root stays small.

/** Header, expiry and padding of a record at most. */
export const RECORD_OVERHEAD_BYTES = 40;
export const ROOT_BYTES = 16;
const NODES_PER_OBJECT = 65_536;
export const CHUNK_RECORD_BYTES = 16_376;
const TWO_TO_32 = 2 ** 32;

export function chunkCount(length: number): number {
  return Math.ceil(length / INLINE_BYTES);
}

/** Puts the root of a value of `length` bytes where a value goes, and returns the root's length. */
export function putRoot(core: Core, length: number, object: number): number {
  putWords(core, core.valueAt, length, chunkCount(length));
  putWords(core, core.valueAt + 8, object % TWO_TO_32, Math.floor(object / TWO_TO_32));
  return ROOT_BYTES;
}

/** The length and object number of the value whose root is `record`. */
export function readRoot(core: Core, record: number): { length: number; object: number } {
  const at = core.valueStart(record) >>> 2;
  const [length, , low, high] = core.words.subarray(at, at + 4);
  return { length: length >>> 0, object: (low >>> 0) + (high >>> 0) * TWO_TO_32 };
}

/** Writes `value` in chunks from chunk `first` on. The space has been reserved. */
export function writeChunks(core: Core, object: number, first: number, value: Uint8Array): void {
  for (let start = 0, index = first; start < value.length; start += INLINE_BYTES, index++) {
    const chunk = value.subarray(start, start + INLINE_BYTES);
    putNodeId(core, object, index);
    core.bytes.set(chunk, core.valueAt);
    const answer = core.calls.upsert(8, chunk.length, KIND_NODE | RESERVED, 0, 0);
    if (answer < 0) throw new StorageError("OUT_OF_MEMORY", `Cannot write chunk ${index}: its reserved room is gone`);
  }
}

/** Reads a whole value. */
export function readChunks(core: Core, record: number): Bytes {
  const { length, object } = readRoot(core, record);
  const value = new Uint8Array(length);
  for (let start = 0, index = 0; start < length; start += INLINE_BYTES, index++) {
    value.set(viewChunk(core, object, index), start);
  }
  return value;
}

/** A view of a chunk, good until the next write. */
export function viewChunk(core: Core, object: number, index: number): Uint8Array {
  putNodeId(core, object, index);
  const node = core.calls.findNode() >>> 0;
  if (node === 0) throw new StorageError("CORRUPT", `Cannot read value: its chunk ${index} is missing`);
  const start = core.valueStart(node);
  return core.bytes.subarray(start, start + core.valueLength(node));
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
