// One call for each operation on a key. The key is at the start of the scratch area, a value in its second half. Each
// call checks everything that may refuse it before it writes anything.

import { areFramesLow, availableFrames, scratch, SCRATCH_VALUE } from "./frames";
import { allocate, allocated, chain, noteExpiry, unchain } from "./log";
import { address, dropSlotIfEmpty, growIndex, insertSlot, locate, locateForRead, newer, slot } from "./hash_index";
import {
  bitsOf,
  EXPIRY_BYTES,
  expiryOf,
  FLAG_EXPIRES,
  FLAG_REFERENCED,
  hasFlag,
  isExpired,
  KIND_CHUNKED,
  KIND_NODE,
  KIND_STRING,
  kindOf,
  recordBytes,
  setBits,
  setExpiry,
  sizeOf,
  valueLengthOf,
  valueOf,
  writeHeader,
} from "./record";
import { countDead, countExpiration, countLive, fits, isOwed } from "./space";

// Answers. A write that took place is 1, plus 2 when the key held a value before, plus 4 when frames run low.
export const REFUSED: i32 = 0;
export const WRITTEN: i32 = 1;
export const EXISTED: i32 = 2;
export const FRAMES_LOW: i32 = 4;
export const NEEDS_FRAMES: i32 = -1;
export const FULL: i32 = -2;
export const WRONG_TYPE: i32 = -3;
/** The value is, or would become, one of many records: the host does it in several calls. */
export const IS_CHUNKED: i32 = -4;
export const NOT_INTEGER: i32 = -5;
export const OVERFLOWS: i32 = -6;

// How to write: a kind in the low half, and these.
export const IF_ABSENT: u32 = 16;
export const IF_PRESENT: u32 = 32;
export const KEEP_EXPIRY: u32 = 64;
/** Room has been reserved: the index may have taken a frame since, and the limit is not asked again. */
export const RESERVED: u32 = 256;
/** The new root of a chunked value names the chunks of the old one. */
export const KEEP_CHUNKS: u32 = 128;

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
  return areFramesLow() ? flags | FRAMES_LOW : flags;
}

export function noteRead(record: usize): void {
  if (tracksReads && !hasFlag(record, FLAG_REFERENCED)) setBits(record, bitsOf(record) | FLAG_REFERENCED);
}

/** The record of the key, expired or not, or 0: the host reads its header and value in place. O(1). */
export function find(keyLength: u32): usize {
  const record = locateForRead(keyLength);
  if (record != 0) noteRead(record);
  return record;
}

/** Like find(), but not a read. */
export function peek(keyLength: u32): usize {
  return locate(scratch, keyLength, false);
}

/** The chunk of a value with the node id at the start of the scratch area, or 0. O(1). */
export function findNode(): usize {
  return locate(scratch, 8, true);
}

/** Writes the value in the scratch area under the key (or node id) there. `expiry` 0 is never. O(1). */
export function upsert(keyLength: u32, valueLength: u32, mode: u32, expiry: f64, now: f64): i32 {
  const kind = mode & 15;
  const old = locate(scratch, keyLength, kind == KIND_NODE);
  const existed = old != 0 && !isExpired(old, now);
  if ((mode & IF_ABSENT) != 0 && existed) return REFUSED;
  if ((mode & IF_PRESENT) != 0 && !existed) return REFUSED;
  if ((mode & KEEP_EXPIRY) != 0) expiry = existed ? expiryOf(old) : 0;
  const size = recordBytes(keyLength, valueLength, expiry != 0);
  const flags = existed ? WRITTEN | EXISTED : WRITTEN;

  if (old != 0 && canUpdateInPlace(old, kind, size, expiry)) {
    store<u32>(old, valueLength, 8);
    memory.copy(valueOf(old), scratch + SCRATCH_VALUE, valueLength);
    changeExpiry(old, expiry);
    noteRead(old); // to a cache, what is written again and again is as hot as what is read
    return written(flags);
  }

  const isReserved = (mode & RESERVED) != 0;
  if (!isReserved && !fits(old == 0 ? size : size - min(size, sizeOf(old)))) return FULL;
  if (availableFrames() < WRITE_FRAMES) return NEEDS_FRAMES;
  const record = allocate(size);
  writeHeader(record, kind, scratch, keyLength, valueLength, expiry);
  memory.copy(valueOf(record), scratch + SCRATCH_VALUE, valueLength);
  replace(old, record, size, expiry, (mode & KEEP_CHUNKS) != 0);
  return written(flags);
}

