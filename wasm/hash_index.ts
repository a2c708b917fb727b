// The hash index: linear hashing (Litwin, VLDB 1980) over buckets of one cache line, as in FASTER (SIGMOD 2018, §3).
//
//   bucket: | entry 0 | … | entry 6 | overflow bucket or 0 |
//   entry:  | tag 20 bits | buried | mixed | owns | cached | address 40 bits |, or 0
//
// A key's bucket comes from the low bits of its hash, its tag from those above the initial table's. Growth splits one
// bucket at a time on the next hash bit, which is in the tag, so no record is read. A bucket's entries are dense: a hole
// is filled from the end of its chain. There is one entry for a (bucket, tag); its records are chained by `prev`, the newest
// first. So of two records of one key, the one that is met first counts.
//
// Where the log is tiered, a chain may go on on disk, and its newest record may be a copy in the read cache:
//
//   cached: in place of the address there is a pointer to the copy. Its `prev` is the address of what it is a copy of, and
//           what that one's `prev` is lies in the 8 bytes before it
//   owns:   a record of the chain may own others: before it is replaced it must be read
//   mixed:  the newest record has a `prev`: what it leads to may have another key
//   buried: the newest record is a tombstone

import { hashBytes } from "./hash";
import { availableFrames, directory, frameBits, frameBytes, giveFrame, scratch, takeFrame } from "./frames";
import {
  ADDRESS_MASK,
  hasKey,
  hasMark,
  isNodeKind,
  keyOf,
  KIND_STRING,
  kindOf,
  MARK_TOMBSTONE,
  prevOf,
  setPrev,
} from "./record";
import { isFrozen, isNewer, isPresent, isResident, isTiered, pointerOf } from "./log";
import { noteColdKey } from "./text";

const BUCKET_BYTES: u32 = 64;
const ENTRIES_BYTES: u32 = 56;
const OVERFLOW: u32 = 56;
const TAG_SHIFT: u64 = 44;
const TAG_MASK: u64 = ~((u64(1) << TAG_SHIFT) - 1);
export const CACHED: u64 = u64(1) << 40;
export const OWNS: u64 = u64(1) << 41;
export const MIXED: u64 = u64(1) << 42;
export const BURIED: u64 = u64(1) << 43;
/** What an entry says about its chain. */
export const MARKS: u64 = OWNS | MIXED | BURIED;
/** Buckets are split to keep at most this many entries for two buckets. 4.5 keeps lookups near one cache line. */
let entriesPerTwoBuckets: u32 = 9;

/** What fills buckets more takes less room and more time. */
export function fillBuckets(entriesPerTwo: u32): void {
  entriesPerTwoBuckets = entriesPerTwo;
}

export let indexFrames: u32 = 0;
export let entries: u32 = 0;
export let buckets: u32 = 0;

/** Frames that the index may take. */
let maxIndexFrames: u32 = 0xffff_ffff;

export function limitIndex(frames: u32): void {
  maxIndexFrames = frames;
}

/** Whether there is no room for more entries. */
export function isIndexFull(): bool {
  // A batch, which is asked for once, may have gone past the limit.
  return indexFrames > maxIndexFrames ||
    indexFrames == maxIndexFrames && overflowFree == 0 && overflowEnd - overflowFresh < MOST_BUCKETS * BUCKET_BYTES;
}
/** One call needs no more overflow buckets than that. */
const MOST_BUCKETS: usize = 64;

let bucketsPerFrameBits: u32 = 0;
let initialBits: u64 = 0;
/** Hash bits in use for buckets that have not been split in this round. */
let level: u32 = 0;
let nextSplit: u32 = 0;

/** Frames of overflow buckets, each with the one before in its first bucket, which is not used otherwise. */
let overflowFrames: usize = 0;
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
let newerAddress: u64 = 0;
/** The address of the record found; where isCold, that of the one which would have to be read. */
export let address: u64 = 0;
/** Whether the record found is a copy in the read cache. */
export let isCached: bool = false;
/** Nothing was found in memory, but the chain goes on on disk. */
export let isCold: bool = false;
/** Where that one lies, for the host. */
export let coldAt: f64 = 0;

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

/** In place of a record: it is not in memory. */
export const COLD: usize = 1;

/** The entry for a hash whose bucket this is, or 0. */
export function entryIn(bucket: usize, keyHash: u64): u64 {
  const found = findSlotIn(bucket, keyHash);
  return found == 0 ? 0 : load<u64>(found);
}

