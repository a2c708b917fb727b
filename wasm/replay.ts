// Recovery: the records of a page of the log, as they lie in its file, are checked and applied to the index in their order.
// Each makes its entry lead to itself; a tombstone that is alone removes the entry. So no record is compared with another.

import { clearAccounts, ROW_BYTES, rowAt } from "./accounts";
import { availableFrames, frameBytes } from "./frames";
import { hashBytes } from "./hash";
import { clearIndex, dropSlot, growIndex, marksFor, setEntry, slotFor } from "./hash_index";
import { advance, isNewer, isPageStart, isPresent, leftInPage, noteGoneOver } from "./log";
import { forgetCache } from "./read_cache";
import { setPending } from "./reclaim";
import {
  ADDRESS_MASK,
  FLAG_DEAD,
  hasFlag,
  hasMark,
  HEADER_BYTES,
  isNodeKind,
  keyLengthOf,
  keyOf,
  KIND_ACCOUNTS,
  KIND_CLEAR,
  KIND_COMMIT,
  KIND_PAD,
  KIND_TREE,
  KIND_ZSET,
  kindOf,
  MARK_ALONE,
  prevOf,
  sizeOf,
  valueLengthOf,
  valueOf,
} from "./record";
import { isIntact, placeOf } from "./seal";
import { clearCounts, restoreCounts } from "./counts";
import { allowExpiry } from "./space";
import { noteObject } from "./text";

/** Where pages are laid for recovery, scans and compaction, and single records to be cached. */
export let loadBench: usize = 0;

export function initReplay(bench: usize): void {
  loadBench = bench;
}

export const PAGE_DONE: i32 = 0;
export const PAGE_NEEDS_FRAMES: i32 = -1;
/** The record at replayedUntil() is not what was written there. */
export const PAGE_DAMAGED: i32 = -2;
/** The record at replayedUntil() comes after one in its chain that was not applied. */
export const PAGE_BROKEN: i32 = -5;

// What replay() does with records.
/** Checks them, and looks for commits. */
export const CHECK: u32 = 0;
/** Applies them, too. */
export const APPLY: u32 = 1;
/** The same where some are damaged: says which chains are broken. */
export const MEND: u32 = 2;

let next: u64 = 0;
/** How many records the last pages held. */
export let replayed: f64 = 0;

// The last commit met.
let hasCommit: bool = false;
let commitEnd: u64 = 0;
let commitDurable: u64 = 0;

/** Where the last replay() has stopped. */
export function replayedUntil(): f64 {
  return f64(next);
}

/** The end of the last commit that was met, -1 for none; beginReplay() forgets it. */
export function lastCommit(): f64 {
  return hasCommit ? f64(commitEnd) : -1;
}

/** What was on disk when it was written. */
export function lastDurable(): f64 {
  return f64(commitDurable);
}

export function beginReplay(): void {
  hasCommit = false;
}

/** What no key or node is under. */
export function isOfLog(kind: u32): bool {
  return kind == KIND_COMMIT || kind == KIND_ACCOUNTS || kind == KIND_CLEAR;
}

/** Whether the bytes at `record` can be the header of a record that ends within `room` bytes. */
export function isPlausible(record: usize, room: u32): bool {
  const kind = kindOf(record);
  if (kind == 0) return false;
  if (kind == KIND_PAD) return true;
  if (kind > KIND_ZSET && kind != KIND_TREE && !isOfLog(kind)) return false;
  return valueLengthOf(record) <= frameBytes && sizeOf(record) <= room;
}

/** Whether a record lies at `record` as it was written to `address` in `epoch`. */
export function isRecord(record: usize, address: u64, epoch: u32, room: u32): bool {
  return isPlausible(record, room) && isIntact(record, sizeOf(record), placeOf(address, epoch));
}

/**
 * Goes over the records of a page from `from` up to `until`, or to its end. The page's bytes from `from` on, `length` of them,
 * lie in loadBench.
 */