function canUpdateInPlace(old: usize, kind: u32, size: u32, expiry: f64): bool {
  return kindOf(old) == kind && kind != KIND_CHUNKED && sizeOf(old) == size &&
    hasFlag(old, FLAG_EXPIRES) == (expiry != 0) && !isOwed(address);
}

function changeExpiry(record: usize, expiry: f64): void {
  if (expiry == 0) return;
  setExpiry(record, expiry);
  noteExpiry(address, expiry);
}

/** Links a record just allocated in place of `old`, which the last locate() found, or as a new key when that is 0. */
function replace(old: usize, record: usize, size: u32, expiry: f64, keepsChunks: bool): void {
  const oldAddress = address;
  const at = allocated;
  if (slot == 0) insertSlot();
  else if (old != 0) unchain(slot, newer, old);
  chain(slot, record, at);
  countLive(record, at, size, expiry);
  if (old != 0) {
    countDead(old, oldAddress);
    if (!keepsChunks) dropChunks(old);
  }
  growIndex();
}

/** Unlinks the record that the last locate() found, and what it owns. */
export function unlink(record: usize): void {
  unlinkAlone(record);
  dropChunks(record);
}

function unlinkAlone(record: usize): void {
  unchain(slot, newer, record);
  dropSlotIfEmpty();
  countDead(record, address);
}

/** About what a record's chunks take. */
export function ownedBytes(root: usize): u32 {
  return kindOf(root) == KIND_CHUNKED ? load<u32>(valueOf(root), 4) * INLINE_BYTES : 0;
}

/** Drops the chunks of a string that has many, after its root has been unlinked. O(chunks), about 0.1 µs each. */
function dropChunks(root: usize): void {
  if (kindOf(root) != KIND_CHUNKED) return;
  const value = valueOf(root);
  const count = load<u32>(value, 4);
  const firstId = load<u64>(value, 8) << 16;
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(nodeId, firstId + u64(i));
    const node = locate(nodeId, 8, true);
    if (node != 0) unlinkAlone(node);
  }
}

const nodeId: usize = memory.data(8, 8);

/** Removes a key; 1 when it held a value, 0 when there was none or it had expired. O(1). */
export function remove(keyLength: u32, now: f64): i32 {
  const record = locate(scratch, keyLength, false);
  if (record == 0) return 0;
  const existed = !isExpired(record, now);
  if (!existed) countExpiration();
  unlink(record);
  return existed ? 1 : 0;
}

/** Whether the key holds a value; unlike find() it does not count as a read. O(1). */
export function has(keyLength: u32, now: f64): bool {
  const record = locate(scratch, keyLength, false);
  return record != 0 && !isExpired(record, now);
}

/** Sets when a key expires, 0 for never. Rewrites the record where it has no room for it, or a snapshot needs it. O(1). */
export function setExpiryOf(keyLength: u32, expiry: f64, now: f64): i32 {
  const old = locate(scratch, keyLength, false);
  if (old == 0 || isExpired(old, now)) return REFUSED;
  if (hasFlag(old, FLAG_EXPIRES) == (expiry != 0) && !isOwed(address)) {
    changeExpiry(old, expiry);
    noteRead(old);
    return written(WRITTEN | EXISTED);
  }
  const valueLength = valueLengthOf(old);
  const size = recordBytes(keyLength, valueLength, expiry != 0);
  if (expiry != 0 && !fits(EXPIRY_BYTES)) return FULL;
  if (availableFrames() < WRITE_FRAMES) return NEEDS_FRAMES;
  const record = allocate(size);
  writeHeader(record, kindOf(old), scratch, keyLength, valueLength, expiry);
  memory.copy(valueOf(record), valueOf(old), valueLength);
  replace(old, record, size, expiry, true);
  return written(WRITTEN | EXISTED);
}

/** Adds the bytes in the scratch area to the end of a string, or starts one. O(length). */
export function append(keyLength: u32, suffixLength: u32, now: f64): i32 {
  const old = locate(scratch, keyLength, false);
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

let parsed: i64 = 0;

/** Reads a decimal integer as Redis does: no plus sign, no leading zeros, no spaces, within 64 bits. */
function parseInteger(start: usize, length: u32): bool {
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
function formatInteger(integer: i64, out: usize): u32 {
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
