// From memory to disk: read-only records are sealed, in order, in a frame of their own, from where the host writes them to
// files. A commit is a record that says what was so when it was written; everything before it goes to disk with it.

import { dirtyCount, ROW_BYTES, rowAt, setTime, takeDirty } from "./accounts";
import { frameBytes } from "./frames";
import {
  advance,
  allocate,
  allocated,
  dropHeadPage,
  firstRecord,
  freezeUntil,
  goneOver,
  head,
  isNewer,
  isPageStart,
  leftInPage,
  logPages,
  nextPage,
  pageOf,
  pointerOf,
  readOnly,
  tail,
  tailLeft,
} from "./log";
import { keepRead } from "./read_cache";
import { pendingObject } from "./reclaim";
import {
  ADDRESS_MASK,
  HEADER_BYTES,
  KIND_ACCOUNTS,
  KIND_CLEAR,
  KIND_COMMIT,
  KIND_PAD,
  kindOf,
  recordBytes,
  sizeOf,
  valueOf,
  writeHeader,
} from "./record";
import { placeOf, seal, sealPad } from "./seal";
import { keys, liveBytes, unverified } from "./counts";
import { mayExpire } from "./space";
import { lastObject } from "./text";

/** Where sealed records are left. */
export let sealBench: usize = 0;
/** The number of the opening of the log during which records are written now. */
export let epoch: u32 = 0;

/** Everything before this address has been sealed. */
export let sealed: u64 = 0;
/** Where the first record lay that the last sealSome() sealed. */
let sealedFrom: u64 = 0;

export function initFlush(bench: usize, number: u32): void {
  sealBench = bench;
  epoch = number;
  sealed = tail;
}

/**
 * Seals read-only records from where it was left, at most to the end of a page, and returns how many bytes they take; 0 when
 * all have been. firstSealed() tells where they belong.
 */
export function sealSome(): u32 {
  let out = sealBench;
  let at = sealed;
  sealedFrom = at;
  while (at != readOnly) {
    if (isPageStart(at)) {
      if (out != sealBench) break;
      at = firstRecord(at);
      sealedFrom = at;
      continue;
    }
    const record = pointerOf(at);
    if (kindOf(record) == KIND_PAD) {
      const left = leftInPage(at);
      if (left >= HEADER_BYTES) {
        sealPad(out, left, placeOf(at, epoch));
        out += HEADER_BYTES;
      }
      at = nextPage(at);
      if (out == sealBench) {
        sealedFrom = at;
        continue;
      }
      break;
    }
    const size = sizeOf(record);
    memory.copy(out, record, size);
    seal(out, size, placeOf(at, epoch));
    out += size;
    at = advance(at, size);
  }
  sealed = at;
  return u32(out - sealBench);
}

export function sealedUntil(): f64 {
  return f64(sealed);
}

export function firstSealed(): f64 {
  return f64(sealedFrom);
}

/** Makes all records read-only, or, with `mutableBytes`, the pages that come before so many of the newest bytes. */
export function freeze(mutableBytes: f64): void {
  if (mutableBytes == 0) return freezeUntil(tail);
  const span = u64(mutableBytes) >> 3;
  const start = pageOf((tail - span) & ADDRESS_MASK) * (frameBytes >> 3);
  if (isNewer(start, readOnly)) freezeUntil(start);
}

/** How much may be changed in place. */
export function mutableBytes(): f64 {
  return f64((tail - readOnly) & ADDRESS_MASK) * 8;
}

// The value of a commit:
//
//   0           8                  16        24        32               40            48               56
//   | epoch u32 | durable until u64 | time f64 | keys f64 | last object u64 | pending u64 | unverified f64 | live bytes f64 |
//   | whether anything may expire u64 | gone over until u64 | zeros up to a multiple of SECTOR_BYTES in the file |
//
// `durable until` is the end of the commit before: what lies before it was on disk when this one was written.
export const COMMIT_BYTES: u32 = 80;
/** What is written after a commit touches no sector that it lies in. */
const SECTOR_BYTES: u32 = 512;
const ROWS_AT_ONCE: u32 = 128;

/** Frames that a commit wants at hand: for each stretch of rows and itself it may begin a page. */
export function framesToCommit(): u32 {
  return 2 + (dirtyCount / ROWS_AT_ONCE + 1) * (ROWS_AT_ONCE * (ROW_BYTES + 8)) / frameBytes + 1;
}

/** Writes a commit, and makes everything read-only. Returns its end. */
export function writeCommit(durableUntil: f64, now: f64): f64 {
  setTime(now);
  while (dirtyCount > 0) writeRows(min(dirtyCount, ROWS_AT_ONCE));
  const offset = frameBytes - tailLeft;
  const least = recordBytes(0, COMMIT_BYTES, false);
  // On a new page it starts behind the page's header.
  const start = least <= tailLeft ? offset : 8;
  const end = (start + least + SECTOR_BYTES - 1) & ~(SECTOR_BYTES - 1);
  const length = end - start - HEADER_BYTES;
  const record = allocate(recordBytes(0, length, false));
  writeHeader(record, KIND_COMMIT, 0, 0, length, 0);
  const value = valueOf(record);
  memory.fill(value, 0, length);
  store<u32>(value, epoch);
  store<u64>(value, u64(durableUntil), 8);
  store<f64>(value, now, 16);
  store<f64>(value, f64(keys), 24);
  store<u64>(value, lastObject, 32);
  store<u64>(value, pendingObject(), 40);
  store<f64>(value, unverified, 48);
  store<f64>(value, f64(liveBytes), 56);
  store<u64>(value, mayExpire ? 1 : 0, 64);
  store<u64>(value, goneOver, 72);
  freezeUntil(tail);
  return f64(tail);
}

/** Writes down `count` rows that have changed, each behind its number, a u64. */
function writeRows(count: u32): void {
  const length = count * (ROW_BYTES + 8);
  const record = allocate(recordBytes(0, length, false));
  writeHeader(record, KIND_ACCOUNTS, 0, 0, length, 0);
  let out = valueOf(record);
  for (let i: u32 = 0; i < count; i++) {
    const row = takeDirty();
    store<u64>(out, row);
    memory.copy(out + 8, rowAt(row), ROW_BYTES);
    out += ROW_BYTES + 8;
  }
}

/** Writes that nothing before counts. Returns its address. */
export function writeClear(): f64 {
  const record = allocate(recordBytes(0, 0, false));
  writeHeader(record, KIND_CLEAR, 0, 0, 0, 0);
  return f64(allocated);
}

/** Whether the oldest page in memory can be dropped: it has been sealed, and the host says up to where all is written. */
export function canDropPage(writtenUntil: f64): bool {
  const end = nextPage(head);
  return logPages > 1 && !isNewer(end, readOnly) && !isNewer(end, u64(writtenUntil));
}

/** Drops the oldest page in memory. What was read in it goes into the read cache where `keeps` says so. */
export function dropPage(keeps: bool): void {
  const end = nextPage(head);
  let at = head;
  while (keeps && at != end) {
    const record = pointerOf(at);
    if (kindOf(record) == KIND_PAD) break;
    const size = sizeOf(record);
    keepRead(record, at);
    at = advance(at, size);
  }
  dropHeadPage();
}
