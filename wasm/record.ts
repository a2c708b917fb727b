// A log record, little-endian; the value starts at a multiple of 4, the next record at one of 8:
//
//   0                   5      6            8              12         16             (24)
//   | prev              | bits | key length | value length | checksum | [expires at] | key … pad 4 | value … pad 8 |
//   | 40 bits, ×8 bytes | u8   | u16        | u32          | u32      | u64 ms       |
//
// `prev` is the address of the next older record with this bucket and tag, in units of 8 bytes; 0 ends the chain.
// `bits` has the kind in its low half and the flags in its high half. The checksum is filled in when a record leaves
// memory; docs/format.md says over what. Values are aligned because the host copies them out by words. The highest four bits
// of the value length are marks that only logs on files have.

export const ADDRESS_MASK: u64 = 0xff_ffff_ffff;
export const HEADER_BYTES: u32 = 16;
export const EXPIRY_BYTES: u32 = 8;

export const KIND_STRING: u32 = 1;
/** A string too large for one record: the value is its length (u32), chunk count (u32) and object number (u64). */
export const KIND_CHUNKED: u32 = 2;
// A collection under its key; wasm/root.ts has the forms of its value.
export const KIND_LIST: u32 = 3;
export const KIND_HASH: u32 = 4;
export const KIND_SET: u32 = 5;
export const KIND_ZSET: u32 = 7;
// In logs on files only.
/** Nothing before it counts any more. */
export const KIND_CLEAR: u32 = 10;
/** Live bytes of segments, as of the commit that follows. */
export const KIND_ACCOUNTS: u32 = 11;
export const KIND_COMMIT: u32 = 13;
/** A part of a longer value. The key is its id: object number × 65,536 + index, as a u64. */
export const KIND_NODE: u32 = 6;
/** A node of a tree, or something to reclaim. The key is its object number × 65,536, as a u64. */
export const KIND_TREE: u32 = 14;
/** The rest of the page is unused. */
export const KIND_PAD: u32 = 15;

export const FLAG_EXPIRES: u32 = 0x10;
/** No longer reachable: dropped when its page is recycled. */
export const FLAG_DEAD: u32 = 0x20;
/** Read since it was written or moved. */
export const FLAG_REFERENCED: u32 = 0x40;
/** No longer reachable, but part of the snapshot that is being written. */
export const FLAG_OWED: u32 = 0x80;
/** Flags that mean something outside this memory. */
export const STORED_FLAGS: u32 = FLAG_EXPIRES;

/** It replaced a record that was not read. That matters to a transaction that is undone, and to nobody else. */
export const MARK_BLIND: u32 = 0x8000_0000;
/** The key (or node) has been removed. There is no value. */
export const MARK_TOMBSTONE: u32 = 0x4000_0000;
/** A tombstone after which nothing was left in its chain, and which is in none. */
export const MARK_ALONE: u32 = 0x2000_0000;
const LENGTH_MASK: u32 = 0x07ff_ffff;

export function recordBytes(keyLength: u32, valueLength: u32, expires: bool): u32 {
  const value = (HEADER_BYTES + (expires ? EXPIRY_BYTES : 0) + keyLength + 3) & ~3;
  return (value + valueLength + 7) & ~7;
}

export function bitsOf(record: usize): u32 {
  return load<u8>(record, 5);
}

export function setBits(record: usize, bits: u32): void {
  store<u8>(record, bits, 5);
}

export function kindOf(record: usize): u32 {
  return bitsOf(record) & 15;
}

/** Whether records of this kind are parts of a value, found by their ids and not by a user's key. */
export function isNodeKind(kind: u32): bool {
  return (kind & 7) == KIND_NODE; // KIND_NODE and KIND_TREE
}

export function hasFlag(record: usize, flag: u32): bool {
  return (bitsOf(record) & flag) != 0;
}

export function keyLengthOf(record: usize): u32 {
  return load<u16>(record, 6);
}

export function valueLengthOf(record: usize): u32 {
  return load<u32>(record, 8) & LENGTH_MASK;
}

export function setValueLength(record: usize, length: u32): void {
  store<u32>(record, (load<u32>(record, 8) & ~LENGTH_MASK) | length, 8);
}

export function hasMark(record: usize, mark: u32): bool {
  return (load<u32>(record, 8) & mark) != 0;
}

export function setMark(record: usize, mark: u32): void {
  store<u32>(record, load<u32>(record, 8) | mark, 8);
}

export function keyOf(record: usize): usize {
  return hasFlag(record, FLAG_EXPIRES) ? record + HEADER_BYTES + EXPIRY_BYTES : record + HEADER_BYTES;
}

export function valueOf(record: usize): usize {
  return (keyOf(record) + keyLengthOf(record) + 3) & ~3;
}

export function sizeOf(record: usize): u32 {
  return recordBytes(keyLengthOf(record), valueLengthOf(record), hasFlag(record, FLAG_EXPIRES));
}

/** Of a blind record in memory: how long what it replaced is presumed to be. It lies where the checksum comes in the file. */
export function presumedBy(record: usize): i32 {
  return load<i32>(record, 12);
}

export function setPresumed(record: usize, size: i32): void {
  store<i32>(record, size, 12);
}

export function prevOf(record: usize): u64 {
  return load<u64>(record) & ADDRESS_MASK;
}

export function setPrev(record: usize, prev: u64): void {
  store<u64>(record, (load<u64>(record) & ~ADDRESS_MASK) | prev);
}

/** Milliseconds since 1970, or 0 for a record that does not expire. */
export function expiryOf(record: usize): f64 {
  return hasFlag(record, FLAG_EXPIRES) ? f64(load<u64>(record, 16)) : 0;
}

export function setExpiry(record: usize, expiry: f64): void {
  store<u64>(record, u64(expiry), 16);
}

export function isExpired(record: usize, now: f64): bool {
  return hasFlag(record, FLAG_EXPIRES) && f64(load<u64>(record, 16)) <= now;
}

/** Writes header and key; `prev` is 0 until the record is linked. The caller writes the value, a snapshot the padding. */
export function writeHeader(
  record: usize,
  kind: u32,
  key: usize,
  keyLength: u32,
  valueLength: u32,
  expiry: f64,
): void {
  store<u64>(record, (u64(keyLength) << 48) | (u64(kind) << 40));
  store<u64>(record, u64(valueLength), 8);
  if (expiry != 0) {
    setBits(record, kind | FLAG_EXPIRES);
    setExpiry(record, expiry);
  }
  memory.copy(keyOf(record), key, keyLength);
}

/** Compares whole words: both sides may be read up to the next multiple of 8 bytes from their start. */
export function hasKey(record: usize, key: usize, keyLength: u32, isNode: bool): bool {
  if (keyLengthOf(record) != keyLength || isNodeKind(kindOf(record)) != isNode) return false;
  const own = keyOf(record);
  const rest = keyLength & 7;
  const whole = keyLength - rest;
  for (let i: u32 = 0; i < whole; i += 8) {
    if (load<u64>(own + i) != load<u64>(key + i)) return false;
  }
  if (rest == 0) return true;
  return ((load<u64>(own + whole) ^ load<u64>(key + whole)) << ((8 - rest) << 3)) == 0;
}
