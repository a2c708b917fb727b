// Byte strings inside of nodes:
//
//   | length, below 128: u8            | bytes … |
//   | 0x80 | length >> 8, length & 255 | bytes … |     up to INLINE_LIMIT bytes
//   | 0xff | length u32 | object u48   |               longer: a blob, in records of its own
//
// A blob of up to 65,536 bytes is one record; of a longer one each record but the last has INLINE_BYTES.

import { hashBytes } from "./hash";
import { bucketFor, CACHED, COLD, entryIn, locate, newestOf } from "./hash_index";
import { valueOf } from "./record";

/** A longer string is a blob. Two entries of two such strings still fit one node, so that every node can be split. */
export const INLINE_LIMIT: u32 = 480;
export const BLOB_STRING_BYTES: u32 = 11;
/** The longest blob in one record. */
export const BLOB_RECORD_BYTES: u32 = 65536;
const BLOB_MARK: u32 = 0xff;
export const OBJECT_MASK: u64 = 0xffff_ffff_ffff;

const nodeKey: usize = memory.data(8, 8);

/** The object numbers given so far. One names a node, or a value of up to 65,536 records. */
export let lastObject: u64 = 0;

/**
 * A number whose first record can be linked without driving another one out of memory. A chain of which the newest record is on
 * disk, or a copy of it, would take the new one before it, and the other would have to be read again: in the midst of a call
 * that has found it already.
 */
export function newObject(): u64 {
  do lastObject++; while (!isFreeNode(lastObject << 16));
  return lastObject;
}

function isFreeNode(id: u64): bool {
  store<u64>(nodeKey, id);
  const keyHash = hashBytes(nodeKey, 8);
  const entry = entryIn(bucketFor(keyHash), keyHash);
  return entry == 0 || ((entry & CACHED) == 0 && newestOf(entry) != COLD);
}

export function noteObject(object: u64): void {
  if (object > lastObject) lastObject = object;
}

/** The ids of records that were needed and are not here, for the host to load. */
export const missing: usize = memory.data(520, 8);
const MAX_MISSING: u32 = 64;
export let missingCount: u32 = 0;

/** Where the user's key is that was last found to be on disk, and how long it is. */
export let coldKey: usize = 0;
export let coldKeyLength: u32 = 0;

/** What a call that answers MISSING misses is either some ids or this key. */
export function noteColdKey(key: usize, length: u32): void {
  coldKey = key;
  coldKeyLength = length;
  missingCount = 0;
}

export function noteMissing(id: u64): void {
  if (missingCount == MAX_MISSING) return;
  store<u64>(missing + (missingCount << 3), id);
  missingCount++;
}

export function forgetMissing(): void {
  missingCount = 0;
}

/** Finds the record of part `index` of an object, as locate() does; 0 and a note when it is not here. */
export function locatePart(object: u64, index: u32): usize {
  const id = (object << 16) + u64(index);
  store<u64>(nodeKey, id);
  const record = locate(nodeKey, 8, true);
  if (record == 0) noteMissing(id);
  return record;
}

export function isBlob(text: usize): bool {
  return load<u8>(text) == BLOB_MARK;
}

export function lengthOf(text: usize): u32 {
  const first = u32(load<u8>(text));
  if (first < 128) return first;
  if (first == BLOB_MARK) return load<u32>(text, 1);
  return ((first & 0x7f) << 8) | load<u8>(text, 1);
}

export function blobObject(text: usize): u64 {
  return load<u64>(text, 5) & OBJECT_MASK;
}

/** How much the string takes in a node. */
export function textBytes(text: usize): u32 {
  const first = u32(load<u8>(text));
  if (first < 128) return 1 + first;
  if (first == BLOB_MARK) return BLOB_STRING_BYTES;
  return 2 + (((first & 0x7f) << 8) | load<u8>(text, 1));
}

/** Where the bytes of a string that is no blob start. */
export function bytesOf(text: usize): usize {
  return load<u8>(text) < 128 ? text + 1 : text + 2;
}

/** Where the bytes of a string start that one record can hold; 0 when that is not here. */
export function wholeOf(text: usize): usize {
  if (!isBlob(text)) return bytesOf(text);
  const record = locatePart(blobObject(text), 0);
  return record == 0 ? 0 : valueOf(record);
}

/** Writes a string of at most INLINE_LIMIT bytes and returns what it takes. */
export function putText(out: usize, start: usize, length: u32): u32 {
  if (length < 128) {
    store<u8>(out, length);
    copyShort(out + 1, start, length);
    return 1 + length;
  }
  store<u8>(out, 0x80 | (length >> 8));
  store<u8>(out, length, 1);
  memory.copy(out + 2, start, length);
  return 2 + length;
}

export function putBlob(out: usize, length: u32, object: u64): u32 {
  store<u8>(out, BLOB_MARK);
  store<u32>(out, length, 1);
  store<u32>(out, u32(object), 5);
  store<u16>(out, u16(object >> 32), 9);
  return BLOB_STRING_BYTES;
}

/** Copies a few bytes that do not overlap; a call of memory.copy costs more than that. */
export function copyShort(out: usize, start: usize, length: u32): void {
  if (length < 8) {
    for (let i: u32 = 0; i < length; i++) store<u8>(out + i, load<u8>(start + i));
    return;
  }
  const last = length - 8;
  for (let i: u32 = 0; i < last; i += 8) store<u64>(out + i, load<u64>(start + i));
  // The last eight bytes may be written twice.
  store<u64>(out + last, load<u64>(start + last));
}

/** Compares bytes as numbers, the shorter string first: negative, 0 or positive. */
export function compareBytes(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const common = min(aLength, bLength);
  let i: u32 = 0;
  for (; i + 8 <= common; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return bswap<u64>(x) < bswap<u64>(y) ? -1 : 1;
  }
  for (; i < common; i++) {
    const difference = i32(load<u8>(a + i)) - i32(load<u8>(b + i));
    if (difference != 0) return difference;
  }
  return aLength == bLength ? 0 : aLength < bLength ? -1 : 1;
}

/** Compares a string in a node with bytes; where its blob is not here, 0 with a note of what is missing. */
export function compareText(text: usize, start: usize, length: u32): i32 {
  const own = wholeOf(text);
  return own == 0 ? 0 : compareBytes(own, lengthOf(text), start, length);
}
