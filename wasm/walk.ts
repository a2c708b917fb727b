// Going over the log in its order: what scans list, and what compaction moves to the tail, are the records of a page that are
// still live. A record is if its index entry leads to it, or if nothing newer in its chain has its key. Where that can
// only be told by reading a record from disk, the host is asked to.

import { availableFrames, frameBytes, scratch } from "./frames";
import {
  addressIn,
  bucketEntries,
  buckets,
  CACHED,
  chain,
  dropSlot,
  entrySlot,
  locateAddress,
  MIXED,
  MOST_IN_BUCKET,
  slot,
} from "./hash_index";
import { unlink } from "./keyspace";
import {
  advance,
  allocate,
  allocated,
  begin,
  firstRecord,
  isNewer,
  isPageStart,
  isPresent,
  isResident,
  leftInPage,
  noteGoneOver,
  pointerOf,
  tail,
} from "./log";
import {
  ADDRESS_MASK,
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  FLAG_REFERENCED,
  hasFlag,
  hasKey,
  hasMark,
  HEADER_BYTES,
  isExpired,
  isNodeKind,
  keyLengthOf,
  keyOf,
  KIND_PAD,
  kindOf,
  MARK_TOMBSTONE,
  prevOf,
  setBits,
  sizeOf,
} from "./record";
import { isOfLog, isRecord, PAGE_DAMAGED, PAGE_DONE, PAGE_NEEDS_FRAMES } from "./replay";
import { noteMoved } from "./recycle";
import { countExpiration, countLive, markDead, uncount } from "./space";

/** The host has to say whether the record at walkedUntil() is live: it must read the one at undecidedAt() for that. */
export const PAGE_UNDECIDED: i32 = -3;
/** As many records as wanted have been listed. */
export const PAGE_STOPPED: i32 = -4;

// What the host has found out about the next record.
export const UNKNOWN: u32 = 0;
export const IS_DEAD: u32 = 1;
export const IS_LIVE: u32 = 2;

let next: u64 = 0;
let nextRecord: usize = 0;
let undecided: u64 = 0;
/** How many records the last list() has listed. */
export let listed: u32 = 0;

export function walkedUntil(): f64 {
  return f64(next);
}

/** Where the record at walkedUntil() lies in memory. */
export function walkedRecord(): usize {
  return nextRecord;
}

export function undecidedAt(): f64 {
  return f64(undecided);
}

// How a record of a page that was read from disk stands.
const DEAD: i32 = 0;
/** Its entry leads to it. */
const NEWEST: i32 = 1;
/** It is live, and others in its chain, of other keys, are newer. */
const BEHIND: i32 = 2;
const UNDECIDED: i32 = 3;

/** How the record that was written to `at` stands. Sets `slot`. */
function standing(record: usize, at: u64): i32 {
  const key = keyOf(record);
  const keyLength = keyLengthOf(record);
  if (!entrySlot(key, keyLength)) return DEAD;
  const entry = load<u64>(slot);
  if (addressIn(entry) == at) return NEWEST;
  if ((entry & MIXED) == 0) return DEAD;
  const isNode = isNodeKind(kindOf(record));
  let other = entry & ADDRESS_MASK;
  if ((entry & CACHED) != 0) {
    const copy = usize(other);
    if (hasKey(copy, key, keyLength, isNode)) return DEAD;
    other = load<u64>(copy - 8);
  }
  while (other != at) {
    if (!isPresent(other) || !isNewer(other, at)) return DEAD;
    if (!isResident(other)) {
      undecided = other;
      return UNDECIDED;
    }
    const newer = pointerOf(other);
    if (hasKey(newer, key, keyLength, isNode)) return DEAD;
    other = prevOf(newer);
  }
  return BEHIND;
}

/** The first record at or behind `address` in its page, which is in memory: a cursor may be anything. O(records of the page). */
export function boundaryFrom(address: f64): f64 {
  const wanted = u64(address);
  let at = firstRecord(wanted & ~((u64(frameBytes) >> 3) - 1));
  if (isNewer(begin, at)) at = begin;
  while (isNewer(wanted, at) && isNewer(tail, at) && kindOf(pointerOf(at)) != KIND_PAD) {
    at = advance(at, sizeOf(pointerOf(at)));
    if (isPageStart(at)) break;
  }
  return f64(at);
}

/**
 * Lists the records of users' keys that are live in the page at `from`, up to `count` of them or `until`, as u32 pointers in the
 * scratch area. Of a page that is not in memory, `length` bytes from `from` on lie at `bytes`.
 */
