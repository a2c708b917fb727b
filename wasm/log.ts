// The log: records in pages, in the order they were written. An address counts units of 8 bytes modulo 2^40, so it
// wraps; what is older is what is further from the tail.
//
//   begin ≤ head ≤ readOnly ≤ tail
//   [begin, head)      on disk, where the log is tiered; otherwise begin is head
//   [head, tail)       in memory, each page in the frame that the page table names
//   [readOnly, tail)   changed in place; what lies before is, or is being, written to disk

import { frameBits, frameBytes, giveFrame, PAGE_ENTRY_BYTES, pageTable, ringMask, takeFrame } from "./frames";
import { ADDRESS_MASK, KIND_PAD } from "./record";

/** Each page opens with this many bytes unused, so that no record ever has an address of 0. */
const PAGE_HEADER_BYTES: u32 = 8;
/** No two addresses that mean something are further apart. */
const HALF: u64 = 0x80_0000_0000;

export let begin: u64 = 0;
export let head: u64 = 0;
export let readOnly: u64 = 0;
export let tail: u64 = 0;
/** Whether the log goes on in files. */
export let isTiered: bool = false;
/** Pages in memory. */
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

/** Bytes from `address` to the end of its page. */
export function leftInPage(address: u64): u32 {
  return frameBytes - ((u32(address) << 3) & (frameBytes - 1));
}

/** True at a page's first word: a page was left that had no room for even a pad. */
export function isPageStart(address: u64): bool {
  return (address & ((u64(1) << (frameBits - 3)) - 1)) == 0;
}

/** Units from `address` up to the tail. */
export function distance(address: u64): u64 {
  return (tail - address) & ADDRESS_MASK;
}

/** Whether `a` is newer than `b`. */
export function isNewer(a: u64, b: u64): bool {
  return a != b && ((a - b) & ADDRESS_MASK) < HALF;
}

/** Whether the record at `address` is in memory. */
export function isResident(address: u64): bool {
  return ((address - head) & ADDRESS_MASK) < HALF;
}

/** Whether `address` is part of the log; what chains lead to below it is gone. */
export function isPresent(address: u64): bool {
  return address != 0 && ((address - begin) & ADDRESS_MASK) < HALF;
}

/** Whether the record at `address` is, or is being, written to disk. */
export function isFrozen(address: u64): bool {
  return isTiered && ((address - readOnly) & ADDRESS_MASK) >= HALF;
}

/** Makes everything up to `address` read-only. */
export function freezeUntil(address: u64): void {
  readOnly = address;
}

export function setBegin(address: u64): void {
  begin = address;
  noteGoneOver(address);
}

/** Compaction has gone over everything before this address: nothing is live there, and what was to be counted has been. */
export let goneOver: u64 = 0;

export function noteGoneOver(address: u64): void {
  if (isNewer(address, goneOver)) goneOver = address;
}

/** Gives the oldest page in memory back; `head` moves to the next. */
export function dropHeadPage(): void {
  giveFrame(load<u32>(pageEntry(head), 8));
  head = firstRecord(nextPage(head));
  logPages--;
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
  head = tail;
  return true;
}

/** Makes the log one that goes on in files: what lies between `first` and the page that is open is there. */
export function initTiers(first: u64): void {
  isTiered = true;
  begin = first;
  goneOver = first;
  readOnly = tail;
}

/** How many units there may be from begin to tail. */
let longest: u64 = ~u64(0);

/** The log may be `bytes` long. Compaction may make it longer for a time. */
export function limitLog(bytes: f64): void {
  longest = u64(bytes) >> 3;
}

export function isLogFull(): bool {
  return distance(begin) > longest;
}

/** Leaves the rest of the page being filled unused; false when there is no frame for the next one. */
export function endPage(): bool {
  if (tailLeft == frameBytes - PAGE_HEADER_BYTES) return true;
  const pointer = tailPointer;
  const left = tailLeft;
  // A page filled to the last byte leaves its tail on the next page's start.
  if (!openPage(left == 0 ? tail : nextPage(tail))) return false;
  if (left != 0) store<u64>(pointer, u64(KIND_PAD) << 40);
  wastedBytes += left;
  return true;
}

/** Room for a record of `size` bytes at the tail, or 0 when a frame is missing. `allocated` tells its address. */
export function allocate(size: u32): usize {
  if (size > tailLeft && !endPage()) return 0;
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
  head = begin;
  logPages--;
}

/** Bytes that records take, dead or alive. */
export function recordedBytes(): f64 {
  return f64(logPages) * f64(frameBytes) - f64(tailLeft) - f64(wastedBytes);
}
