// What a transaction has unlinked, in order: the address of each record, or a pointer to it with CACHED where it is a copy
// in the read cache. The first entries have a place of their own; more lie in frames.

import { frameBytes, giveFrame, takeFrame } from "./frames";
import { CACHED } from "./hash_index";

const FIRST_BYTES: u32 = 16384;
const first: usize = memory.data(16384, 8);
/** No call unlinks more records than this. */
const MOST_BYTES: u32 = 8192;
const MAX_FRAMES: u32 = 512;
const frames: usize = memory.data(2048, 8);

let frameCount: u32 = 0;
let bytes: u32 = 0;

export function beginJournal(): void {
  bytes = 0;
}

function capacity(): u32 {
  return FIRST_BYTES + frameCount * frameBytes;
}

/** How many frames have to be at hand so that the next call can be noted. */
export function journalFrames(): u32 {
  return capacity() - bytes < MOST_BYTES ? 1 : 0;
}

function placeOf(offset: u32): usize {
  if (offset < FIRST_BYTES) return first + offset;
  const index = (offset - FIRST_BYTES) / frameBytes;
  return usize(load<u32>(frames + (index << 2))) + (offset - FIRST_BYTES) % frameBytes;
}

export function journalReplaced(record: usize, address: u64, isCopy: bool): void {
  if (bytes == capacity()) {
    assert(frameCount < MAX_FRAMES);
    store<u32>(frames + (frameCount << 2), u32(takeFrame(false)));
    frameCount++;
  }
  store<u64>(placeOf(bytes), isCopy ? CACHED | u64(record) : address);
  bytes += 8;
}

export function journalLength(): u32 {
  return bytes >> 3;
}

export function journalEntry(i: u32): u64 {
  return load<u64>(placeOf(i << 3));
}

export function endJournal(): void {
  bytes = 0;
  while (frameCount > 0) {
    frameCount--;
    giveFrame(usize(load<u32>(frames + (frameCount << 2))));
  }
}
