// One call for each operation on a key. The key is at the start of the scratch area, a value in its second half. Each
// call checks everything that may refuse it before it writes anything.

import { FITS, IS_CHUNKED, MISSING, NOT_INTEGER, OVERFLOWS, WRONG_TYPE } from "./answers";
import { areFramesLow, scratch, SCRATCH_FIELD, SCRATCH_VALUE } from "./frames";
import { forgetMissing, noteMissing } from "./text";
import { DROP_FRAMES } from "./root";
import { dropOwned, isReclaiming, ownsRecords } from "./reclaim";
import { moveLive } from "./accounts";
import { allocate, allocated, isFrozen, isTiered, noteExpiry } from "./log";
import {
  address,
  CACHED,
  chain,
  COLD,
  coldBehind,
  dropSlotIfEmpty,
  growIndex,
  insertSlot,
  isCold,
  locate,
  locateForRead,
  mustRead,
  slot,
  unchain,
} from "./hash_index";
import {
  ADDRESS_MASK,
  bitsOf,
  EXPIRY_BYTES,
  expiryOf,
  FLAG_EXPIRES,
  FLAG_REFERENCED,
  hasFlag,
  isExpired,
  isNodeKind,
  KIND_CHUNKED,
  KIND_NODE,
  KIND_STRING,
  kindOf,
  recordBytes,
  setBits,
  setExpiry,
  setValueLength,
  sizeOf,
  valueLengthOf,
  valueOf,
  writeHeader,
} from "./record";
import { admit, admitFrames, countBlind, countDead, countExpiration, countLive, isGuarded, isOwed } from "./space";
import { bury } from "./tombstone";

// A write that took place answers 1, plus 2 when the key held a value before, plus 4 when the host has room to see to.
export const REFUSED: i32 = 0;
export const WRITTEN: i32 = 1;
export const EXISTED: i32 = 2;
export const NEEDS_CARE: i32 = 4;

// How to write: a kind in the low half, and these.
export const IF_ABSENT: u32 = 16;
export const IF_PRESENT: u32 = 32;
export const KEEP_EXPIRY: u32 = 64;
/** Room has been reserved: the index may have taken a frame since, and the limit is not asked again. */
export const RESERVED: u32 = 256;
/** The new root names the records that the old one owned. */
export const KEEP_OWNED: u32 = 128;

/** The longest value that lies in one record, and the size of a chunk. Eight chunk records fill a page of 128 KiB. */
export const INLINE_BYTES: u32 = 16352;

/**
 * A write takes at most one frame for the log and one for overflow buckets. One more is left alone, so that recycling can
 * move records, and so that a store that is full can be loaded from its snapshot.
 */
const WRITE_FRAMES: u32 = 3;

let tracksReads: bool = false;

/** With `tracks`, reads leave a mark on records, for eviction. */
export function trackReads(tracks: bool): void {
  tracksReads = tracks;
}

function written(flags: i32): i32 {
  return areFramesLow() || isReclaiming() ? flags | NEEDS_CARE : flags;
}

function framesToReplace(old: usize): u32 {
  return old != 0 && ownsRecords(old) ? WRITE_FRAMES + 1 : WRITE_FRAMES;
}

export function noteRead(record: usize): void {
  if (tracksReads && !hasFlag(record, FLAG_REFERENCED)) setBits(record, bitsOf(record) | FLAG_REFERENCED);
}

/** The record of the key, expired or not, 0 or COLD: the host reads its header and value in place. O(1). */
export function find(keyLength: u32): usize {
  const record = locateForRead(keyLength);
  if (record > COLD) {
    noteRead(record);
    if (isTiered) countHit(load<u64>(slot));
  }
  return record;
}

// Reads that found a record, by where it was; in chains of several records, by where the first one is.
export let mutableHits: f64 = 0;
export let readOnlyHits: f64 = 0;
export let cacheHits: f64 = 0;

