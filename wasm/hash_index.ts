// The hash index: linear hashing (Litwin, VLDB 1980) over buckets of one cache line, as in FASTER (SIGMOD 2018, §3).
//
//   bucket: | entry 0 | … | entry 6 | overflow bucket or 0 |
//   entry:  | tag 22 bits | 2 bits reserved | address 40 bits |, or 0
//
// A key's bucket comes from the low bits of its hash, its tag from those above the initial table's. Growth splits one
// bucket at a time on the next hash bit, which is in the tag, so no record is read. A bucket's entries are dense: a hole
// is filled from the end of its chain. There is one entry for a (bucket, tag); its records are chained by `prev`.

import { hashBytes } from "./hash";
import { availableFrames, directory, frameBits, frameBytes, scratch, takeFrame } from "./frames";
import { ADDRESS_MASK, hasKey, prevOf } from "./record";
import { pointerOf } from "./log";

const BUCKET_BYTES: u32 = 64;
const ENTRIES_BYTES: u32 = 56;
const OVERFLOW: u32 = 56;
const TAG_SHIFT: u64 = 42;
/** Buckets are split to keep at most this many entries for two buckets. 4.5 keeps lookups near one cache line. */
const ENTRIES_PER_TWO_BUCKETS: u32 = 9;

export let indexFrames: u32 = 0;
export let entries: u32 = 0;
export let buckets: u32 = 0;

let bucketsPerFrameBits: u32 = 0;
let initialBits: u64 = 0;
/** Hash bits in use for buckets that have not been split in this round. */
let level: u32 = 0;
let nextSplit: u32 = 0;

let overflowFree: usize = 0;
let overflowFresh: usize = 0;
let overflowEnd: usize = 0;

// What the last locate() found, for the write that follows it.
/** The key's hash. */
export let hash: u64 = 0;
/** The entry for the key's tag, or 0. */
export let slot: usize = 0;
/** The next newer record of the chain, or 0 when the entry points at the record itself. */
export let newer: usize = 0;
/** The address of the record found. */
export let address: u64 = 0;

/** The table starts as one frame of buckets. */
export function initIndex(): bool {
  bucketsPerFrameBits = frameBits - 6;
  initialBits = bucketsPerFrameBits;
  level = bucketsPerFrameBits;
  if (!addBucketFrame(0)) return false;
  buckets = u32(1) << level;
  return true;
}

function addBucketFrame(firstBucket: u32): bool {
  const frame = takeFrame(true);
  if (frame == 0) return false;
  store<u32>(directory + ((firstBucket >> bucketsPerFrameBits) << 2), u32(frame));
  indexFrames++;
  return true;
}

function bucketAt(number: u32): usize {
  const frame = load<u32>(directory + ((number >> bucketsPerFrameBits) << 2));
  return frame + ((number & ((u32(1) << bucketsPerFrameBits) - 1)) << 6);
}

/** The bucket of a hash. */
export function bucketFor(keyHash: u64): usize {
  let number = u32(keyHash) & ((u32(1) << level) - 1);
  if (number < nextSplit) number = u32(keyHash) & ((u32(2) << level) - 1);
  return bucketAt(number);
}

function tagOf(keyHash: u64): u64 {
  return (keyHash >> initialBits) << TAG_SHIFT;
}

function overflowOf(bucket: usize): usize {
  return usize(load<u64>(bucket, OVERFLOW));
}

/** The entry for the tag of `keyHash` in the chain that starts at `bucket`, or 0. */
function findSlotIn(bucket: usize, keyHash: u64): usize {
  const tag = tagOf(keyHash);
  do {
    for (let at = bucket; at < bucket + ENTRIES_BYTES; at += 8) {
      const entry = load<u64>(at);
      if (entry == 0) return 0;
      if ((entry ^ tag) >> TAG_SHIFT == 0) return at;
    }
    bucket = overflowOf(bucket);
  } while (bucket != 0);
  return 0;
}

/** The address at the head of the chain that may hold the key with this hash, whose bucket it is; or 0. */
export function headIn(bucket: usize, keyHash: u64): u64 {
  const found = findSlotIn(bucket, keyHash);
  return found == 0 ? 0 : load<u64>(found) & ADDRESS_MASK;
}

/** The record with this key in the chain that starts at `head`, or 0. */
export function findInChain(head: u64, key: usize, keyLength: u32): usize {
  while (head != 0) {
    const record = pointerOf(head);
    if (hasKey(record, key, keyLength, false)) return record;
    head = prevOf(record);
  }
  return 0;
}

/** Where touched words end up, so that no compiler takes the touching for dead code. */
export const touched: usize = memory.data(8, 8);

/** Finds the record of the key in the scratch area, or 0, and has its value fetched while the key is compared. */
export function locateForRead(keyLength: u32): usize {
  const keyHash = hashBytes(scratch, keyLength);
  const head = headIn(bucketFor(keyHash), keyHash);
  if (head == 0) return 0;
  const record = pointerOf(head);
  store<u64>(touched, load<u64>(record, 64) + load<u64>(record, 128));
  return findInChain(head, scratch, keyLength);
}

