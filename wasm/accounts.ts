// How many bytes of each segment are live, by when they expire: so what has expired counts as garbage without being read.
//
//   row of a segment: | birth f64 | live without expiry f64 | live until birth + EDGES[i] f64, six of them |
//
// A segment's birth is when its first record was written. What lives longer than the last edge counts as without expiry.
// Rows that have changed are noted, for the next commit to write them down.

import { accounts, accountsMask, dirtyRows } from "./frames";

export const ROW_BYTES: u32 = 64;
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

export function addLive(address: u64, expiry: f64, bytes: i32): void {
  const number = rowOf(address);
  const row = rowAt(number);
  noteDirty(number);
  if (load<f64>(row) == 0) store<f64>(row, time);
  const cell = row + cellFor(load<f64>(row), expiry);
  store<f64>(cell, load<f64>(cell) + f64(bytes));
}

/** A record of `size` bytes at `address` expires at another time. */
export function moveLive(address: u64, from: f64, to: f64, size: u32): void {
  addLive(address, from, -i32(size));
  addLive(address, to, size);
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

/** The segment with `address` has been removed, or all have. */
export function clearAccount(address: f64): void {
  const number = rowOf(u64(address));
  memory.fill(rowAt(number), 0, ROW_BYTES);
  noteDirty(number);
}

export function clearAccounts(): void {
  for (let number: u32 = 0; number <= accountsMask; number++) {
    if (load<f64>(rowAt(number)) == 0) continue;
    memory.fill(rowAt(number), 0, ROW_BYTES);
    noteDirty(number);
  }
}