function countHit(entry: u64): void {
  if ((entry & CACHED) != 0) cacheHits++;
  else if (isFrozen(entry & ADDRESS_MASK)) readOnlyHits++;
  else mutableHits++;
}

/** Like find(), but not a read. */
export function peek(keyLength: u32): usize {
  const record = locate(scratch, keyLength, false);
  return isCold ? COLD : record;
}

/** The chunk of a value with the node id at the start of the scratch area, or 0 and a note that it is missing. O(1). */
export function findNode(): usize {
  forgetMissing();
  const record = locate(scratch, 8, true);
  if (record == 0) noteMissing(load<u64>(scratch));
  return record;
}

/** Writes the value in the scratch area under the key (or node id) there. `expiry` 0 is never. O(1). */
export function upsert(keyLength: u32, valueLength: u32, mode: u32, expiry: f64, now: f64): i32 {
  const kind = mode & 15;
  const old = locate(scratch, keyLength, isNodeKind(kind));
  // What is on disk is only read where it matters. Parts that are there have been read by whoever writes them.
  const isBlind = isCold && !isNodeKind(kind);
  if (isBlind && ((mode & (IF_ABSENT | IF_PRESENT | KEEP_EXPIRY)) != 0 || mustRead())) return MISSING;
  const existed = old != 0 && !isExpired(old, now);
  if ((mode & IF_ABSENT) != 0 && existed) return REFUSED;
  if ((mode & IF_PRESENT) != 0 && !existed) return REFUSED;
  if ((mode & KEEP_EXPIRY) != 0) expiry = existed ? expiryOf(old) : 0;
  const size = recordBytes(keyLength, valueLength, expiry != 0);
  const flags = existed ? WRITTEN | EXISTED : WRITTEN;

  if (old != 0 && canUpdateInPlace(old, kind, size, expiry)) {
    setValueLength(old, valueLength);
    memory.copy(valueOf(old), scratch + SCRATCH_VALUE, valueLength);
    changeExpiry(old, expiry);
    noteRead(old); // to a cache, what is written again and again is as hot as what is read
    return written(flags);
  }

  // A blind write takes no new place in the index, which may be full.
  const added = isBlind ? 0 : old == 0 ? size : size - min(size, sizeOf(old));
  const frames = framesToReplace(old);
  // What is reserved has been admitted with its step, which must not stop half-way.
  const answer = (mode & RESERVED) != 0 ? admitFrames(frames) : admit(added, frames);
  if (answer != FITS) return answer;
  const record = allocate(size);
  writeHeader(record, kind, scratch, keyLength, valueLength, expiry);
  memory.copy(valueOf(record), scratch + SCRATCH_VALUE, valueLength);
  replace(old, record, size, expiry, (mode & KEEP_OWNED) != 0);
  if (isBlind) countBlind(record, coldBehind(record));
  return written(flags);
}

function canUpdateInPlace(old: usize, kind: u32, size: u32, expiry: f64): bool {
  return kindOf(old) == kind && (kind == KIND_STRING || kind == KIND_NODE) && sizeOf(old) == size &&
    hasFlag(old, FLAG_EXPIRES) == (expiry != 0) && !isOwed(address);
}

function changeExpiry(record: usize, expiry: f64): void {
  if (expiry == 0) return;
  if (isTiered) moveLive(address, expiryOf(record), expiry, sizeOf(record));
  setExpiry(record, expiry);
  noteExpiry(address, expiry);
}

/** Links a record just allocated at `at` under a key that the last locate() has not found. */
export function linkNew(record: usize, at: u64, size: u32, expiry: f64): void {
  if (slot == 0) insertSlot();
  chain(record, at);
  countLive(record, at, size, expiry);
  growIndex();
}

