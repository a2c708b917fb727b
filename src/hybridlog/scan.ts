import { readCursorNumber } from "../arguments.ts";
import { isOlder } from "./addresses.ts";
import { nameOf } from "../records/names.ts";
import type { HybridSpace } from "./space.ts";
import { scanLog } from "./walk.ts";

// A scan goes over the log in its order, which reads disks best, up to where it ended when the scan began. What has been written
// or moved since lies behind that; so whatever the scan has not met because it moved out of its way is found by then going
// over the index, for entries that lead there. Addresses only grow, and splits move entries upwards only.

/** Where a scan is. */
export interface ScanPosition {
  readonly inLog: boolean;
  /** An address, or the number of a bucket of the index. */
  readonly at: number;
  /** The tail when the scan began. */
  readonly end: number;
}

/** What a step over the index looks at. */
const MOST_ENTRIES = 1_000;
const ADDRESS_BITS = 40n;
const IN_INDEX = 1n << (2n * ADDRESS_BITS);
const STARTED = IN_INDEX << 1n;
const CURSOR_BITS = 82;

/** A cursor as a position. Those that no scan gave are harmless, as are those of before a restart. */
export function readCursor(space: HybridSpace, cursor: string | null): ScanPosition {
  const { calls } = space.core;
  const number = readCursorNumber(cursor, STARTED, CURSOR_BITS);
  if (number === 0n) return { inLog: true, at: calls.beginAddress(), end: calls.tailAddress() };
  const at = Number(BigInt.asUintN(Number(ADDRESS_BITS), number));
  const end = Number(BigInt.asUintN(Number(ADDRESS_BITS), number >> ADDRESS_BITS));
  return { inLog: (number & IN_INDEX) === 0n, at, end };
}

export function cursorOf({ inLog, at, end }: ScanPosition): string {
  return String(STARTED | (inLog ? 0n : IN_INDEX) | (BigInt(end) << ADDRESS_BITS) | BigInt(at));
}

/** Calls `each` with about `count` live records of users' keys, and returns where to go on; `null` at the end. */
export function scanStep(
  space: HybridSpace,
  { inLog, at, end }: ScanPosition,
  count: number,
  each: (record: number) => void,
): ScanPosition | null {
  if (!inLog) return scanIndex(space, at, end, count, each);
  const next = scanLog(space, at, end, count, each);
  if (next !== null) return { inLog, at: next, end };
  return space.core.calls.tailAddress() === end ? null : { inLog: false, at: 0, end };
}

function scanIndex(
  space: HybridSpace,
  bucket: number,
  since: number,
  count: number,
  each: (record: number) => void,
): ScanPosition | null {
  const { calls } = space.core;
  const next = calls.listEntries(bucket, since, Math.min(count, MOST_ENTRIES)) >>> 0;
  const { doubles, scratch } = space.core;
  const heads = doubles.slice(scratch >>> 3, (scratch >>> 3) + calls.listed.value);
  for (const head of heads) showChain(space, head, since, each);
  return next < calls.buckets.value ? { inLog: false, at: next, end: since } : null;
}

/** Calls `each` with the live records of the chain that begins at `head`, as far as it is not older than `since`. */
function showChain(space: HybridSpace, head: number, since: number, each: (record: number) => void): void {
  const { core } = space;
  const { calls } = core;
  const newer = new Set<string>();
  for (let at = head; at !== 0 && !isOlder(at, since);) {
    let record = calls.recordAt(at) >>> 0;
    if (record === 0) {
      space.readRecord(at);
      record = calls.loadBench.value >>> 0;
    }
    const prev = calls.prevAddress(record);
    if (!core.isNode(record)) {
      const isAlone = newer.size === 0 && (prev === 0 || isOlder(prev, since));
      const name = isAlone ? "" : nameOf(core.copyKey(record));
      if (calls.isTombstone(record) === 0 && !newer.has(name)) each(record);
      newer.add(name);
    }
    at = prev;
  }
}
