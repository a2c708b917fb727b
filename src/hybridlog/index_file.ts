import type { Core } from "../core/core.ts";
import { BLOCK_BYTES, LOAD_NEEDS_FRAMES, LOADED } from "../core/layout.ts";
import type { FileSystem, OpenFile } from "../runtime/files.ts";
import type { Progress } from "./progress.ts";

// A saved index:
//
//   header: | "FERRINDX" | version u32 | frame bits u32 | buckets u32 | checksum u32 |
//   block:  | first bucket u32 | buckets u32 | bytes u32 | checksum u32 | buckets as wasm/index_file.ts has them |, …
//   end:    | number of buckets u32 | 0 u32 | 0 u32 | checksum u32 |
//
// The header's checksum is over the 20 bytes before it, the others are over the whole block or end, with themselves as 0.

const MAGIC = 0x58444e4952524546n; // FERRINDX
const VERSION = 1;
const HEADER_BYTES = 24;
/** In the scratch area, too, the buckets of a block lie behind so many bytes. */
export const BLOCK_HEADER_BYTES = 16;

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
    const { buckets } = core.calls;
    let bucket = 0;
    let known = buckets.value;
    for (let end = known; bucket < end;) {
      const count = core.calls.saveBuckets(bucket);
      const block = takeBlock(core, bucket, count, core.calls.savedBucketBytes());
      await file.write(block, position);
      position += block.length;
      bucket += count;
      await progress.report(Math.min(bucket, end), end);
      end = endAfter(end, known, buckets.value, bucket);
      known = buckets.value;
    }
    await progress.report(bucket, bucket); // a `clear` may have left fewer
    await file.write(takeBlock(core, bucket, 0, 0), position);
    await file.sync();
    await file.close();
  } catch (error) {
    // The log goes on without it, and may need the room.
    await file.close().catch(() => {});
    await files.remove(path).catch(() => {});
    throw error;
  }
}

/**
 * How many buckets have to be saved, after there have become `now` of them from `known`, and those before `bucket` are saved. A bucket that
 * was split off from a saved one holds nothing that is not saved, or in the log: without that, an index that goes on growing would
 * never be saved. One that was emptied may be smaller.
 */
function endAfter(end: number, known: number, now: number, bucket: number): number {
  if (now < end) return now;
  const round = Math.floor(Math.log2(now));
  const isNewRound = round !== Math.floor(Math.log2(known));
  // In each round buckets are split in their order: those before this one have been.
  const splitUntil = now - 2 ** round;
  return now !== known && (isNewRound || splitUntil > bucket) ? now : end;
}

async function writeHeader(core: Core, file: OpenFile, frameBits: number): Promise<number> {
  const header = inScratch(core, HEADER_BYTES);
  header.setBigUint64(0, MAGIC, true);
  header.setUint32(8, VERSION, true);
  header.setUint32(12, frameBits, true);
  header.setUint32(16, core.calls.buckets.value, true);
  header.setUint32(20, core.calls.checksum(core.scratch, 20), true);
  await file.write(core.bytes.slice(core.scratch, core.scratch + HEADER_BYTES), 0);
  return HEADER_BYTES;
}

function inScratch(core: Core, length: number): DataView {
  return new DataView(core.bytes.buffer, core.scratch, length);
}

/** A block of the buckets in the scratch area, where the room for its header is. */
function takeBlock(core: Core, first: number, count: number, bytes: number): Uint8Array {
  const head = inScratch(core, BLOCK_HEADER_BYTES);
  head.setUint32(0, first, true);
  head.setUint32(4, count, true);
  head.setUint32(8, bytes, true);
  head.setUint32(12, 0, true);
  head.setUint32(12, core.calls.checksum(core.scratch, BLOCK_HEADER_BYTES + bytes), true);
  return core.bytes.slice(core.scratch, core.scratch + BLOCK_HEADER_BYTES + bytes);
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
  const { calls, scratch } = core;
  if (readIn(core, file, HEADER_BYTES, 0) < HEADER_BYTES) return false;
  const header = inScratch(core, HEADER_BYTES);
  const isRight = header.getBigUint64(0, true) === MAGIC && header.getUint32(8, true) === VERSION &&
    header.getUint32(12, true) === frameBits && header.getUint32(20, true) === calls.checksum(scratch, 20) >>> 0;
  if (!isRight) return false;
  const buckets = header.getUint32(16, true);
  while (calls.prepareBuckets(buckets) === 0) if (!core.grow(64)) return false;
  for (let bucket = 0, position = HEADER_BYTES;;) {
    const length = readIn(core, file, BLOCK_HEADER_BYTES + BLOCK_BYTES, position);
    if (length < BLOCK_HEADER_BYTES) return false;
    const head = inScratch(core, BLOCK_HEADER_BYTES);
    const [first, count, bytes, checksum] = [0, 4, 8, 12].map((at) => head.getUint32(at, true));
    if (first !== bucket || bytes > length - BLOCK_HEADER_BYTES) return false;
    head.setUint32(12, 0, true);
    if (calls.checksum(scratch, BLOCK_HEADER_BYTES + bytes) >>> 0 !== checksum) return false;
    if (count === 0) return true;
    let answer = calls.loadBuckets(bucket, count, bytes);
    while (answer === LOAD_NEEDS_FRAMES && core.grow(64)) answer = calls.loadBuckets(bucket, count, bytes);
    if (answer !== LOADED) return false;
    bucket += count;
    position += BLOCK_HEADER_BYTES + bytes;
    await progress.report(Math.min(bucket, buckets), buckets);
  }
}

/** Reads into the scratch area; fewer bytes come only at the end of the file. */
function readIn(core: Core, file: OpenFile, length: number, position: number): number {
  return file.readSync(core.bytes.subarray(core.scratch, core.scratch + length), position);
}
