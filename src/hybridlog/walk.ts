import {
  HEADER_BYTES,
  IS_DEAD,
  IS_LIVE,
  PAGE_DAMAGED,
  PAGE_DONE,
  PAGE_STOPPED,
  PAGE_UNDECIDED,
  UNKNOWN,
} from "../core/layout.ts";
import { firstRecordOf, isOlder } from "./addresses.ts";
import type { HybridSpace } from "./space.ts";

/** Beyond all addresses: to the end of the page. */
const NO_ADDRESS = 2 ** 40;
/** What a scan reads at a time, for each record that it wants. */
const READ_BYTES = 256;
const LEAST_READ_BYTES = 16_384;
/** A scan that finds nothing comes back after so many pages. */
const MOST_PAGES = 32;

/** Where the first record at or behind `address` lies that is not in what an opening of the log has left unused. */
export function skipGaps(space: HybridSpace, address: number): number {
  const epoch = space.epochOf(address);
  const index = space.epochs.indexOf(epoch);
  if (epoch.until !== null && !isOlder(address, epoch.until) && index + 1 < space.epochs.length) {
    return firstRecordOf(space.epochs[index + 1].from);
  }
  return space.pages.offsetOf(address) === 0 ? firstRecordOf(address) : address;
}

/** Where the records of the page end that `address` lies in, as far as they are those of one epoch. */
export function endInPage(space: HybridSpace, address: number): number {
  const until = space.epochOf(address).until ?? space.core.calls.tailAddress();
  return space.pages.startOf(until) === space.pages.startOf(address) ? until : NO_ADDRESS;
}

/**
 * Reads what a walk has to know to tell whether the record at `address` is live: what comes before it in its chain, which goes on at
 * `from` on disk, until something has its key. That is the first one, but where keys share a chain. Returns what to tell the
 * walk.
 */
export function judge(space: HybridSpace, address: number, from: number): number {
  const { core } = space;
  const { calls } = core;
  const record = calls.walkedRecord() >>> 0;
  const key = core.bytes.slice(core.keyStart(record), core.keyStart(record) + core.keyLength(record));
  const isNode = core.isNode(record);
  for (let at = from; at !== address; at = calls.prevAddress(calls.loadBench.value)) {
    if (at === 0 || !isOlder(address, at)) return IS_DEAD;
    space.readRecord(at);
    core.bytes.set(key, core.scratch);
    if (calls.hasLoadedKey(core.scratch, key.length, isNode) !== 0) return IS_DEAD;
  }
  return IS_LIVE;
}

/** Where a scan goes on from an address, which may be any. */
function startOf(space: HybridSpace, from: number): number {
  const { calls } = space.core;
  if (isOlder(from, calls.beginAddress())) return calls.beginAddress();
  const isHere = !isOlder(from, calls.headAddress()) && isOlder(from, calls.tailAddress());
  return isHere ? calls.boundaryFrom(from) : from;
}

/** The first record of the page that `address` lies in. */
function firstIn(space: HybridSpace, address: number): number {
  const first = firstRecordOf(space.pages.startOf(address));
  const begin = space.core.calls.beginAddress();
  return isOlder(first, begin) ? begin : first;
}

/** How much a scan for so many records reads at a time. */
export function scanBytes(count: number): number {
  return Math.max(LEAST_READ_BYTES, count * READ_BYTES);
}

/**
 * Calls `each` with about `count` live records of users' keys from `from` up to `until`, in the order of the log, and returns where
 * to go on; `null` at the end.
 */
export function scanLog(
  space: HybridSpace,
  from: number,
  until: number,
  count: number,
  each: (record: number) => void,
): number | null {
  const { core } = space;
  const { calls } = core;
  const { window } = space;
  let at = startOf(space, from);
  let left = count;
  let verdict = UNKNOWN;
  const readBytes = scanBytes(count);
  let leastBytes = HEADER_BYTES;
  for (let pages = 0; left > 0 && pages < MOST_PAGES;) {
    at = skipGaps(space, at);
    if (!isOlder(at, until) || !isOlder(at, calls.tailAddress())) return null;
    const isOnDisk = isOlder(at, calls.headAddress());
    if (isOnDisk && !window.covers(at, leastBytes)) window.read(at, Math.max(leastBytes, readBytes));
    const bytes = isOnDisk ? window.pointerOf(at) : 0;
    const length = isOnDisk ? window.lengthFrom(at) : 0;
    const end = endInPage(space, at);
    const answer = calls.list(at, end, bytes, length, space.epochAt(at), left, verdict);
    const listed = calls.listed.value;
    const records = core.words.subarray(core.scratch >>> 2, (core.scratch >>> 2) + listed);
    for (const record of records) each(record >>> 0);
    left -= listed;
    const stopped = calls.walkedUntil();
    verdict = UNKNOWN;
    if (answer === PAGE_STOPPED) return stopped;
    if (answer === PAGE_UNDECIDED) {
      verdict = judge(space, stopped, calls.undecidedAt());
      at = stopped;
    } else if (answer === PAGE_DAMAGED) {
      // The record may only have been cut off; or the cursor was one that no scan gave.
      const isWhole = stopped === at && leastBytes === space.pages.bytes;
      if (isWhole && (at !== from || at === firstIn(space, at))) throw space.damaged(stopped);
      leastBytes = space.pages.bytes;
      at = isWhole ? firstIn(space, at) : stopped;
      continue;
    }
    leastBytes = HEADER_BYTES;
    if (answer === PAGE_DONE) {
      at = stopped === end ? end : space.pages.nextOf(at);
      pages++;
    }
  }
  // A position of 0 would be the start.
  return space.pages.offsetOf(at) === 0 ? firstRecordOf(at) : at;
}