export function list(from: f64, until: f64, bytes: usize, length: u32, epoch: u32, count: u32, verdict: u32): i32 {
  next = u64(from);
  const end = u64(until);
  const isHere = isResident(next);
  let record = isHere ? pointerOf(next) : bytes;
  const limit = bytes + length;
  listed = 0;
  while (next != end && leftInPage(next) >= HEADER_BYTES) {
    nextRecord = record;
    if (!isHere && (limit - record < HEADER_BYTES || !isRecord(record, next, epoch, u32(limit - record)))) {
      return PAGE_DAMAGED;
    }
    const kind = kindOf(record);
    if (kind == KIND_PAD) break;
    const size = sizeOf(record);
    if (
      !hasFlag(record, FLAG_DEAD | FLAG_OWED) && !isNodeKind(kind) && !isOfLog(kind) && !hasMark(record, MARK_TOMBSTONE)
    ) {
      if (listed == count) return PAGE_STOPPED;
      let isLive = isHere || verdict == IS_LIVE;
      if (!isHere && verdict == UNKNOWN) {
        const state = standing(record, next);
        if (state == UNDECIDED) return PAGE_UNDECIDED;
        isLive = state != DEAD;
      }
      verdict = UNKNOWN;
      if (isLive) {
        store<u32>(scratch + (listed << 2), u32(record));
        listed++;
      }
    }
    next = advance(next, size);
    record += size;
    if (isPageStart(next)) break;
  }
  return PAGE_DONE;
}

/** Buckets that a call looks at: some 100 µs. */
const MOST_BUCKETS: u32 = 4096;

/**
 * Leaves the addresses in the log (f64) of entries that are at `since` or newer in the scratch area, of about `count` of them, from
 * `bucket` on, and returns the bucket to go on with.
 */
export function listEntries(bucket: u32, since: f64, count: u32): u32 {
  const end = min(buckets, bucket + MOST_BUCKETS);
  const out = scratch + MOST_IN_BUCKET * 8;
  listed = 0;
  while (bucket < end && listed < count) {
    const entries = bucketEntries(bucket++, out);
    for (let i: u32 = 0; i < entries; i++) {
      const at = load<u64>(out + (i << 3)) & ADDRESS_MASK;
      if (!isPresent(at) || isNewer(u64(since), at)) continue;
      store<f64>(scratch + (listed++ << 3), f64(at));
    }
  }
  return bucket;
}

/** Frames that moving one record may take. */
const MOVE_FRAMES: u32 = 6;

/**
 * Moves the live records of a page on disk, of which `length` bytes from `from` on lie at `bytes`, to the tail: up to `until`,
 * or until about `budget` bytes have been gone over (PAGE_STOPPED). What has expired is removed. A commit says how far it has come, so
 * that nothing is gone over twice.
 */
export function moveLivePage(
  from: f64,
  until: f64,
  bytes: usize,
  length: u32,
  epoch: u32,
  budget: u32,
  verdict: u32,
  now: f64,
): i32 {
  next = u64(from);
  const end = u64(until);
  let record = bytes;
  const limit = bytes + length;
  const enough = bytes + budget;
  while (next != end && leftInPage(next) >= HEADER_BYTES) {
    nextRecord = record;
    if (record >= enough) return PAGE_STOPPED;
    if (limit - record < HEADER_BYTES || !isRecord(record, next, epoch, u32(limit - record))) return PAGE_DAMAGED;
    const kind = kindOf(record);
    if (kind == KIND_PAD) break;
    if (availableFrames() < MOVE_FRAMES) return PAGE_NEEDS_FRAMES;
    const size = sizeOf(record);
    if (!hasFlag(record, FLAG_DEAD) && !isOfLog(kind)) {
      if (hasMark(record, MARK_TOMBSTONE)) {
        dropTombstone(record, next);
      } else {
        let state = DEAD;
        if (verdict == UNKNOWN) {
          state = standing(record, next);
          if (state == UNDECIDED) return PAGE_UNDECIDED;
        } else if (verdict == IS_LIVE) {
          entrySlot(keyOf(record), keyLengthOf(record));
          state = BEHIND;
        }
        verdict = UNKNOWN;
        if (state != DEAD) moveRecord(record, next, size, state == NEWEST, now);
      }
    }
    next = advance(next, size);
    noteGoneOver(next);
    record += size;
    if (isPageStart(next)) break;
  }
  return PAGE_DONE;
}

/** Nothing that it could hide is left. */
function dropTombstone(record: usize, at: u64): void {
  if (!entrySlot(keyOf(record), keyLengthOf(record))) return;
  if (addressIn(load<u64>(slot)) == at) dropSlot();
}

/** Moves a live record, whose entry is in `slot`, from `at` to the tail. */
function moveRecord(record: usize, at: u64, size: u32, isNewest: bool, now: f64): void {
  uncount(record, at);
  if (isResident(at)) markDead(pointerOf(at), at);
  const copy = allocate(size);
  const copyAddress = allocated;
  memory.copy(copy, record, size);
  setBits(copy, bitsOf(copy) & ~(FLAG_REFERENCED | FLAG_DEAD | FLAG_OWED));
  if (isNewest) {
    // What it replaces is the oldest of its chain: all before it has been gone over.
    store<u64>(slot, load<u64>(slot) & ~(ADDRESS_MASK | CACHED));
  }
  chain(copy, copyAddress);
  countLive(copy, copyAddress, size, expiryOf(copy));
  noteMoved(size);
  if (isExpired(copy, now) && !isNodeKind(kindOf(copy))) {
    locateAddress(keyOf(copy), keyLengthOf(copy), copyAddress);
    unlink(copy);
    countExpiration();
  }
}
