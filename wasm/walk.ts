// Going over the log in its order: what scans list, and what compaction moves to the tail, are the records of a page that are
// still live. A record is if its index entry leads to it, or if nothing newer in its chain has its key. Where that can
// only be told by reading a record from disk, the host is asked to.

import { availableFrames, frameBytes, scratch } from "./frames";
import { addressIn, CACHED, chain, dropSlot, entrySlot, locateAddress, MIXED, slot } from "./hash_index";
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
  KIND_ACCOUNTS,
  KIND_CLEAR,
  KIND_COMMIT,
  KIND_PAD,
  kindOf,
  MARK_BLIND,
  MARK_HEIR,
  MARK_TOMBSTONE,
  prevOf,
  setBits,
  sizeOf,
} from "./record";
import { isRecord, loadBench, PAGE_DAMAGED, PAGE_DONE, PAGE_NEEDS_FRAMES } from "./replay";
import { countExpiration, countGone, countLive, markDead, uncount } from "./space";

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

/** What no key or node is under. */
function isOfLog(kind: u32): bool {
  return kind == KIND_COMMIT || kind == KIND_ACCOUNTS || kind == KIND_CLEAR;
}

// How a record of a page that was read from disk stands.
const DEAD: i32 = 0;
/** Its entry leads to it. */
const NEWEST: i32 = 1;
/** It is live, and others in its chain are newer. */
const BEHIND: i32 = 2;
const UNDECIDED: i32 = 3;
/** Whether the record before it in its chain has presumed it to have its own key, and was wrong. */
let isWronglyPresumed: bool = false;
/** Whether one with its key comes before it, as far as the chain was in memory. */
let isReplaced: bool = false;

export function wasReplaced(): bool {
  return isReplaced;
}

