// The log: records in pages, in the order they were written. An address counts units of 8 bytes modulo 2^40, so it
// wraps; what is older is what is further from the tail.
//
//   begin ≤ … ≤ tail
//   [page begin lies in] … [page being filled]       each in the frame that the page table names

import { frameBits, frameBytes, giveFrame, PAGE_ENTRY_BYTES, pageTable, ringMask, takeFrame } from "./frames";
import { ADDRESS_MASK, KIND_PAD, prevOf, setPrev } from "./record";

/** Each page opens with this many bytes unused, so that no record ever has an address of 0. */
const PAGE_HEADER_BYTES: u32 = 8;

export let begin: u64 = 0;
export let tail: u64 = 0;
export let logPages: u32 = 0;

/** Bytes at the end of pages that no record fitted into. */
export let wastedBytes: u64 = 0;

let tailPointer: usize = 0;
/** Bytes of the page being filled that are free. */
export let tailLeft: u32 = 0;

/** Where the page that holds `address` starts in the page table. */
function pageEntry(address: u64): usize {
  return pageTable + (u32(address >> (frameBits - 3)) & ringMask) * PAGE_ENTRY_BYTES;
}

export function pageOf(address: u64): u64 {
  return address >> (frameBits - 3);
}

export function pointerOf(address: u64): usize {
  const frame = load<u32>(pageEntry(address), 8);
  return frame + ((u32(address) << 3) & (frameBytes - 1));
}

export function earliestExpiry(address: u64): f64 {
  return load<f64>(pageEntry(address));
}

export function setEarliestExpiry(address: u64, expiry: f64): void {
  store<f64>(pageEntry(address), expiry);
}

/** A record at `address` expires then: lets sweeps pass over pages in which nothing has expired yet. */
export function noteExpiry(address: u64, expiry: f64): void {
  if (expiry != 0 && expiry < earliestExpiry(address)) setEarliestExpiry(address, expiry);
}

export function nextPage(address: u64): u64 {
  const page = (pageOf(address) + 1) & (ADDRESS_MASK >> (frameBits - 3));
  return page << (frameBits - 3);
}

/** The first record of the page that starts at `pageStart`. */
export function firstRecord(pageStart: u64): u64 {
  return pageStart + (PAGE_HEADER_BYTES >> 3);
}

/** The address behind a record of `size` bytes, which lies on the next page when this one is full to the byte. */
export function advance(address: u64, size: u32): u64 {
  return (address + (size >> 3)) & ADDRESS_MASK;
}

/** True at a page's first word: a page was left that had no room for even a pad. */
export function isPageStart(address: u64): bool {
  return (address & ((u64(1) << (frameBits - 3)) - 1)) == 0;
}

/** Units from `address` up to the tail. */
export function distance(address: u64): u64 {
  return (tail - address) & ADDRESS_MASK;
}

/** Opens the page that starts at `pageStart` as the one being filled; false when there is no frame. */
function openPage(pageStart: u64): bool {
  const frame = takeFrame(false);
  if (frame == 0) return false;
  const entry = pageEntry(pageStart);
  store<f64>(entry, Infinity);
  store<u32>(entry, u32(frame), 8);
  tail = firstRecord(pageStart);
  tailPointer = frame + PAGE_HEADER_BYTES;
  tailLeft = frameBytes - PAGE_HEADER_BYTES;
  logPages++;
  return true;
}

/** `pageStart` is 0 but in tests, which begin shortly before addresses wrap. */
export function initLog(pageStart: u64): bool {
  if (!openPage(pageStart)) return false;
  begin = tail;
  return true;
}

/** Room for a record of `size` bytes at the tail, or 0 when a frame is missing. `allocated` tells its address. */
export function allocate(size: u32): usize {
  if (size > tailLeft) {
    const pointer = tailPointer;
    const left = tailLeft;
    // A page filled to the last byte leaves its tail on the next page's start.
    if (!openPage(left == 0 ? tail : nextPage(tail))) return 0;
    if (left != 0) store<u64>(pointer, u64(KIND_PAD) << 40);
    wastedBytes += left;
  }
  const record = tailPointer;
  allocated = tail;
  tail = advance(tail, size);
  tailPointer += size;
  tailLeft -= size;
  return record;
}
export let allocated: u64 = 0;

/** Gives back the oldest page, whose records end at `end`; `begin` moves to the next. */
export function dropOldestPage(end: u64): void {
  wastedBytes -= ((nextPage(begin) - end) & ADDRESS_MASK) << 3;
  giveFrame(load<u32>(pageEntry(begin), 8));
  begin = firstRecord(nextPage(begin));
  logPages--;
}

/** Takes `record` out of its chain, whose head is in `slot` and whose next newer record is `newer`, or 0 at the head. */
export function unchain(slot: usize, newer: usize, record: usize): void {
  const prev = prevOf(record);
  if (newer != 0) setPrev(newer, prev);
  else store<u64>(slot, (load<u64>(slot) & ~ADDRESS_MASK) | prev);
}

/** Makes the record at `address` the head of the chain in `slot`. */
export function chain(slot: usize, record: usize, address: u64): void {
  const entry = load<u64>(slot);
  setPrev(record, entry & ADDRESS_MASK);
  store<u64>(slot, (entry & ~ADDRESS_MASK) | address);
}
