// Linear memory, low to high:
//
//   | data | scratch | page table | bucket directory | segment tables | frame 0 | frame 1 | …
//
// All that grows lives in frames of one size: a log page, a stretch of buckets or a stretch of overflow buckets each
// take one. So the budget is a number of frames, and what one part frees another can use. The host grows the memory,
// never this code: it alone knows when that is cheap.

/** Keys, values and batches come in here, record pointers and snapshot blocks go out. */
export const SCRATCH_BYTES: u32 = 196672;
/** Where in the scratch area a value starts that comes beside a key; keys are at most 65,535 bytes. */
export const SCRATCH_VALUE: u32 = 65536;
/** Where a field or member starts, of at most 65,535 bytes too. */
export const SCRATCH_FIELD: u32 = 131072;
/** The longest block of a snapshot. */
export const BLOCK_BYTES: u32 = 131072;
export const scratch: usize = memory.data(196672, 64);

/** A page table entry: earliest expiry (f64), frame (u32), unused (u32). */
export const PAGE_ENTRY_BYTES: u32 = 16;

export let frameBits: u32 = 0;
export let frameBytes: u32 = 0;
export let maxFrames: u32 = 0;
export let ringMask: u32 = 0;
export let pageTable: usize = 0;
export let directory: usize = 0;
/** Frames to keep at hand, so that recycling is done before it is needed: 4 % of those there are. */
let reserveFrames: u32 = 4;

// A log on files has, for each of its segments, a row of accounts, and, for the rows that have changed, a list and a mark.
// There are frames of the read cache, too, in the order in which they were begun.
export let accounts: usize = 0;
export let accountsMask: u32 = 0;
export let dirtyRows: usize = 0;
export let cacheRing: usize = 0;
const SEGMENT_BYTES: u32 = 80 + 4 + 1;

let firstFrame: usize = 0;
let backedFrames: u32 = 0;
let freshFrames: u32 = 0;
let freeList: usize = 0;
let freeFrames: u32 = 0;

function ringSize(frames: u32): u32 {
  // One more than the pages there can be, so that the page being opened never meets the oldest one.
  return u32(1) << (32 - clz<u32>(frames));
}

/** Bytes below the first frame for a pool of at most `frames` frames, and a log of at most `segments` (a power of two, or 0). */
export function controlBytes(frames: u32, segments: u32): u32 {
  let end = __heap_base + ringSize(frames) * PAGE_ENTRY_BYTES + frames * 4;
  if (segments != 0) end += segments * SEGMENT_BYTES + frames * 4;
  return u32((end + 127) & ~63);
}

export function initFrames(bits: u32, frames: u32, segments: u32): void {
  frameBits = bits;
  frameBytes = u32(1) << bits;
  maxFrames = frames;
  ringMask = ringSize(frames) - 1;
  pageTable = (__heap_base + 7) & ~7;
  directory = pageTable + ringSize(frames) * PAGE_ENTRY_BYTES;
  firstFrame = controlBytes(frames, segments);
  cacheRing = directory + frames * 4;
  accounts = (cacheRing + frames * 4 + 7) & ~7;
  accountsMask = segments - 1;
  dirtyRows = accounts + segments * 80;
}

/** The host has grown the memory to hold `frames` frames. */
export function provideFrames(frames: u32): void {
  freshFrames += frames - backedFrames;
  backedFrames = frames;
  reserveFrames = max(4, frames / 25);
}

/** The runtime gives no more memory than for the frames there are: the limit follows. */
export function limitFrames(): void {
  maxFrames = backedFrames;
}

/** Frames that can be had at once. */
export function availableFrames(): u32 {
  return freshFrames + freeFrames;
}

/** Whether fewer frames are at hand than should be. */
export function areFramesLow(): bool {
  return availableFrames() < reserveFrames;
}

/** Takes a frame, or answers 0. A frame that was used before keeps its old bytes unless `zeroed` is asked for. */
export function takeFrame(zeroed: bool): usize {
  let frame: usize = 0;
  if (freeFrames > 0) {
    frame = freeList;
    freeList = load<u32>(frame);
    freeFrames--;
    if (zeroed) memory.fill(frame, 0, frameBytes);
  } else if (freshFrames > 0) {
    frame = firstFrame + (usize(backedFrames - freshFrames) << frameBits);
    freshFrames--;
  } else {
    return 0;
  }
  return frame;
}

export function giveFrame(frame: usize): void {
  store<u32>(frame, u32(freeList));
  freeList = frame;
  freeFrames++;
}
