// What is live, and what the limit is: the counts that decide whether a write fits.

import { FITS, FULL, NEEDS_FRAMES } from "./answers";
import { availableFrames, frameBytes, maxFrames } from "./frames";
import { distance, noteExpiry, tail } from "./log";
import { indexFrames } from "./hash_index";
import { bitsOf, FLAG_DEAD, FLAG_OWED, isNodeKind, kindOf, setBits, setPrev, sizeOf } from "./record";

/** Live data and index may take this share of the frames, so that recycling always finds garbage to win. */
const LIVE_PERCENT: u64 = 90;

export let keys: u32 = 0;
export let liveBytes: u64 = 0;
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
/** The last record that the transaction has unlinked; the ones before are chained to it by `prev`. 0 for none. */
export let journal: u64 = 0;

/** Whether any record must stay as it is. */
export let isGuarded: bool = false;

export function setTransaction(active: bool): void {
  isTransacting = active;
  transactionStart = tail;
  journal = 0;
  isGuarded = isSnapshotting || isTransacting;
}

export function setSnapshot(active: bool, next: u64, end: u64): void {
  isSnapshotting = active;
  isGuarded = isSnapshotting || isTransacting;
  snapshotNext = next;
  snapshotEnd = end;
}

/** Whether the record at `address` must not be changed: a snapshot has yet to copy it, or a transaction may want it back. */
export function isOwed(address: u64): bool {
  return isGuarded && (isOwedToSnapshot(address) || isOwedToTransaction(address));
}

export function isOwedToSnapshot(address: u64): bool {
  return isSnapshotting && distance(address) <= distance(snapshotNext) && distance(address) > distance(snapshotEnd);
}

function isOwedToTransaction(address: u64): bool {
  return isTransacting && distance(address) > distance(transactionStart);
}

/** What live data and index may take. */
export function limitBytes(): f64 {
  return f64(((u64(maxFrames) * LIVE_PERCENT) / 100) * u64(frameBytes));
}

export function indexBytes(): u64 {
  return u64(indexFrames) * u64(frameBytes);
}

/** Whether `bytes` more would still leave live data and index within the limit. */
export function fits(bytes: f64): bool {
  return f64(liveBytes + indexBytes()) + bytes <= limitBytes();
}

/** How many frames the write that was last refused with NEEDS_FRAMES wants at hand. */
export let framesWanted: u32 = 0;
/** How many bytes of live data the write that was last refused with FULL would add. */
export let bytesWanted: f64 = 0;

/** Whether a write may add `bytes` of live data and take up to `frames` frames: FITS, FULL or NEEDS_FRAMES. */
export function admit(bytes: f64, frames: u32): i32 {
  if (bytes > 0 && !fits(bytes)) {
    bytesWanted = bytes;
    return FULL;
  }
  return admitFrames(frames);
}

export function admitFrames(frames: u32): i32 {
  if (availableFrames() >= frames) return FITS;
  framesWanted = frames;
  return NEEDS_FRAMES;
}

/** A record at `address` has been written and linked. */
export function countLive(record: usize, address: u64, size: u32, expiry: f64): void {
  liveBytes += u64(size);
  noteExpiry(address, expiry);
  if (expiry != 0) mayExpire = true;
  if (!isNodeKind(kindOf(record))) keys++;
}

/** The record at `address` has been unlinked. */
export function countDead(record: usize, address: u64): void {
  liveBytes -= u64(sizeOf(record));
  if (!isNodeKind(kindOf(record))) keys--;
  markDead(record, address);
}

/** The record at `address` is out of its chain. What a transaction has unlinked is kept on a list, to be undone. */
export function markDead(record: usize, address: u64): void {
  if (isOwedToTransaction(address)) {
    setBits(record, bitsOf(record) | FLAG_OWED);
    setPrev(record, journal);
    journal = address;
    return;
  }
  setBits(record, bitsOf(record) | (isOwed(address) ? FLAG_OWED : FLAG_DEAD));
}

export function countEviction(): void {
  evictions++;
}

export function countExpiration(): void {
  expirations++;
}
