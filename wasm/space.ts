// What is live, and what the limit is: the counts that decide whether a write fits.

import { frameBytes, maxFrames } from "./frames";
import { begin, distance, noteExpiry } from "./log";
import { indexFrames } from "./hash_index";
import { bitsOf, FLAG_DEAD, FLAG_OWED, KIND_NODE, kindOf, setBits, sizeOf } from "./record";

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

export function setSnapshot(active: bool, next: u64, end: u64): void {
  isSnapshotting = active;
  snapshotNext = next;
  snapshotEnd = end;
}

/** Whether the snapshot under way has yet to copy the record at `address`. */
export function isOwed(address: u64): bool {
  return isSnapshotting && distance(address) <= distance(snapshotNext) && distance(address) > distance(snapshotEnd);
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

/** A record at `address` has been written and linked. */
export function countLive(record: usize, address: u64, size: u32, expiry: f64): void {
  liveBytes += u64(size);
  noteExpiry(address, expiry);
  if (expiry != 0) mayExpire = true;
  if (kindOf(record) != KIND_NODE) keys++;
}

/** The record at `address` has been unlinked. */
export function countDead(record: usize, address: u64): void {
  liveBytes -= u64(sizeOf(record));
  if (kindOf(record) != KIND_NODE) keys--;
  markDead(record, address);
}

export function markDead(record: usize, address: u64): void {
  setBits(record, bitsOf(record) | (isOwed(address) ? FLAG_OWED : FLAG_DEAD));
}

export function countEviction(): void {
  evictions++;
}

export function countExpiration(): void {
  expirations++;
}
