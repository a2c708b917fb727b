// Records that leave this memory: without what means something only here, and with a checksum. In a log on files that covers
// where the record lies and in which epoch it was written, so that nothing left over there passes for it.

import { checksum } from "./checksum";
import { cleanValue } from "./hints";
import {
  bitsOf,
  FLAG_DEAD,
  HEADER_BYTES,
  keyLengthOf,
  keyOf,
  KIND_PAD,
  kindOf,
  setBits,
  STORED_FLAGS,
  valueLengthOf,
  valueOf,
} from "./record";

/** What the checksum of a record of a log starts from. */
export function placeOf(address: u64, epoch: u32): u32 {
  return u32(address) ^ (u32(address >> 32) * 0x9e3779b1) ^ (epoch * 0x85ebca6b);
}

/** Seals a copy of a record of `size` bytes. What died before it was read-only says so: it never was. */
export function seal(record: usize, size: u32, place: u32): void {
  setBits(record, bitsOf(record) & (15 | STORED_FLAGS | FLAG_DEAD));
  cleanValue(record);
  const keyEnd = keyOf(record) + keyLengthOf(record);
  memory.fill(keyEnd, 0, valueOf(record) - keyEnd);
  const valueEnd = valueOf(record) + valueLengthOf(record);
  memory.fill(valueEnd, 0, record + size - valueEnd);
  store<u32>(record, place, 12);
  store<u32>(record, checksum(record, size), 12);
}

/** Writes the header that says that `left` bytes of a page, itself included, are unused. */
export function sealPad(out: usize, left: u32, place: u32): void {
  store<u64>(out, u64(KIND_PAD) << 40);
  store<u64>(out, (u64(place) << 32) | u64(left - HEADER_BYTES), 8);
  store<u32>(out, checksum(out, HEADER_BYTES), 12);
}

/** Whether the checksum is right; the field has `place` then. */
export function isIntact(record: usize, size: u32, place: u32): bool {
  const expected = load<u32>(record, 12);
  store<u32>(record, place, 12);
  const isRight = checksum(record, kindOf(record) == KIND_PAD ? HEADER_BYTES : size) == expected;
  store<u32>(record, expected, 12);
  return isRight;
}
