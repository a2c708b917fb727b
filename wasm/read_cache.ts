// The read cache: copies of records that lie on disk, in frames that are filled one after another and emptied in that order.
//
//   | prev of the original u64 | copy of the record, whose own prev is the original's address | …
//
// An index entry leads to a copy only while its original is the newest of its chain. What was read since it was copied is
// copied once more when its frame is emptied (FIFO with reinsertion), up to a share of what the frame holds.

import { availableFrames, cacheRing, frameBytes, giveFrame, maxFrames, takeFrame } from "./frames";
import { addressIn, CACHED, entrySlot, MARKS, marksFor, slot } from "./hash_index";
import { dropHints } from "./hints";
import { isPresent } from "./log";
import {
  ADDRESS_MASK,
  bitsOf,
  FLAG_DEAD,
  FLAG_OWED,
  FLAG_REFERENCED,
  hasFlag,
  hasMark,
  keyLengthOf,
  keyOf,
  MARK_TOMBSTONE,
  prevOf,
  setBits,
  setPrev,
  sizeOf,
} from "./record";

/** Frames of the cache, the oldest at `oldest` in the ring. */
export let cacheFrames: u32 = 0;
let oldest: u32 = 0;
let fill: usize = 0;
let fillEnd: usize = 0;
export let cachedRecords: u32 = 0;

function frameAt(i: u32): usize {
  let index = oldest + i;
  if (index >= maxFrames) index -= maxFrames;
  return cacheRing + (index << 2);
}

/** Room for a copy of `size` bytes; 0 when a frame is missing. */
function room(size: u32): usize {
  const wanted = size + 8;
  if (fill + wanted > fillEnd) {
    if (availableFrames() < 2) return 0;
    if (fill != 0 && fill < fillEnd) store<u64>(fill, END);
    const frame = takeFrame(false);
    store<u32>(frameAt(cacheFrames), u32(frame));
    cacheFrames++;
    fill = frame;
    fillEnd = frame + frameBytes;
  }
  const at = fill;
  fill += wanted;
  return at;
}
/** In place of a `prev`: the frame has nothing more. */
const END: u64 = ~u64(0);

/** Copies a record, found at `at` in the log, into the cache and makes the entry in `slot` lead there. */
function insert(record: usize, at: u64, prev: u64, size: u32): bool {
  const place = room(size);
  if (place == 0) return false;
  const copy = place + 8;
  store<u64>(place, prev);
  memory.copy(copy, record, size);
  setBits(copy, bitsOf(copy) & ~(FLAG_REFERENCED | FLAG_DEAD | FLAG_OWED));
  setPrev(copy, at);
  dropHints(copy);
  const entry = load<u64>(slot);
  store<u64>(slot, (entry & ~ADDRESS_MASK) | CACHED | u64(copy));
  cachedRecords++;
  return true;
}

/** What cache() answers: the entry does not lead there, so that it cannot be cached. */
export const NOT_NEWEST: i32 = 0;
export const IS_CACHED: i32 = 1;
export const CACHE_NEEDS_FRAME: i32 = -1;

/** Caches a record, as it was read from `at`, if it is the newest of its chain. */
export function cacheRecord(record: usize, at: u64): i32 {
  if (!entrySlot(keyOf(record), keyLengthOf(record))) return NOT_NEWEST;
  const entry = load<u64>(slot);
  if ((entry & CACHED) != 0) return addressIn(entry) == at ? IS_CACHED : NOT_NEWEST;
  if ((entry & ADDRESS_MASK) != at) return NOT_NEWEST;
  const prev = prevOf(record);
  if (!insert(record, at, isPresent(prev) ? prev : 0, sizeOf(record))) return CACHE_NEEDS_FRAME;
  // What chains lead to below begin is gone.
  store<u64>(slot, (load<u64>(slot) & ~MARKS) | marksFor(record, isPresent(prev) ? prev : 0, entry));
  return IS_CACHED;
}

/** Copies a record of the log's oldest page in memory, which is about to go, into the cache if it has been read. */
export function keepRead(record: usize, at: u64): void {
  if (!hasFlag(record, FLAG_REFERENCED) || hasFlag(record, FLAG_DEAD | FLAG_OWED) || hasMark(record, MARK_TOMBSTONE)) {
    return;
  }
  if (!entrySlot(keyOf(record), keyLengthOf(record))) return;
  if ((load<u64>(slot) & (ADDRESS_MASK | CACHED)) != at) return;
  insert(record, at, prevOf(record), sizeOf(record));
}

/**
 * Goes over the oldest frame, puts addresses back in place of copies, spares up to `spared` bytes of what was read, and gives
 * the frame back. False when the cache has no frame that could be emptied.
 */
export function emptyCacheFrame(spared: u32): bool {
  if (cacheFrames < (fill == 0 ? 1 : 2)) return false;
  const frame = usize(load<u32>(frameAt(0)));
  let left = spared;
  let at = frame;
  while (at + 24 <= frame + frameBytes && load<u64>(at) != END) {
    const copy = at + 8;
    const size = sizeOf(copy);
    cachedRecords--;
    if (entrySlot(keyOf(copy), keyLengthOf(copy))) {
      const entry = load<u64>(slot);
      if ((entry & (ADDRESS_MASK | CACHED)) == (CACHED | u64(copy))) {
        const original = prevOf(copy);
        store<u64>(slot, (entry & ~(ADDRESS_MASK | CACHED)) | original);
        if (hasFlag(copy, FLAG_REFERENCED) && left >= size && insert(copy, original, load<u64>(at), size)) left -= size;
      }
    }
    at += size + 8;
  }
  giveFrame(frame);
  oldest++;
  if (oldest == maxFrames) oldest = 0;
  cacheFrames--;
  return true;
}

/** Has the next record begin a frame, so that the one being filled can be emptied. */
export function endCacheFrame(): void {
  if (fill != 0 && fill < fillEnd) store<u64>(fill, END);
  fill = 0;
  fillEnd = 0;
}

/** Gives all frames back; nothing leads to them any more. */
export function forgetCache(): void {
  for (let i: u32 = 0; i < cacheFrames; i++) giveFrame(usize(load<u32>(frameAt(i))));
  cacheFrames = 0;
  cachedRecords = 0;
  fill = 0;
  fillEnd = 0;
}
