// A snapshot is the live records of the log in their order, each made ready to leave memory. While one is written, what
// it has not reached yet is not changed in place, and what is replaced or removed behind its back stays owed to it: so
// it shows one moment, and writes go on. In the scratch area lies one block of records at a time.

import { availableFrames, BLOCK_BYTES, scratch } from "./frames";
import {
  advance,
  allocate,
  allocated,
  begin,
  distance,
  firstRecord,
  isPageStart,
  nextPage,
  pointerOf,
  tail,
  tailLeft,
} from "./log";
import { chain, growIndex, insertSlot, locate, slot } from "./hash_index";
import {
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  hasFlag,
  HEADER_BYTES,
  isNodeKind,
  keyLengthOf,
  keyOf,
  KIND_CHUNKED,
  KIND_PAD,
  KIND_TREE,
  KIND_ZSET,
  kindOf,
  setBits,
  setPrev,
  sizeOf,
  valueLengthOf,
  valueOf,
} from "./record";
import { resumeReclaim } from "./reclaim";
import { isIntact, seal } from "./seal";
import { noteObject } from "./text";
import { countLive, isSnapshotting, setSnapshot, snapshotEnd, snapshotNext } from "./space";

/** How many records the last block holds. */
export let blockRecords: u32 = 0;

export const LOADED: i32 = 0;
export const LOAD_CORRUPT: i32 = -1;
export const LOAD_NEEDS_FRAMES: i32 = -2;

export function beginSnapshot(): void {
  setSnapshot(true, begin, tail);
}

export function endSnapshot(): void {
  setSnapshot(false, 0, 0);
}

/** Whether nextBlock() has been over all records. */
export function isSnapshotDone(): bool {
  return snapshotNext == snapshotEnd;
}

/** How much of the log one block goes over at most: where all is dead, it would go on and on. */
const BLOCK_WALK_UNITS: u64 = 131072;

/**
 * Fills the scratch area with the next records and returns how many bytes: 0 where none were found in one stretch of the
 * log. It must be called until isSnapshotDone(), even when nobody wants the blocks any more: it settles what is owed.
 */
export function nextBlock(): u32 {
  let out = scratch;
  blockRecords = 0;
  let at = snapshotNext;
  const limit = distance(at) > BLOCK_WALK_UNITS ? distance(at) - BLOCK_WALK_UNITS : 0;
  while (at != snapshotEnd && distance(at) > limit) {
    const record = pointerOf(at);
    if (isPageStart(at)) {
      at = firstRecord(at);
      continue;
    }
    if (kindOf(record) == KIND_PAD) {
      at = firstRecord(nextPage(at));
      continue;
    }
    const size = sizeOf(record);
    if (!hasFlag(record, FLAG_DEAD)) {
      if (out + size > scratch + BLOCK_BYTES) break;
      memory.copy(out, record, size);
      sealAlone(out, size);
      out += size;
      blockRecords++;
      if (hasFlag(record, FLAG_OWED)) setBits(record, (bitsOf(record) & ~FLAG_OWED) | FLAG_DEAD);
    }
    at = advance(at, size);
  }
  setSnapshot(isSnapshotting, at, snapshotEnd);
  return u32(out - scratch);
}

/** Leaves a record in the scratch area as it is stored, ready for loadBlock(), and returns its length. */
export function exportRecord(record: usize): u32 {
  const size = sizeOf(record);
  memory.copy(scratch, record, size);
  sealAlone(scratch, size);
  return size;
}

/** Makes a copy of a record ready to be loaded by any core. */
function sealAlone(record: usize, size: u32): void {
  setPrev(record, 0);
  setBits(record, bitsOf(record) & ~FLAG_DEAD);
  seal(record, size, 0);
}

/** Where the block being loaded was left when frames ran out. */
let loadNext: usize = 0;

/**
 * Loads a block of `length` bytes from the scratch area, or goes on with it. Records must have keys not there yet. Frames
 * are the only limit here: with another hash key the index may take a frame more than that of the store that was saved.
 */
export function loadBlock(length: u32, continues: bool): i32 {
  const end = scratch + length;
  if (!continues) {
    loadNext = scratch;
    blockRecords = 0;
  }
  while (loadNext < end) {
    if (loadNext + HEADER_BYTES > end) return LOAD_CORRUPT;
    const record = loadNext;
    // Lengths first, in 64 bits: a flipped one must not make the size wrap.
    if (u64(valueLengthOf(record)) > u64(BLOCK_BYTES)) return LOAD_CORRUPT;
    const size = sizeOf(record);
    if (record + size > end) return LOAD_CORRUPT;
    // One for overflow buckets, and one where the record opens a page.
    if (availableFrames() < (size > tailLeft ? 2 : 1)) return LOAD_NEEDS_FRAMES;
    if (!isIntact(record, size, 0) || !link(record, size)) return LOAD_CORRUPT;
    loadNext = record + size;
    blockRecords++;
  }
  return LOADED;
}

function link(record: usize, size: u32): bool {
  const kind = kindOf(record);
  const isNode = isNodeKind(kind);
  if (kind == 0 || (kind > KIND_ZSET && kind != KIND_TREE)) return false;
  if (locate(keyOf(record), keyLengthOf(record), isNode) != 0) return false;
  if (kind == KIND_CHUNKED) noteObject(load<u64>(valueOf(record), 8));
  if (isNode) noteObject(load<u64>(keyOf(record)) >> 16);
  const copy = allocate(size);
  const at = allocated;
  memory.copy(copy, record, size);
  if (slot == 0) insertSlot();
  chain(copy, at);
  countLive(copy, at, size, expiryOf(copy));
  growIndex();
  if (kind == KIND_TREE) resumeReclaim(copy);
  return true;
}
