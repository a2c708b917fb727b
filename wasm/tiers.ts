// A core whose log goes on in files: what the host needs to know and to do about records that are not in memory.

import { initAccounts, setTime } from "./accounts";
import { frameBytes, scratch, takeFrame } from "./frames";
import { initFlush } from "./flush";
import {
  address,
  CACHED,
  chain,
  entrySlot,
  fillBuckets,
  growIndex,
  insertSlot,
  isCold,
  limitIndex,
  locate,
  locateAddress,
  newestOf,
  slot,
  unchain,
} from "./hash_index";
import {
  allocate,
  allocated,
  begin,
  dropHeadPage,
  goneOver,
  head,
  initLog,
  initTiers,
  isPresent,
  isResident,
  noteGoneOver,
  pointerOf,
  readOnly,
  setBegin,
  tail,
} from "./log";
import { cacheRecord, IS_CACHED } from "./read_cache";
import { initReplay, isPlausible, isRecord, loadBench } from "./replay";
import {
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  FLAG_REFERENCED,
  hasKey,
  hasMark,
  HEADER_BYTES,
  keyLengthOf,
  keyOf,
  KIND_PAD,
  kindOf,
  MARK_TOMBSTONE,
  prevOf,
  setBits,
  sizeOf,
} from "./record";
import { countLive, markDead, setGuard, uncount } from "./space";
import { buryUnknown } from "./tombstone";

/** The index is as small as it can be without many overflow buckets: all keys have entries, few have records in memory. */
const ENTRIES_PER_TWO_BUCKETS: u32 = 14;

/**
 * Makes an empty store one whose log goes on in files, of segments of 2^`segmentBits` bytes, and begins at `first`. What is
 * in them is replayed then. False when a frame is missing.
 */
export function openTiers(segmentBits: u32, first: f64, indexFrames: u32, now: f64): bool {
  const load = takeFrame(false);
  if (load == 0) return false;
  initAccounts(segmentBits);
  setTime(now);
  initTiers(u64(first));
  initReplay(load);
  limitIndex(indexFrames);
  fillBuckets(ENTRIES_PER_TWO_BUCKETS);
  setGuard();
  return true;
}

/** What has been replayed ends before this page, on which writing begins. False when a frame is missing. */
export function startAt(page: f64, epoch: u32): bool {
  const first = begin;
  const gone = goneOver;
  dropHeadPage();
  if (!initLog(u64(page) * (frameBytes >> 3))) return false;
  initTiers(first);
  noteGoneOver(gone);
  const bench = takeFrame(false);
  walkBench = takeFrame(false);
  initFlush(bench, epoch);
  return bench != 0 && walkBench != 0;
}

/** Where pages are laid that are gone over, as far as they are not in memory. */
export let walkBench: usize = 0;

export function beginAddress(): f64 {
  return f64(begin);
}

export function headAddress(): f64 {
  return f64(head);
}

export function readOnlyAddress(): f64 {
  return f64(readOnly);
}

export function tailAddress(): f64 {
  return f64(tail);
}

/** See goneOver in log.ts. */
export function goneOverAddress(): f64 {
  return f64(goneOver);
}

/** Forgets what lies before `address`, where nothing is live any more. */
export function moveBegin(address: f64): void {
  setBegin(u64(address));
}

/** The record in loadBench, of which `length` bytes are there, is as long as this; 0 when it is none. */
export function loadedBytes(length: u32): u32 {
  if (length < HEADER_BYTES || !isPlausible(loadBench, frameBytes) || kindOf(loadBench) == KIND_PAD) return 0;
  return sizeOf(loadBench);
}

/** Whether the record in loadBench is what was written to `address`. */
export function isLoaded(address: f64, epoch: u32, length: u32): bool {
  return isRecord(loadBench, u64(address), epoch, length);
}

/** Caches the record in loadBench, which was read from `at`: see cacheRecord(). */
export function cacheLoaded(at: f64): i32 {
  return cacheRecord(loadBench, u64(at));
}

// What takeLoaded() answers when it has no record to give.
const IS_DAMAGED: i32 = -1;
/** More bytes of it are needed: loadedBytes() says how many. */
const IS_CUT: i32 = -2;
/** It is not the one that is looked for, not the first of its chain, or a frame is missing. */
const NEEDS_MORE: i32 = -3;