/** How the record that was written to `at` stands. Sets `slot`. */
function standing(record: usize, at: u64): i32 {
  isWronglyPresumed = false;
  isReplaced = false;
  const keyLength = keyLengthOf(record);
  if (!entrySlot(keyOf(record), keyLength)) return DEAD;
  const entry = load<u64>(slot);
  if (addressIn(entry) == at) return NEWEST;
  if ((entry & MIXED) == 0) return DEAD;
  const isNode = isNodeKind(kindOf(record));
  let newer: usize = 0;
  let hasItsKey = false;
  let other = entry & ADDRESS_MASK;
  if ((entry & CACHED) != 0) {
    newer = usize(other);
    hasItsKey = hasKey(newer, keyOf(record), keyLength, isNode);
    isReplaced = hasItsKey;
    other = load<u64>(newer - 8);
  }
  while (other != at) {
    if (!isPresent(other) || !isNewer(other, at)) return DEAD;
    if (!isResident(other)) {
      undecided = other;
      return UNDECIDED;
    }
    newer = pointerOf(other);
    hasItsKey = hasKey(newer, keyOf(record), keyLength, isNode);
    if (hasItsKey) isReplaced = true;
    other = prevOf(newer);
  }
  isWronglyPresumed = newer != 0 && !hasItsKey && hasMark(newer, MARK_BLIND);
  return isReplaced ? DEAD : BEHIND;
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
 * scratch area. A page that is not in memory lies in loadBench from `from` on with `length` bytes.
 */
export function list(from: f64, until: f64, length: u32, epoch: u32, count: u32, verdict: u32): i32 {
  next = u64(from);
  const end = u64(until);
  const isHere = isResident(next);
  let record = isHere ? pointerOf(next) : loadBench;
  const limit = loadBench + length;
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

/** Frames that moving one record may take. */
const MOVE_FRAMES: u32 = 6;

/**
 * Moves the live records of a page on disk, which lies in loadBench from `from` on with `length` bytes, to the tail: up to `until`,
 * or until about `budget` bytes have been gone over (PAGE_STOPPED). What has expired is removed.
 */
export function moveLivePage(
  from: f64,
  until: f64,
  length: u32,
  epoch: u32,
  budget: u32,
  verdict: u32,
  isWrong: bool,
  now: f64,
): i32 {
  next = u64(from);
  const end = u64(until);
  let record = loadBench;
  const limit = loadBench + length;
  const enough = loadBench + budget;
  while (next != end && leftInPage(next) >= HEADER_BYTES) {
    nextRecord = record;
    if (record >= enough) return PAGE_STOPPED;
    if (limit - record < HEADER_BYTES || !isRecord(record, next, epoch, u32(limit - record))) return PAGE_DAMAGED;
    const kind = kindOf(record);
    if (kind == KIND_PAD) break;
    if (availableFrames() < MOVE_FRAMES) return PAGE_NEEDS_FRAMES;
    const size = sizeOf(record);
    if (!hasFlag(record, FLAG_DEAD) && !isOfLog(kind)) {
      // What it has replaced is older, and has been gone over.
      if (verdict == UNKNOWN && hasMark(record, MARK_BLIND)) blindGone++;
      if (hasMark(record, MARK_TOMBSTONE)) {
        dropTombstone(record, next);
      } else {
        let state = DEAD;
        if (verdict == UNKNOWN) {
          state = standing(record, next);
          if (state == UNDECIDED) return PAGE_UNDECIDED;
        } else {
          entrySlot(keyOf(record), keyLengthOf(record));
          if (verdict == IS_LIVE) state = BEHIND;
          isWronglyPresumed = isWrong;
          verdict = UNKNOWN;
        }
        if (isWronglyPresumed) {
          wronglyPresumed++;
          wrongBytes += size;
        }
        if (state != DEAD) moveRecord(record, next, size, state == NEWEST, now);
      }
    }
    next = advance(next, size);
    record += size;
    if (isPageStart(next)) break;
  }
  return PAGE_DONE;
}

/** Nothing that it could hide is left. */
function dropTombstone(record: usize, at: u64): void {
  if (!entrySlot(keyOf(record), keyLengthOf(record))) return;
  if ((load<u64>(slot) & (ADDRESS_MASK | CACHED)) == at) dropSlot();
}

/** Blind records that have been gone over: they are gone when the log begins behind them. */
let blindGone: f64 = 0;
/** Records that were wrongly presumed to have been replaced: they are counted then, too, as a pass may come to no end. */
let wronglyPresumed: u32 = 0;
let wrongBytes: u64 = 0;

export function beginMoving(): void {
  blindGone = 0;
  wronglyPresumed = 0;
  wrongBytes = 0;
}

/** What has been gone over since beginMoving() is not part of the log any more. */
export function endMoving(): void {
  countGone(blindGone, wronglyPresumed, wrongBytes);
  beginMoving();
}

/** Moves a live record, whose entry is in `slot`, from `at` to the tail. */
function moveRecord(record: usize, at: u64, size: u32, isNewest: bool, now: f64): void {
  uncount(record, at);
  if (isResident(at)) markDead(pointerOf(at), at);
  const copy = allocate(size);
  const copyAddress = allocated;
  memory.copy(copy, record, size);
  setBits(copy, bitsOf(copy) & ~(FLAG_REFERENCED | FLAG_DEAD | FLAG_OWED));
  store<u32>(copy, load<u32>(copy, 8) & ~(MARK_BLIND | MARK_HEIR), 8);
  if (isNewest) {
    // What it replaces is the oldest of its chain: all before it has been gone over.
    store<u64>(slot, load<u64>(slot) & ~(ADDRESS_MASK | CACHED));
  }
  chain(copy, copyAddress);
  countLive(copy, copyAddress, size, expiryOf(copy));
  if (isExpired(copy, now) && !isNodeKind(kindOf(copy))) {
    locateAddress(keyOf(copy), keyLengthOf(copy), copyAddress);
    unlink(copy);
    countExpiration();
  }
}
