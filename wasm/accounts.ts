// How much of each segment is live: bytes, by when they expire, so that what has expired counts as garbage without being read, and
// keys.
//
//   row of a segment: | birth f64 | live without expiry f64 | live until birth + EDGES[i] f64, six of them | keys f64 | presumed f64 |
//
// A segment's birth is when its first record was written. What lives longer than the last edge counts as without expiry. A record
// that is replaced without being read is presumed to be of the same key, and as long as others. What of that is wrong
// is wrong in the row of its segment; when nothing is left in the segment, what is left in the row is taken from the sums.
// Rows that have changed are noted, for the next commit to write them down.

import { addCounts } from "./counts";
import { accounts, accountsMask, dirtyRows } from "./frames";
import { isNewer } from "./log";

export const ROW_BYTES: u32 = 80;
const KEYS: u32 = 64;
const PRESUMED: u32 = 72;
/** What is written without being read replaces strings: larger averages are those of collections. */
const LONGEST_RECORD: u32 = 16384;
const EDGES: u32 = 6;
const MINUTE: f64 = 60000;

let segmentShift: u64 = 0;
let time: f64 = 0;
export let dirtyCount: u32 = 0;

/** Segments are 2^`bits` bytes long. */
export function initAccounts(bits: u32): void {
  segmentShift = bits - 3;
  dirtyCount = 0;
}

/** What time it is, for the births of segments. */
export function setTime(now: f64): void {
  time = now;
}

function rowOf(address: u64): u32 {
  return u32(address >> segmentShift) & accountsMask;
}

export function rowAt(row: u32): usize {
  return accounts + row * ROW_BYTES;
}

/** The offset in a row of what expires at `expiry`: the edges are 1, 10 and 100 minutes, 1, 10 and 100 days. */
function cellFor(birth: f64, expiry: f64): u32 {
  if (expiry == 0) return 8;
  const life = expiry - birth;
  let edge: f64 = MINUTE;
  for (let i: u32 = 0; i < EDGES; i++) {
    if (life <= edge) return 16 + (i << 3);
    edge = i == 2 ? 1440 * MINUTE : edge * 10;
  }
  return 8;
}

/** So many bytes and keys more (or fewer) are live at `address`, and so many records more are presumed not to be. */
export function addLive(address: u64, expiry: f64, bytes: i32, keys: i32, presumed: i32): void {
  const number = rowOf(address);
  const row = rowAt(number);
  noteDirty(number);
  if (load<f64>(row) == 0) store<f64>(row, time);
  const birth = load<f64>(row);
  addTo(row, birth, expiry, bytes, keys, presumed);
  if (isRecounting && number == rowOf(recountFrom) && (address == recountFrom || isNewer(address, recountFrom))) {
    addTo(recounted, birth, expiry, bytes, keys, presumed);
  }
}

function addTo(row: usize, birth: f64, expiry: f64, bytes: i32, keys: i32, presumed: i32): void {
  add(row + cellFor(birth, expiry), bytes);
  add(row + KEYS, keys);
  add(row + PRESUMED, presumed);
}

function add(cell: usize, count: i32): void {
  store<f64>(cell, load<f64>(cell) + f64(count));
}

/** How long a record at `address` is, of those that do not expire, going by what is live in its segment. */
export function averageAt(address: u64): i32 {
  const row = rowAt(rowOf(address));
  const keys = load<f64>(row, KEYS);
  return keys < 1 ? 0 : i32(max(0, min(f64(LONGEST_RECORD), load<f64>(row, 8) / keys)));
}

/** A record of `size` bytes at `address` expires at another time. */
export function moveLive(address: u64, from: f64, to: f64, size: u32): void {
  addLive(address, from, -i32(size), 0, 0);
  addLive(address, to, size, 0, 0);
}

function noteDirty(number: u32): void {
  const mark = dirtyRows + (accountsMask + 1) * 4 + number;
  if (load<u8>(mark) != 0) return;
  store<u8>(mark, 1);
  store<u32>(dirtyRows + (dirtyCount << 2), number);
  dirtyCount++;
}

/** Takes the number of a row that has changed since it was last taken. */
export function takeDirty(): u32 {
  dirtyCount--;
  const number = load<u32>(dirtyRows + (dirtyCount << 2));
  store<u8>(dirtyRows + (accountsMask + 1) * 4 + number, 0);
  return number;
}

/** Has all rows that say anything written with the next commit. */
export function noteAllRows(): void {
  for (let number: u32 = 0; number <= accountsMask; number++) {
    if (load<f64>(rowAt(number)) != 0) noteDirty(number);
  }
}

/** The segment with `address` is not part of the log any more. */
export function clearAccount(address: f64): void {
  const number = rowOf(u64(address));
  const row = rowAt(number);
  if (load<f64>(row) == 0) return;
  correct(row, -1);
  memory.fill(row, 0, ROW_BYTES);
  noteDirty(number);
}

/** Adds what a row says to the sums, or takes it from them. */
function correct(row: usize, sign: i32): void {
  let bytes: f64 = 0;
  for (let cell: u32 = 8; cell < KEYS; cell += 8) bytes += load<f64>(row + cell);
  addCounts(sign * i32(load<f64>(row, KEYS)), i64(sign) * i64(bytes), sign * i32(load<f64>(row, PRESUMED)));
}

// A segment whose first part is being emptied: what is counted of the rest is counted a second time from its first record on.
let isRecounting: bool = false;
let recountFrom: u64 = 0;
const recounted: usize = memory.data(80, 8);

/** Counts a second time what is at `address`, where nothing is yet, or behind it in its segment. */
export function beginRecount(address: f64): void {
  isRecounting = true;
  recountFrom = u64(address);
  memory.fill(recounted, 0, ROW_BYTES);
}

/** Nothing is left before the address of beginRecount(), or, with `isEmpty` false, that is not known. */
export function endRecount(isEmpty: bool): void {
  if (isEmpty && isRecounting) {
    const number = rowOf(recountFrom);
    const row = rowAt(number);
    if (load<f64>(row) != 0) {
      correct(row, -1);
      correct(recounted, 1);
      memory.copy(row + 8, recounted + 8, ROW_BYTES - 8);
      noteDirty(number);
    }
  }
  isRecounting = false;
}

export function clearAccounts(): void {
  isRecounting = false;
  for (let number: u32 = 0; number <= accountsMask; number++) {
    if (load<f64>(rowAt(number)) == 0) continue;
    memory.fill(rowAt(number), 0, ROW_BYTES);
    noteDirty(number);
  }
}