/** Links a record just allocated in place of `old`, which the last locate() found, or as a new key when that is 0. */
export function replace(old: usize, record: usize, size: u32, expiry: f64, keepsOwned: bool): void {
  const oldAddress = address;
  const at = allocated;
  if (slot == 0) insertSlot();
  else if (old != 0) unchain(old);
  chain(record, at);
  countLive(record, at, size, expiry);
  if (old != 0) {
    countDead(old, oldAddress);
    if (!keepsOwned) dropOwned(old);
  }
  growIndex();
}

/** Unlinks the record that the last locate() found, and what it owns. */
export function unlink(record: usize): void {
  unlinkAlone(record);
  dropOwned(record);
}

export function unlinkAlone(record: usize): void {
  const at = address;
  unchain(record);
  if (isTiered) bury(record);
  dropSlotIfEmpty();
  countDead(record, at);
}

/** Removes a key; REFUSED when there was none or it had expired. O(1). */
export function remove(keyLength: u32, now: f64): i32 {
  const record = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  if (record == 0) return REFUSED;
  if (isGuarded || ownsRecords(record)) {
    const answer = admitFrames(DROP_FRAMES);
    if (answer != FITS) return answer;
  }
  const existed = !isExpired(record, now);
  if (!existed) countExpiration();
  unlink(record);
  return existed ? written(WRITTEN | EXISTED) : REFUSED;
}

/**
 * Gives what a key holds to the one that is where fields are, over what that one held: REFUSED when there is nothing, or
 * with IF_ABSENT when the other holds something. O(length of the record), whatever the value owns.
 */
export function rename(keyLength: u32, newLength: u32, mode: u32, now: f64): i32 {
  const source = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  if (source == 0 || isExpired(source, now)) return REFUSED;
  const target = locate(scratch + SCRATCH_FIELD, newLength, false);
  if (isCold) return MISSING;
  if ((mode & IF_ABSENT) != 0 && target != 0 && !isExpired(target, now)) return REFUSED;
  if (target == source) return WRITTEN;
  const expiry = expiryOf(source);
  const length = valueLengthOf(source);
  const size = recordBytes(newLength, length, expiry != 0);
  const answer = admit(size - min(size, sizeOf(source)), framesToReplace(target));
  if (answer != FITS) return answer;
  // The source goes first: where both are in one chain, the new record would hide it if it is only a copy of what is on disk.
  unlinkAlone(locate(scratch, keyLength, false));
  const old = locate(scratch + SCRATCH_FIELD, newLength, false);
  const record = allocate(size);
  writeHeader(record, kindOf(source), scratch + SCRATCH_FIELD, newLength, length, expiry);
  memory.copy(valueOf(record), valueOf(source), length);
  replace(old, record, size, expiry, false);
  return written(WRITTEN);
}

/** Whether the key holds a value; unlike find() it does not count as a read. O(1). */
export function has(keyLength: u32, now: f64): i32 {
  const record = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  return record != 0 && !isExpired(record, now) ? 1 : 0;
}

/** Sets when a key expires, 0 for never. Rewrites the record where it has no room for it, or a snapshot needs it. O(1). */
export function setExpiryOf(keyLength: u32, expiry: f64, now: f64): i32 {
  const old = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  if (old == 0 || isExpired(old, now)) return REFUSED;
  if (hasFlag(old, FLAG_EXPIRES) == (expiry != 0) && !isOwed(address)) {
    changeExpiry(old, expiry);
    noteRead(old);
    return written(WRITTEN | EXISTED);
  }
  const valueLength = valueLengthOf(old);
  const size = recordBytes(keyLength, valueLength, expiry != 0);
  const answer = admit(expiry != 0 ? EXPIRY_BYTES : 0, WRITE_FRAMES);
  if (answer != FITS) return answer;
  const record = allocate(size);
  writeHeader(record, kindOf(old), scratch, keyLength, valueLength, expiry);
  memory.copy(valueOf(record), valueOf(old), valueLength);
  replace(old, record, size, expiry, true);
  return written(WRITTEN | EXISTED);
}