/** The record that an entry leads to first; COLD when it is not in memory, 0 for no entry. */
export function newestOf(entry: u64): usize {
  if (entry == 0) return 0;
  const at = entry & ADDRESS_MASK;
  if ((entry & CACHED) != 0) return usize(at);
  return isResident(at) ? pointerOf(at) : COLD;
}

/** The address in the log of what an entry leads to. */
export function addressIn(entry: u64): u64 {
  const at = entry & ADDRESS_MASK;
  return (entry & CACHED) != 0 ? prevOf(usize(at)) : at;
}

/** Where touched words end up, so that no compiler takes the touching for dead code. */
export const touched: usize = memory.data(8, 8);

/** Finds the record of the key in the scratch area, 0 or COLD, and has its value fetched while the key is compared. */
export function locateForRead(keyLength: u32): usize {
  hash = hashBytes(scratch, keyLength);
  slot = findSlotIn(bucketFor(hash), hash);
  if (slot == 0) return 0;
  const record = newestOf(load<u64>(slot));
  if (record > COLD) {
    store<u64>(touched, load<u64>(record, 64) + load<u64>(record, 128));
    if (hasKey(record, scratch, keyLength, false)) return hasMark(record, MARK_TOMBSTONE) ? 0 : record;
  }
  return findIn(slot, scratch, keyLength);
}

/** The record of a user's key in the chain of an entry; 0 or COLD. */
export function findIn(entrySlot: usize, key: usize, keyLength: u32): usize {
  slot = entrySlot;
  const record = search(key, keyLength, false);
  return isCold ? COLD : record;
}

/** Finds the entry of a key (or node id); false when there is none. */
export function entrySlot(key: usize, keyLength: u32): bool {
  return slotFor(hashBytes(key, keyLength)) != 0;
}

/** Finds the entry for a hash that was computed before; 0 when there is none. */
export function slotFor(keyHash: u64): usize {
  hash = keyHash;
  slot = findSlotIn(bucketFor(keyHash), keyHash);
  return slot;
}

/** Makes an entry lead to `at`, whose record has this key hash and is newer than all there is. For recovery. */
export function setEntry(keyHash: u64, at: u64, marks: u64): void {
  if (slotFor(keyHash) == 0) insertSlot();
  store<u64>(slot, tagOf(keyHash) | marks | at);
}

/** Finds the record of a key (or node id) and what is needed to unlink or replace it; 0 when there is none, or isCold. */
export function locate(key: usize, keyLength: u32, isNode: bool): usize {
  hash = hashBytes(key, keyLength);
  slot = findSlotIn(bucketFor(hash), hash);
  if (slot != 0) return search(key, keyLength, isNode);
  newer = 0;
  isCold = false;
  isCached = false;
  return 0;
}

function search(key: usize, keyLength: u32, isNode: bool): usize {
  const entry = load<u64>(slot);
  newer = 0;
  isCold = false;
  isCached = false;
  address = entry & ADDRESS_MASK;
  if ((entry & CACHED) != 0) {
    const record = usize(address);
    address = prevOf(record);
    if (hasKey(record, key, keyLength, isNode)) {
      if (hasMark(record, MARK_TOMBSTONE)) return 0;
      isCached = true;
      return record;
    }
    newer = record;
    newerAddress = address;
    address = load<u64>(record - 8);
  }
  while (address != 0) {
    if (!isResident(address)) {
      isCold = isPresent(address);
      coldAt = f64(address);
      if (isCold && !isNode) noteColdKey(key, keyLength);
      break;
    }
    const record = pointerOf(address);
    if (hasKey(record, key, keyLength, isNode)) {
      if (hasMark(record, MARK_TOMBSTONE)) break;
      return record;
    }
    newer = record;
    newerAddress = address;
    address = prevOf(record);
  }
  newer = 0;
  return 0;
}

/** Like locate(), for a record that is known to be linked at `at`. */
export function locateAddress(key: usize, keyLength: u32, at: u64): void {
  hash = hashBytes(key, keyLength);
  slot = findSlotIn(bucketFor(hash), hash);
  const entry = load<u64>(slot);
  newer = 0;
  isCold = false;
  address = addressIn(entry);
  isCached = (entry & CACHED) != 0 && address == at;
  if ((entry & CACHED) != 0 && address != at) {
    newer = usize(entry & ADDRESS_MASK);
    newerAddress = address;
    address = load<u64>(newer - 8);
  }
  while (address != at) {
    newer = pointerOf(address);
    newerAddress = address;
    address = prevOf(newer);
  }
}

