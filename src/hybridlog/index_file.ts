import type { Core } from "../core/core.ts";
import { BLOCK_BYTES } from "../core/layout.ts";
import type { FileSystem, OpenFile } from "../runtime/files.ts";
import type { Progress } from "./progress.ts";

// A saved index:
//
//   header: | "FERRINDX" | version u32 | frame bits u32 | buckets u32 | checksum u32 |
//   block:  | first bucket u32 | buckets u32 | bytes u32 | checksum u32 | buckets as wasm/index_file.ts has them |, …
//   end:    | number of buckets u32 | 0 u32 | 0 u32 | checksum u32 |
//
// Checksums are over the 12 or 20 bytes before them and, in a block, what follows.

const MAGIC = 0x58444e4952524546n; // FERRINDX
const VERSION = 1;
const HEADER_BYTES = 24;
const BLOCK_HEADER_BYTES = 16;

/** Saves the index to a new file, in slices, while it is being changed. O(entries). */
export async function saveIndex(
  core: Core,
  files: FileSystem,
  path: string,
  frameBits: number,
  progress: Progress,
): Promise<void> {
  await files.remove(path);
  const file = await files.create(path);
  try {
    let position = await writeHeader(core, file, frameBits);
    let bucket = 0;
    while (bucket < core.calls.buckets.value) {
      const count = core.calls.saveBuckets(bucket);
      const block = makeBlock(core, bucket, count, core.calls.savedBucketBytes());
      await file.write(block, position);
      position += block.length;
      bucket += count;
      await progress.report(bucket, core.calls.buckets.value);
    }
    await file.write(makeBlock(core, bucket, 0, 0), position);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeHeader(core: Core, file: OpenFile, frameBits: number): Promise<number> {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setBigUint64(0, MAGIC, true);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, frameBits, true);
  view.setUint32(16, core.calls.buckets.value, true);
  view.setUint32(20, checksumOf(core, header.subarray(0, 20)), true);
  await file.write(header, 0);
  return HEADER_BYTES;
}

/** A block of the bytes in the scratch area. */
function makeBlock(core: Core, first: number, count: number, bytes: number): Uint8Array {
  const block = new Uint8Array(BLOCK_HEADER_BYTES + bytes);
  const view = new DataView(block.buffer);
  view.setUint32(0, first, true);
  view.setUint32(4, count, true);
  view.setUint32(8, bytes, true);
  block.set(core.bytes.subarray(core.scratch, core.scratch + bytes), BLOCK_HEADER_BYTES);
  view.setUint32(12, checksumOf(core, block), true);
  return block;
}

/** The checksum of bytes, of which the field for it is 0; they are put at the upper end of the scratch area for that. */
function checksumOf(core: Core, bytes: Uint8Array): number {
  const at = core.calls.loadBench.value >>> 0;
  core.bytes.set(bytes, at);
  return core.calls.checksum(at, bytes.length) >>> 0;
}

/** Loads a saved index into an empty core; false when the file is not a whole one, or not of this log. O(entries). */
export async function loadIndex(
  core: Core,
  files: FileSystem,
  path: string,
  frameBits: number,
  progress: Progress,
): Promise<boolean> {
  let file: OpenFile;
  try {
    file = await files.open(path);
  } catch {
    return false; // the log has everything
  }
  try {
    return await loadFrom(core, file, frameBits, progress);
  } finally {
    await file.close();
  }
}

async function loadFrom(core: Core, file: OpenFile, frameBits: number, progress: Progress): Promise<boolean> {
  const header = new Uint8Array(HEADER_BYTES);
  if (await file.read(header, 0) < HEADER_BYTES) return false;
  const view = new DataView(header.buffer);
  const isRight = view.getBigUint64(0, true) === MAGIC && view.getUint32(8, true) === VERSION &&
    view.getUint32(12, true) === frameBits && view.getUint32(20, true) === checksumOf(core, header.subarray(0, 20));
  if (!isRight) return false;
  const buckets = view.getUint32(16, true);
  while (core.calls.prepareBuckets(buckets) === 0) if (!core.grow(64)) return false;
  const block = new Uint8Array(BLOCK_HEADER_BYTES + BLOCK_BYTES);
  for (let bucket = 0, position = HEADER_BYTES;;) {
    const length = file.readSync(block, position);
    if (length < BLOCK_HEADER_BYTES) return false;
    const head = new DataView(block.buffer);
    const [first, count, bytes, checksum] = [0, 4, 8, 12].map((at) => head.getUint32(at, true));
    if (first !== bucket || bytes > Math.min(length, BLOCK_BYTES) - BLOCK_HEADER_BYTES) return false;
    head.setUint32(12, 0, true);
    if (checksumOf(core, block.subarray(0, BLOCK_HEADER_BYTES + bytes)) !== checksum) return false;
    if (count === 0) return true;
    core.bytes.set(block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + bytes), core.scratch);
    for (let next = bucket; core.calls.loadBuckets(next, bytes) < 0; next = core.calls.loadedBucket()) {
      if (!core.grow(64)) return false;
    }
    bucket += count;
    position += BLOCK_HEADER_BYTES + bytes;
    await progress.report(bucket, buckets);
  }
}
