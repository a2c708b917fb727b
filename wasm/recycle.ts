// Recycling: the oldest page is emptied, record by record, and its frame given back. What is live moves to the tail, as
// in any log-structured store; a cache keeps only what was read, or overwritten in place, since it was written or last moved
// (FIFO with reinsertion).

import { availableFrames, frameBytes } from "./frames";
import {
  advance,
  allocate,
  allocated,
  begin,
  distance,
  dropOldestPage,
  earliestExpiry,
  firstRecord,
  isPageStart,
  logPages,
  nextPage,
  noteExpiry,
  pageOf,
  pointerOf,
  setEarliestExpiry,
} from "./log";
import { chain, locateAddress, unchain } from "./hash_index";
import { unlink } from "./keyspace";
import { isReclaiming, ownedBytes, ownsRecords, reclaim } from "./reclaim";
import { dropStaleHints } from "./hints";
import {
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  FLAG_REFERENCED,
  hasFlag,
  isExpired,
  isNodeKind,
  keyLengthOf,
  keyOf,
  KIND_PAD,
  kindOf,
  setBits,
  sizeOf,
} from "./record";
import { liveBytes } from "./counts";
import { countEviction, countExpiration, indexBytes, isOwed, markDead } from "./space";

/** The next record of the oldest page to look at; what lies before it in that page is dead. */
let next: u64 = 0;
/**
 * How much a cache may keep for having been read: three quarters of what is gone over, saved up for some pages, because
 * what is hot was often written at one time. So one of which all was read still makes room.
 */
let credit: i32 = 0;

export let movedBytes: f64 = 0;

export function noteMoved(bytes: u32): void {
  movedBytes += f64(bytes);
}

export let recycledPages: f64 = 0;

export function initRecycle(): void {
  next = begin;
  credit = creditLimit();
}

function creditLimit(): i32 {
  return i32(frameBytes << 2);
}

/** What a value owns is noted in a record, to be reclaimed: that may open a page. */
function canDrop(record: usize): bool {
  return !ownsRecords(record) || availableFrames() >= 2;
}

function unlinkAt(record: usize, at: u64): void {
  locateAddress(keyOf(record), keyLengthOf(record), at);
  unlink(record);
}

/** Copies a record to the tail and relinks it there; false when a frame is missing. */
function move(record: usize, at: u64, size: u32): bool {
  const copy = allocate(size);
  if (copy == 0) return false;
  const copyAddress = allocated;
  memory.copy(copy, record, size);
  setBits(copy, bitsOf(copy) & ~FLAG_REFERENCED);
  locateAddress(keyOf(record), keyLengthOf(record), at);
  unchain(record);
  chain(copy, copyAddress);
  noteExpiry(copyAddress, expiryOf(copy));
  dropStaleHints(copy);
  markDead(record, at);
  noteMoved(size);
  return true;
}

/**
 * Goes over `budget` bytes of the oldest pages, or over as much as there is, and evicts while live data and index are more
 * than `evictAbove` bytes. Returns the bytes gone over: 0 says that nothing can be recycled now, because one page is left,
 * a frame is missing or the snapshot has not been there yet.
 */
export function recycle(budget: u32, now: f64, evictAbove: f64): u32 {
  let processed: u32 = 0;
  while (processed < budget && logPages > 1 && !isOwed(next)) {
    const record = pointerOf(next);
    if (isPageStart(next) || kindOf(record) == KIND_PAD) {
      dropOldestPage(next);
      recycledPages++;
      next = begin;
      processed += 8;
      continue;
    }
    const size = sizeOf(record);
    if (!hasFlag(record, FLAG_DEAD | FLAG_OWED)) {
      const expires = isExpired(record, now);
      if (expires || (isEvictable(record, evictAbove) && !isSpared(record, size))) {
        if (!canDrop(record)) return processed;
        if (expires) countExpiration();
        else countEviction();
        unlinkAt(record, next);
        // Before more is evicted, what this one owned goes.
        if (isReclaiming()) processed += reclaim(budget >> 11) << 11;
      } else {
        if (!move(record, next, size)) return processed;
      }
    }
    credit = min(creditLimit(), credit + i32(size - (size >> 2)));
    next = advance(next, size);
    processed += size;
  }
  return processed;
}

/** Roots only: what a value owns goes with it. */
function isEvictable(record: usize, evictAbove: f64): bool {
  return !isNodeKind(kindOf(record)) && f64(liveBytes) + f64(indexBytes()) > evictAbove;
}

function isSpared(record: usize, size: u32): bool {
  if (!hasFlag(record, FLAG_REFERENCED) || credit < 0) return false;
  credit -= i32(size + ownedBytes(record));
  return true;
}

/**
 * Removes expired records until `wanted` bytes of live data are gone, reading only pages in which one may have expired.
 * O(pages + records of the pages read).
 */
export function sweepExpired(wanted: f64, now: f64): void {
  const goal = f64(liveBytes) - wanted;
  // Once past the tail, the distance wraps and is larger than that of the oldest record.
  let page = isPageStart(next) ? firstRecord(next) : next;
  for (; distance(page) > 0 && distance(page) <= distance(begin); page = firstRecord(nextPage(page))) {
    if (earliestExpiry(page) > now) continue;
    let earliest: f64 = Infinity;
    let at = page;
    while (distance(at) > 0 && pageOf(at) == pageOf(page)) {
      const record = pointerOf(at);
      if (kindOf(record) == KIND_PAD) break;
      const size = sizeOf(record);
      if (!hasFlag(record, FLAG_DEAD | FLAG_OWED)) {
        if (isExpired(record, now)) {
          if (!canDrop(record)) return;
          countExpiration();
          unlinkAt(record, at);
        } else if (expiryOf(record) != 0) {
          earliest = min(earliest, expiryOf(record));
        }
      }
      at = advance(at, size);
    }
    setEarliestExpiry(page, earliest);
    if (f64(liveBytes) <= goal) return;
  }
}
