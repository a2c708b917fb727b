// The index as it is saved: its entries by buckets, in order. A saved entry says where its newest record lies on disk.
//
//   for each bucket: | number of entries u64 | tag 20 | buried | mixed | owns | 0 | address 40 |, … |
//
// While it is being saved, writes go on: an entry is newer than the moment at which saving began, never older, and one that
// was moved by a split may come twice. Replaying the log from that moment makes it right, as the newest address wins.

import { availableFrames, BLOCK_BYTES, frameBytes, scratch } from "./frames";
import {
  bucketEntries,
  buckets,
  fillBucket,
  growToBuckets,
  identityOf,
  MARKS,
  MOST_IN_BUCKET,
  setEntry,
  slot,
  slotFor,
} from "./hash_index";
import { isNewer, isPresent } from "./log";
import { ADDRESS_MASK } from "./record";
import { LOAD_CORRUPT, LOAD_NEEDS_FRAMES, LOADED } from "./snapshot";

/** Where buckets lie in the scratch area: behind the header of their block. */
const block: usize = scratch + 16;

/** Leaves buckets from `bucket` on in the scratch area and returns how many; savedBucketBytes() says what they take. */
export function saveBuckets(bucket: u32): u32 {
  let out = block;
  let number = bucket;
  while (number < buckets && out + (MOST_IN_BUCKET << 3) <= block + BLOCK_BYTES) {
    const count = bucketEntries(number, out + 8);
    store<u64>(out, count);
    out += 8 + (count << 3);
    number++;
  }
  savedBytes = u32(out - block);
  return number - bucket;
}
let savedBytes: u32 = 0;

export function savedBucketBytes(): u32 {
  return savedBytes;
}

/** Makes the index, which is empty, as large as one of so many buckets; false when it needs frames first. */
export function prepareBuckets(count: u32): bool {
  return growToBuckets(count);
}

/**
 * Loads `count` buckets from `bucket` on, which saveBuckets() has left in the scratch area. The index has as many buckets as there were
 * when saving began, or fewer. As splits only move entries to higher buckets, all that was in one of these belongs into it
 * here, too: it is filled, and nothing is looked for. What lies beyond the last one has to find its place.
 */
export function loadBuckets(bucket: u32, count: u32, length: u32): i32 {
  // An entry that finds its bucket full takes one of 64 bytes.
  const moved = bucket + count > buckets ? (length << 3) / frameBytes : 0;
  if (availableFrames() < LOAD_FRAMES + moved) return LOAD_NEEDS_FRAMES;
  let at = block;
  for (let number = bucket; number < bucket + count; number++) {
    const entries = load<u32>(at);
    at += 8;
    if (number >= buckets) {
      for (let i: u32 = 0; i < entries; i++) loadEntry(number, load<u64>(at + (i << 3)));
    } else if (!fillBucket(number, at, entries)) {
      return LOAD_CORRUPT; // the index was emptied while it was being saved
    }
    at += entries << 3;
  }
  return LOADED;
}
/** The overflow buckets of those that one block fills begin two frames at most, and one is left alone. */
const LOAD_FRAMES: u32 = 3;

function loadEntry(bucket: u32, entry: u64): void {
  const at = entry & ADDRESS_MASK;
  if (!isPresent(at)) return;
  const identity = identityOf(bucket, entry);
  if (slotFor(identity) != 0 && !isNewer(at, load<u64>(slot) & ADDRESS_MASK)) return;
  setEntry(identity, at, entry & MARKS);
}