/** What comes after a record in its chain. */
export function after(record: usize): u64 {
  const prev = isCached ? load<u64>(record - 8) : prevOf(record);
  return isPresent(prev) ? prev : 0;
}

/** Where the record lies on disk that comes next behind one in memory. */
export function coldBehind(record: usize): u64 {
  let at = prevOf(record);
  while (isResident(at)) at = prevOf(pointerOf(at));
  return at;
}

/** The address of the newest record of the chain in `slot`; 0 when it has none. */
export function newestAddress(): u64 {
  const at = addressIn(load<u64>(slot));
  return isPresent(at) ? at : 0;
}

function setNewest(at: u64): void {
  store<u64>(slot, (load<u64>(slot) & ~(ADDRESS_MASK | CACHED)) | at);
}

/**
 * Takes the record that the last locate() has found out of its chain. It stays in where the next newer one is frozen: who looks for its
 * key meets first what comes in its place.
 */
export function unchain(record: usize): void {
  if (newer == 0 || !isFrozen(newerAddress)) cutOut(record);
}

/** Takes a record out that never was, wherever it is. */
export function undoChain(record: usize): void {
  cutOut(record);
  expectAnything();
}

/** Where the chain in `slot` is put back to what it was, the entry does not say any more what that is like. */
function expectAnything(): void {
  if (isTiered) store<u64>(slot, load<u64>(slot) | MARKS);
}

function cutOut(record: usize): void {
  if (newer == 0) setNewest(after(record));
  else setPrev(newer, after(record));
}

/** Makes the record at `at` the newest of the chain in `slot`. */
export function chain(record: usize, at: u64): void {
  const entry = load<u64>(slot);
  let prev = addressIn(entry);
  if (!isPresent(prev)) prev = 0;
  setPrev(record, prev);
  store<u64>(slot, (entry & TAG_MASK) | marksFor(record, prev, entry) | at);
}

/** The marks of an entry whose newest record this is. */
export function marksFor(record: usize, prev: u64, entry: u64): u64 {
  if (!isTiered) return 0;
  let marks = prev == 0 ? u64(0) : MIXED | (entry & OWNS);
  if (hasMark(record, MARK_TOMBSTONE)) marks |= BURIED;
  const kind = kindOf(record);
  return kind == KIND_STRING || isNodeKind(kind) ? marks : marks | OWNS;
}

/**
 * Whether what the last locate() has found to be on disk has to be read before it is replaced: it may own records, or be a
 * tombstone, so that there is no such key.
 */
export function mustRead(): bool {
  return (load<u64>(slot) & (OWNS | BURIED)) != 0;
}

/**
 * Whether writing the key that the last locate() has looked for hides others: its chain begins with the copy of one, or with its own
 * and goes on. They have to be read again then.
 */
export function hidesOthers(): bool {
  const entry = slot == 0 ? 0 : load<u64>(slot);
  return (entry & CACHED) != 0 && (!isCached || (entry & MIXED) != 0);
}

/**
 * Links a record again that unchain() had taken out: at its place in the order of addresses. `at` is that of the record, or
 * of the one it is a copy of.
 */
export function relink(record: usize, at: u64, isCopy: bool, keyLength: u32): void {
  hash = hashBytes(keyOf(record), keyLength);
  slot = findSlotIn(bucketFor(hash), hash);
  if (slot == 0) insertSlot();
  expectAnything();
  const entry = load<u64>(slot);
  // What was cached was the newest, and is again.
  if (isCopy) return store<u64>(slot, (entry & ~ADDRESS_MASK) | CACHED | u64(record));
  let above: usize = 0;
  let next = entry & ADDRESS_MASK;
  while (next != 0 && isNewer(next, at)) {
    above = pointerOf(next);
    next = prevOf(above);
  }
  if (next == at) return;
  if (above != 0) return setPrev(above, at);
  store<u64>(slot, (entry & ~(ADDRESS_MASK | CACHED)) | at);
}