/** Adds the bytes in the scratch area to the end of a string, or starts one. O(length). */
export function append(keyLength: u32, suffixLength: u32, now: f64): i32 {
  const old = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  if (old == 0 || isExpired(old, now)) return upsert(keyLength, suffixLength, KIND_STRING, 0, now);
  const kind = kindOf(old);
  if (kind == KIND_CHUNKED) return IS_CHUNKED;
  if (kind != KIND_STRING) return WRONG_TYPE;
  const oldLength = valueLengthOf(old);
  if (oldLength + suffixLength > INLINE_BYTES) return IS_CHUNKED;
  const value = scratch + SCRATCH_VALUE;
  memory.copy(value + oldLength, value, suffixLength);
  memory.copy(value, valueOf(old), oldLength);
  const answer = upsert(keyLength, oldLength + suffixLength, KIND_STRING | KEEP_EXPIRY, 0, now);
  if (answer < 0) memory.copy(value, value + oldLength, suffixLength); // the host may make room and call again
  return answer;
}

/**
 * Adds a 64-bit integer to the decimal string under a key; a missing key counts as 0. The sum is left in the first eight
 * bytes of the scratch area's value half. With `isNumber`, a sum that a double cannot hold exactly is refused. O(1).
 */
export function increment(keyLength: u32, low: u32, high: u32, isNumber: bool, now: f64): i32 {
  const value = scratch + SCRATCH_VALUE;
  const delta = i64((u64(high) << 32) | u64(low));
  const old = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  let sum = delta;
  if (old != 0 && !isExpired(old, now)) {
    const kind = kindOf(old);
    if (kind == KIND_CHUNKED) return NOT_INTEGER;
    if (kind != KIND_STRING) return WRONG_TYPE;
    if (!parseInteger(valueOf(old), valueLengthOf(old))) return NOT_INTEGER;
    sum = parsed + delta;
    // Overflow shows in the sign: both operands have it and the sum has not.
    if (((parsed ^ sum) & (delta ^ sum)) < 0) return OVERFLOWS;
  }
  if (isNumber && (sum > 9007199254740991 || sum < -9007199254740991)) return OVERFLOWS;
  const answer = upsert(keyLength, formatInteger(sum, value), KIND_STRING | KEEP_EXPIRY, 0, now);
  store<i64>(value, sum);
  return answer;
}

/** What parseInteger() has read. */
export let parsed: i64 = 0;

/** Reads a decimal integer as Redis does: no plus sign, no leading zeros, no spaces, within 64 bits. */
export function parseInteger(start: usize, length: u32): bool {
  if (length == 0 || length > 20) return false;
  const isNegative = load<u8>(start) == 0x2d;
  let at = isNegative ? start + 1 : start;
  const end = start + length;
  if (at == end) return false;
  if (load<u8>(at) == 0x30) {
    parsed = 0;
    return length == 1;
  }
  let magnitude: u64 = 0;
  const limit: u64 = isNegative ? 9223372036854775808 : 9223372036854775807;
  for (; at < end; at++) {
    const digit = u64(load<u8>(at)) - 0x30;
    if (digit > 9) return false;
    if (magnitude > (limit - digit) / 10) return false;
    magnitude = magnitude * 10 + digit;
  }
  parsed = isNegative ? i64(0 - magnitude) : i64(magnitude);
  return true;
}

/** Writes a decimal integer and returns its length in bytes. */
export function formatInteger(integer: i64, out: usize): u32 {
  let magnitude = integer < 0 ? u64(0) - u64(integer) : u64(integer);
  let length: u32 = integer < 0 ? 2 : 1;
  for (let rest = magnitude; rest > 9; rest /= 10) length++;
  let at = out + length;
  do {
    at--;
    store<u8>(at, u8(0x30 + (magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  if (integer < 0) store<u8>(out, 0x2d);
  return length;
}