/**
 * Checks the record in loadBench, of which `length` bytes were read from `at`, caches it, and gives the copy if it has the key in
 * the scratch area; 0 when it says that there is none. All that a read needs in most cases in one call.
 */
export function takeLoaded(at: f64, epoch: u32, length: u32, keyLength: u32): i32 {
  const size = loadedBytes(length);
  if (size == 0) return IS_DAMAGED;
  if (size > length) return IS_CUT;
  if (!isLoaded(at, epoch, length)) return IS_DAMAGED;
  if (!hasKey(loadBench, scratch, keyLength, false) || cacheLoaded(at) != IS_CACHED) return NEEDS_MORE;
  if (hasMark(loadBench, MARK_TOMBSTONE)) return 0;
  return i32(newestOf(load<u64>(slot)));
}

/** Where a record of the log lies in memory; 0 where it does not. */
export function recordAt(address: f64): usize {
  return isResident(u64(address)) ? pointerOf(u64(address)) : 0;
}

/** The address of what comes next behind a record in its chain; 0 for nothing. */
export function prevAddress(record: usize): f64 {
  const prev = prevOf(record);
  return isPresent(prev) ? f64(prev) : 0;
}

export function isTombstone(record: usize): bool {
  return hasMark(record, MARK_TOMBSTONE);
}

/** Whether the record in loadBench has the key (or node id) at `key`. */
export function hasLoadedKey(key: usize, keyLength: u32, isNode: bool): bool {
  return hasKey(loadBench, key, keyLength, isNode);
}

/**
 * If the chain of a key (or node id) begins with a copy in the read cache, whatever its key, writes that to the tail: a step that
 * writes another key of the chain would lose sight of it, and of what comes behind. False when it does not. Frames for it
 * are at hand.
 */
export function promote(key: usize, keyLength: u32): bool {
  if (!entrySlot(key, keyLength)) return false;
  const entry = load<u64>(slot);
  if ((entry & CACHED) == 0) return false;
  const record = newestOf(entry);
  const at = prevOf(record);
  locateAddress(keyOf(record), keyLengthOf(record), at);
  const size = sizeOf(record);
  const copy = allocate(size);
  const copyAddress = allocated;
  memory.copy(copy, record, size);
  setBits(copy, bitsOf(copy) & ~(FLAG_REFERENCED | FLAG_DEAD | FLAG_OWED));
  unchain(record);
  chain(copy, copyAddress);
  if (!hasMark(copy, MARK_TOMBSTONE)) {
    countLive(copy, copyAddress, size, expiryOf(copy));
    uncount(record, at);
  }
  markDead(record, at);
  return true;
}

/** The address of the record that has to be read to know what the key in the scratch area holds, or -1. */
export function coldAddress(keyLength: u32): f64 {
  locate(scratch, keyLength, false);
  return isCold ? f64(address) : -1;
}

/** The same for a node id, which is left in `nodeId`; -2 when there is no such node. */
export function coldNode(low: u32, high: u32): f64 {
  store<u64>(nodeId, (u64(high) << 32) | u64(low));
  const record = locate(nodeId, 8, true);
  return isCold ? f64(address) : record == 0 ? -2 : -1;
}
export const nodeId: usize = memory.data(8, 8);

/**
 * Writes a record, which was read from `at` and found to be the newest of its key though not of its chain, to the tail. With 0 in
 * place of it, notes that there is nothing under the key (or node id) at `key`. Frames for it are at hand.
 */
export function adopt(record: usize, at: f64, key: usize, keyLength: u32, isNode: bool): void {
  locate(key, keyLength, isNode);
  if (record == 0) return buryUnknown(key, keyLength, isNode);
  uncount(record, u64(at));
  const size = sizeOf(record);
  const copy = allocate(size);
  const copyAddress = allocated;
  memory.copy(copy, record, size);
  setBits(copy, bitsOf(copy) & ~(FLAG_REFERENCED | FLAG_DEAD | FLAG_OWED));
  if (slot == 0) insertSlot();
  chain(copy, copyAddress);
  countLive(copy, copyAddress, size, expiryOf(copy));
  growIndex();
}