function takeOverflowBucket(): usize {
  let bucket = overflowFree;
  if (bucket != 0) {
    overflowFree = overflowOf(bucket);
  } else {
    if (overflowFresh == overflowEnd) {
      const frame = takeFrame(true);
      store<u32>(frame, u32(overflowFrames));
      overflowFrames = frame;
      overflowFresh = frame + BUCKET_BYTES;
      overflowEnd = frame + frameBytes;
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

/** More entries than a bucket's chain ever has. */
export const MOST_IN_BUCKET: u32 = 4096;

/** Writes the entries of bucket `number` to `out`, with addresses in the log, and returns how many. */
export function bucketEntries(number: u32, out: usize): u32 {
  let count: u32 = 0;
  let bucket = bucketAt(number);
  do {
    for (let at = bucket; at < bucket + ENTRIES_BYTES; at += 8) {
      const entry = load<u64>(at);
      if (entry == 0) break;
      store<u64>(out + (count << 3), (entry & ~(ADDRESS_MASK | CACHED)) | addressIn(entry));
      count++;
    }
    bucket = overflowOf(bucket);
  } while (bucket != 0);
  return count;
}

/** All bits of a hash that the index uses, from an entry and its bucket. */
export function identityOf(number: u32, entry: u64): u64 {
  return (u64(number) & ((u64(1) << initialBits) - 1)) | ((entry >> TAG_SHIFT) << initialBits);
}

/** Makes the index, which is empty, have `count` buckets, if it may and there are not more; false when it needs frames first. */
export function growToBuckets(count: u32): bool {
  const perFrame = u32(1) << bucketsPerFrameBits;
  while (buckets < count && indexFrames < maxIndexFrames) {
    if (availableFrames() < 3) return false;
    addBucketFrame(buckets);
    buckets = min(count, buckets + perFrame);
  }
  level = 31 - clz<u32>(buckets);
  nextSplit = buckets - (u32(1) << level);
  return true;
}

/**
 * Fills bucket `number`, which is empty, with the entries at `start`, of which no two have one tag; those whose records are not part of
 * the log are left out. False when one belongs into another bucket.
 */
export function fillBucket(number: u32, start: usize, count: u32): bool {
  const isSplit = number < nextSplit || number >= u32(1) << level;
  const bits = u64(isSplit ? level + 1 : level) - initialBits;
  const tagBits = ((u64(1) << bits) - 1) << TAG_SHIFT;
  const own = u64(number) >> initialBits << TAG_SHIFT;
  let bucket = bucketAt(number);
  let out = bucket;
  let others: u64 = 0;
  for (let at = start; at < start + (usize(count) << 3); at += 8) {
    const entry = load<u64>(at);
    others |= entry ^ own;
    if (!isPresent(entry & ADDRESS_MASK)) continue;
    if (out == bucket + ENTRIES_BYTES) {
      out = takeOverflowBucket();
      store<u64>(bucket, u64(out), OVERFLOW);
      bucket = out;
    }
    store<u64>(out, entry);
    out += 8;
    entries++;
  }
  return (others & tagBits) == 0;
}

/** Empties the index, which is as small as at first then. */
export function clearIndex(): void {
  const perFrame = u32(1) << bucketsPerFrameBits;
  for (let first = perFrame; first < buckets; first += perFrame) {
    giveFrame(usize(load<u32>(directory + ((first >> bucketsPerFrameBits) << 2))));
  }
  memory.fill(bucketAt(0), 0, frameBytes);
  for (; overflowFrames != 0;) {
    const frame = overflowFrames;
    overflowFrames = usize(load<u32>(frame));
    giveFrame(frame);
  }
  overflowFree = 0;
  overflowFresh = 0;
  overflowEnd = 0;
  indexFrames = 1;
  entries = 0;
  buckets = perFrame;
  level = bucketsPerFrameBits;
  nextSplit = 0;
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

/** Removes the entry in `slot`, whatever it leads to. */
export function dropSlot(): void {
  removeEntry(bucketFor(hash), slot);
  entries--;
}

/** Splits the buckets that growth has made due: two at most, so that one insertion stays short. */
export function growIndex(): void {
  for (let i = 0; i < 2; i++) {
    // A split may take a frame of buckets and one of overflow buckets, and the log must keep one.
    if (entries * 2 <= buckets * entriesPerTwoBuckets || availableFrames() < 3) return;
    splitBucket();
  }
}

function splitBucket(): void {
  const isFirstOfFrame = (buckets & ((u32(1) << bucketsPerFrameBits) - 1)) == 0;
  if (isFirstOfFrame && (indexFrames >= maxIndexFrames || !addBucketFrame(buckets))) return;
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
