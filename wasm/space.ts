// What is live, and what the limit is: the counts that decide whether a write fits.

import { addLive, averageAt } from "./accounts";
import { FITS, FULL, NEEDS_FRAMES } from "./answers";
import { addCounts, liveBytes } from "./counts";
import { availableFrames, frameBytes, maxFrames } from "./frames";
import { distance, isFrozen, isLogFull, isTiered, noteExpiry, tail } from "./log";
import { indexFrames, isCached, isIndexFull } from "./hash_index";
import { beginJournal, journalFrames, journalReplaced } from "./journal";
import {
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  isNodeKind,
  kindOf,
  MARK_BLIND,
  presumedBy,
  setBits,
  setMark,
  setPresumed,
  sizeOf,
} from "./record";

/** Live data and index may take this share of the frames, so that recycling always finds garbage to win. */
const LIVE_PERCENT: u64 = 90;

export let evictions: f64 = 0;
export let expirations: f64 = 0;
/** Whether any record was ever given an expiry. */
export let mayExpire: bool = false;

// While a snapshot is written, records from `snapshotNext` up to `snapshotEnd` must stay as they are.
export let isSnapshotting: bool = false;
export let snapshotNext: u64 = 0;
export let snapshotEnd: u64 = 0;

// While a transaction is under way, records from before `transactionStart` must stay as they are.
export let isTransacting: bool = false;
export let transactionStart: u64 = 0;

/** Whether any record must stay as it is. */
export let isGuarded: bool = false;

export function setTransaction(active: bool): void {
  isTransacting = active;
  if (active) {
    transactionStart = tail;
    beginJournal();
  }
  setGuard();
}

/** In a log that is tiered, what is read-only is never changed. */
export function setGuard(): void {
  isGuarded = isSnapshotting || isTransacting || isTiered;
}

export function setSnapshot(active: bool, next: u64, end: u64): void {
  isSnapshotting = active;
  setGuard();
  snapshotNext = next;
  snapshotEnd = end;
}

/**
 * Whether the record at `address` must not be changed: a snapshot has yet to copy it, a transaction may want it back, or it
 * is as it is on disk.
 */
export function isOwed(address: u64): bool {
  return isGuarded && (isFrozen(address) || isOwedToSnapshot(address) || isOwedToTransaction(address));
}

export function isOwedToSnapshot(address: u64): bool {
  return isSnapshotting && distance(address) <= distance(snapshotNext) && distance(address) > distance(snapshotEnd);
}

export function isOwedToTransaction(address: u64): bool {
  return isTransacting && distance(address) > distance(transactionStart);
}

/** What live data and index may take. */
export function limitBytes(): f64 {
  return f64(((u64(maxFrames) * LIVE_PERCENT) / 100) * u64(frameBytes));
}

export function indexBytes(): u64 {
  return u64(indexFrames) * u64(frameBytes);
}

/** Whether `bytes` more would still leave live data and index within the limit. On disk there is none. */
export function fits(bytes: f64): bool {
  return isTiered || f64(liveBytes + i64(indexBytes())) + bytes <= limitBytes();
}

/** How many frames the write that was last refused with NEEDS_FRAMES wants at hand. */
export let framesWanted: u32 = 0;
/** How many bytes of live data the write that was last refused with FULL would add. */
export let bytesWanted: f64 = 0;

/** Whether a write may add `bytes` of live data and take up to `frames` frames: FITS, FULL or NEEDS_FRAMES. What removes need not ask. */
export function admit(bytes: f64, frames: u32): i32 {
  if (isLogFull() || bytes > 0 && (!fits(bytes) || isIndexFull())) {
    bytesWanted = bytes;
    return FULL;
  }
  return admitFrames(frames);
}

export function admitFrames(frames: u32): i32 {
  if (isTransacting) frames += journalFrames();
  if (availableFrames() >= frames) return FITS;
  framesWanted = frames;
  return NEEDS_FRAMES;
}

/** A record at `address` has been written and linked. */
export function countLive(record: usize, address: u64, size: u32, expiry: f64): void {
  noteExpiry(address, expiry);
  if (expiry != 0) mayExpire = true;
  const key = isNodeKind(kindOf(record)) ? 0 : 1;
  if (isTiered) addLive(address, expiry, size, key, 0);
  addCounts(key, i64(size), 0);
}

/** The record at `address` has been unlinked. */
export function countDead(record: usize, address: u64): void {
  uncount(record, address);
  markDead(record, address);
}

/** The record at `address` is not counted as live any more. */
export function uncount(record: usize, address: u64): void {
  const size = sizeOf(record);
  const key = isNodeKind(kindOf(record)) ? 0 : 1;
  if (isTiered) addLive(address, expiryOf(record), -i32(size), -key, 0);
  addCounts(-key, -i64(size), 0);
}

/** The record at `address` is out of its chain. What a transaction has unlinked is noted, to be undone. */
export function markDead(record: usize, address: u64): void {
  if (isOwedToTransaction(address)) {
    setBits(record, bitsOf(record) | FLAG_OWED);
    journalReplaced(record, address, isCached);
    return;
  }
  setBits(record, bitsOf(record) | (isOwed(address) ? FLAG_OWED : FLAG_DEAD));
}

/**
 * `record` has replaced the one at `address` without its having been read. That is presumed to be of the same key, without expiry,
 * and as long as those of its segment are on average: see accounts.ts.
 */
export function countBlind(record: usize, address: u64): void {
  const size = averageAt(address);
  setMark(record, MARK_BLIND);
  setPresumed(record, size);
  addCounts(-1, -i64(size), 1);
  addLive(address, 0, -size, -1, 1);
}

/** Takes back what countBlind() has counted. */
export function uncountBlind(record: usize, address: u64): void {
  const size = presumedBy(record);
  addCounts(1, i64(size), -1);
  addLive(address, 0, size, 1, -1);
}

export function allowExpiry(): void {
  mayExpire = true;
}

export function countEviction(): void {
  evictions++;
}

export function countExpiration(): void {
  expirations++;
}
