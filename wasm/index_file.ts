// The index as it is saved: its entries by buckets, in order. A saved entry says where its newest record lies on disk.
//
//   for each bucket: | number of entries u64 | tag 20 | buried | mixed | owns | 0 | address 40 |, … |
//
// While it is being saved, writes go on: an entry is newer than the moment at which saving began, never older, and one that
// was moved by a split may come twice. Replaying the log from that moment makes it right, as the newest address wins.

import { availableFrames, BLOCK_BYTES, scratch } from "./frames";
import {
  bucketEntries,
  buckets,
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

/** Leaves buckets from `bucket` on in the scratch area and returns how many; indexBytesSaved() says what they take. */
export function saveBuckets(bucket: u32): u32 {
  let out = scratch;
  let number = bucket;
  while (number < buckets && out + (MOST_IN_BUCKET << 3) <= scratch + BLOCK_BYTES) {
    const count = bucketEntries(number, out + 8);
    store<u64>(out, count);
    out += 8 + (count << 3);
    number++;
  }
  savedBytes = u32(out - scratch);
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

/** Loads buckets from `bucket` on, which saveBuckets() left: the bucket that comes next, or -1 when it needs frames. */
export function loadBuckets(bucket: u32, length: u32): i32 {
  const end = scratch + length;
  let at = scratch + loadedBytes;
  let number = bucket;
  while (at < end) {
    const count = load<u32>(at);
    if (availableFrames() < 3 + (count >> 10)) {
      loadedBytes = u32(at - scratch);
      loadedUntil = number;
      return -1;
    }
    at += 8;
    for (let i: u32 = 0; i < count; i++, at += 8) loadEntry(number, load<u64>(at));
    number++;
  }
  loadedBytes = 0;
  loadedUntil = number;
  return 0;
}
let loadedBytes: u32 = 0;
let loadedUntil: u32 = 0;

export function loadedBucket(): u32 {
  return loadedUntil;
}

function loadEntry(bucket: u32, entry: u64): void {
  const at = entry & ADDRESS_MASK;
  if (!isPresent(at)) return;
  const identity = identityOf(bucket, entry);
  if (slotFor(identity) != 0 && !isNewer(at, load<u64>(slot) & ADDRESS_MASK)) return;
  setEntry(identity, at, entry & MARKS);
}