/** Finds the record of a key (or node id) and what is needed to unlink or replace it; 0 when there is none. */
export function locate(key: usize, keyLength: u32, isNode: bool): usize {
  hash = hashBytes(key, keyLength);
  slot = findSlotIn(bucketFor(hash), hash);
  newer = 0;
  if (slot == 0) return 0;
  address = load<u64>(slot) & ADDRESS_MASK;
  while (address != 0) {
    const record = pointerOf(address);
    if (hasKey(record, key, keyLength, isNode)) return record;
    newer = record;
    address = prevOf(record);
  }
  newer = 0;
  return 0;
}

/** Like locate(), for a record that is known to be linked at `at`. */
export function locateAddress(key: usize, keyLength: u32, at: u64): void {
  hash = hashBytes(key, keyLength);
  slot = findSlotIn(bucketFor(hash), hash);
  newer = 0;
  address = load<u64>(slot) & ADDRESS_MASK;
  while (address != at) {
    newer = pointerOf(address);
    address = prevOf(newer);
  }
}

function takeOverflowBucket(): usize {
  let bucket = overflowFree;
  if (bucket != 0) {
    overflowFree = overflowOf(bucket);
  } else {
    if (overflowFresh == overflowEnd) {
      overflowFresh = takeFrame(true);
      overflowEnd = overflowFresh + frameBytes;
      indexFrames++;
    }
    bucket = overflowFresh;
    overflowFresh += BUCKET_BYTES;
  }
  store<u64>(bucket, 0, OVERFLOW);
  return bucket;
}

function giveOverflowBucket(bucket: usize): void {
  memory.fill(bucket, 0, ENTRIES_BYTES);
  store<u64>(bucket, u64(overflowFree), OVERFLOW);
  overflowFree = bucket;
}

/** Adds an entry at the end of a bucket's chain. Needs a frame at hand when no overflow bucket is free. */
function appendEntry(bucket: usize, entry: u64): usize {
  while (true) {
    for (let at = bucket; at < bucket + ENTRIES_BYTES; at += 8) {
      if (load<u64>(at) == 0) {
        store<u64>(at, entry);
        return at;
      }
    }
    let next = overflowOf(bucket);
    if (next == 0) {
      next = takeOverflowBucket();
      store<u64>(bucket, u64(next), OVERFLOW);
    }
    bucket = next;
  }
}

/** Empties one slot of the chain that starts at `bucket` and fills the hole with the chain's last entry. */
function removeEntry(bucket: usize, hole: usize): void {
  store<u64>(hole, ADDRESS_MASK); // an entry of tag 0 without address would look like an empty slot
  let before: usize = 0;
  for (let next = overflowOf(bucket); next != 0; next = overflowOf(bucket)) {
    before = bucket;
    bucket = next;
  }
  let last = bucket + ENTRIES_BYTES - 8;
  while (load<u64>(last) == 0) last -= 8;
  store<u64>(hole, load<u64>(last));
  store<u64>(last, 0);
  if (last == bucket && before != 0) {
    store<u64>(before, 0, OVERFLOW);
    giveOverflowBucket(bucket);
  }
}

/** Adds an entry for the hash of the last locate(), which found none, and sets `slot` to it. */
export function insertSlot(): void {
  slot = appendEntry(bucketFor(hash), tagOf(hash));
  entries++;
}

/** Removes the entry of the last locate() when its chain has become empty. */
export function dropSlotIfEmpty(): void {
  if ((load<u64>(slot) & ADDRESS_MASK) != 0) return;
  removeEntry(bucketFor(hash), slot);
  entries--;
}

/** Splits the buckets that growth has made due: two at most, so that one insertion stays short. */
export function growIndex(): void {
  for (let i = 0; i < 2; i++) {
    // A split may take a frame of buckets and one of overflow buckets, and the log must keep one.
    if (entries * 2 <= buckets * ENTRIES_PER_TWO_BUCKETS || availableFrames() < 3) return;
    splitBucket();
  }
}

function splitBucket(): void {
  const isFirstOfFrame = (buckets & ((u32(1) << bucketsPerFrameBits) - 1)) == 0;
  if (isFirstOfFrame && !addBucketFrame(buckets)) return;
  const source = bucketAt(nextSplit);
  const target = bucketAt(buckets);
  const splitBit = u64(1) << (TAG_SHIFT + u64(level) - initialBits);
  let bucket = source;
  do {
    let at = bucket;
    while (at < bucket + ENTRIES_BYTES) {
      const entry = load<u64>(at);
      if (entry == 0) break;
      if ((entry & splitBit) == 0) {
        at += 8;
        continue;
      }
      appendEntry(target, entry);
      removeEntry(source, at); // puts the chain's last entry here: look again
    }
    // Removing the last entry of an overflow bucket has freed it, and its link is the free list's.
    bucket = bucket == source || load<u64>(bucket) != 0 ? overflowOf(bucket) : 0;
  } while (bucket != 0);
  buckets++;
  nextSplit++;
  if (nextSplit == (u32(1) << level)) {
    level++;
    nextSplit = 0;
  }
}

/** Writes the heads of all chains of bucket `number` to `out`, as u64 addresses, and returns how many. */
export function bucketHeads(number: u32, out: usize): u32 {
  let count: u32 = 0;
  let bucket = bucketAt(number);
  do {
    for (let at = bucket; at < bucket + ENTRIES_BYTES; at += 8) {
      const entry = load<u64>(at);
      if (entry == 0) break;
      store<u64>(out + (count << 3), entry & ADDRESS_MASK);
      count++;
    }
    bucket = overflowOf(bucket);
  } while (bucket != 0);
  return count;
}