export function replay(from: f64, until: f64, length: u32, epoch: u32, mode: u32): i32 {
  const end = u64(until);
  next = u64(from);
  let record = loadBench;
  while (next != end && leftInPage(next) >= HEADER_BYTES) {
    const room = u32(loadBench + length - record);
    if (room < HEADER_BYTES || !isRecord(record, next, epoch, room)) return PAGE_DAMAGED;
    if (kindOf(record) == KIND_PAD) break;
    if (mode != CHECK && availableFrames() < 4) return PAGE_NEEDS_FRAMES;
    if (mode == MEND && next != mended && isBroken(record)) {
      mended = next;
      return PAGE_BROKEN;
    }
    const size = sizeOf(record);
    const after = advance(next, size);
    if (kindOf(record) == KIND_COMMIT) {
      hasCommit = true;
      commitEnd = after;
      commitDurable = load<u64>(valueOf(record), 8);
    }
    if (mode != CHECK) apply(record, next);
    replayed++;
    next = after;
    record += size;
    if (isPageStart(next)) break;
  }
  return PAGE_DONE;
}

/** The record that was last said to come after one that was not applied. */
let mended: u64 = 0;
let brokenPrev: u64 = 0;
let brokenNext: u64 = 0;

/** The address of what was not applied. */
export function brokenAt(): f64 {
  return f64(brokenPrev);
}

/** The address of the newest record that was applied of that chain, 0 for none: it goes on there. */
export function brokenUntil(): f64 {
  return f64(brokenNext);
}

/** Whether what comes next in the record's chain is newer than the newest that was applied of that. */
function isBroken(record: usize): bool {
  if (hasFlag(record, FLAG_DEAD) || isOfLog(kindOf(record))) return false;
  brokenPrev = prevOf(record);
  if (!isPresent(brokenPrev)) return false;
  const found = slotFor(hashBytes(keyOf(record), keyLengthOf(record)));
  brokenNext = found == 0 ? 0 : load<u64>(found) & ADDRESS_MASK;
  return found == 0 || isNewer(brokenPrev, brokenNext);
}

/**
 * The address of the first record behind `from` that is as it was written in `epoch`, in the same page, of which loadBench has
 * `length` bytes from `from` on; -1 when there is none.
 */
export function nextIntact(from: f64, length: u32, epoch: u32): f64 {
  for (let offset: u32 = 8; offset + HEADER_BYTES <= length; offset += 8) {
    const at = advance(u64(from), offset);
    if (isRecord(loadBench + offset, at, epoch, length - offset)) return f64(at);
  }
  return -1;
}

function apply(record: usize, at: u64): void {
  const kind = kindOf(record);
  if (hasFlag(record, FLAG_DEAD)) return;
  if (kind == KIND_COMMIT) return restoreCommit(valueOf(record));
  if (kind == KIND_ACCOUNTS) return restoreRows(valueOf(record), valueLengthOf(record));
  if (kind == KIND_CLEAR) {
    clearAll();
    return noteGoneOver(at);
  }
  if (isNodeKind(kind)) noteObject(load<u64>(keyOf(record)) >> 16);
  link(record, at);
}

function link(record: usize, at: u64): void {
  const keyHash = hashBytes(keyOf(record), keyLengthOf(record));
  const found = slotFor(keyHash);
  const entry = found == 0 ? 0 : load<u64>(found);
  // The index may have been saved after this was written.
  if (found != 0 && !isNewer(at, entry & ADDRESS_MASK)) return;
  if (hasMark(record, MARK_ALONE)) {
    if (found != 0) dropSlot();
    return;
  }
  const prev = prevOf(record);
  setEntry(keyHash, at, marksFor(record, isPresent(prev) ? prev : 0, entry));
  growIndex();
}

function restoreCommit(value: usize): void {
  restoreCounts(i32(load<f64>(value, 24)), i64(load<f64>(value, 56)), load<f64>(value, 48));
  noteObject(load<u64>(value, 32));
  setPending(load<u64>(value, 40));
  if (load<u64>(value, 64) != 0) allowExpiry();
  noteGoneOver(load<u64>(value, 72));
}

function restoreRows(value: usize, length: u32): void {
  for (let at: u32 = 0; at < length; at += ROW_BYTES + 8) {
    memory.copy(rowAt(u32(load<u64>(value + at))), value + at + 8, ROW_BYTES);
  }
}

/** Forgets all that was there. */
export function clearAll(): void {
  clearIndex();
  forgetCache();
  clearCounts();
  clearAccounts();
  setPending(0);
}
