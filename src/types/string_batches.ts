// Many strings in one call.

import { checkOptions } from "../arguments.ts";
import type { Core } from "../core/core.ts";
import { HAS_FAST_SLICE } from "../core/copier.ts";
import {
  BATCH_KEYS,
  COLD,
  FLAG_EXPIRES,
  FULL,
  KIND_MASK,
  KIND_STRING,
  RESERVED,
  SCRATCH_BYTES,
} from "../core/layout.ts";
import type { Bytes, Key, ReadOptions, SetOptions, Value } from "../engine.ts";
import { Packing, RECORD_OVERHEAD_BYTES } from "../records/packing.ts";
import type { Records } from "../records/records.ts";
import { wrongType } from "./arguments.ts";
import { readString } from "./string_records.ts";
import { toExpiry, write } from "./strings.ts";

export function mget(records: Records, keys: readonly Key[], options?: ReadOptions): (Bytes | null)[] {
  if (!Array.isArray(keys)) throw wrongType("Cannot read keys: expected an array of keys", keys);
  const { core } = records;
  const values: (Bytes | null)[] = new Array(keys.length);
  const cold: Key[] = [];
  const end = core.scratch + SCRATCH_BYTES;
  let next = 0;
  while (next < keys.length) {
    const first = next;
    let at = core.scratch;
    while (next < keys.length && next - first < BATCH_KEYS) {
      const key = keys[next];
      // A string's length is known only once it is encoded: at most three bytes for each of its units.
      const longest = typeof key === "string" ? key.length * 3 : key?.length;
      if (next > first && at + 16 + longest > end) break;
      const length = records.putKeyAt(key, at + 8);
      core.words[at >>> 2] = length;
      at = (at + 8 + length + 7) & ~7;
      next++;
    }
    readBatch(records, core, keys, first, next, values, options?.own === true, cold);
  }
  if (cold.length > 0) records.missingKeys(cold);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) records.misses++;
    else records.hits++;
  }
  return values;
}

function readBatch(
  records: Records,
  core: Core,
  keys: readonly Key[],
  first: number,
  end: number,
  values: (Bytes | null)[],
  own: boolean,
  cold: Key[],
): void {
  const count = end - first;
  core.calls.findBatch(count);
  for (let i = 0; i < count; i++) {
    if (!own) {
      i += readFound(core, i, count, values, first + i, records.now());
      if (i === count) return;
    }
    // Expired records are left for later: removing one takes the scratch area, and could move those yet to be read.
    const record = core.words[(core.found >>> 2) + i] >>> 0;
    if (record === COLD) cold.push(keys[first + i]);
    values[first + i] = record <= COLD ? null : readString(records, core, record, own);
  }
}

export function mset(
  records: Records,
  entries: Iterable<readonly [Key, Value]>,
  options?: Pick<SetOptions, "ttl">,
): void {
  checkOptions(options);
  const list = toEntries(entries);
  const expiry = toExpiry(records, options?.ttl);
  // Making room may drop or move what was to be overwritten in place: then it is added up again.
  let isReady = false;
  let bytes = 0;
  let canMiss = false;
  while (!isReady) {
    const { packing, addedBytes, mayMiss } = addUp(records, list, expiry !== 0);
    bytes = packing.bytes;
    canMiss = mayMiss;
    isReady = addedBytes === 0 || !records.reserve(packing, addedBytes);
  }
  const writeAll = () => {
    for (const [key, value] of list) write(records, key, value, RESERVED, expiry);
  };
  // What must be read has been, and there is room for all: nothing else can stop this half-way.
  if (canMiss) records.atomically(writeAll, bytes);
  else writeAll();
  records.relieve(bytes);
}

/**
 * What writing `list` takes at most, and what of it live data grows by: 0 where all is overwritten in place. With it, whether writing
 * one key may make it necessary to read another: it hides it, or says that what shares its chain may own records.
 */
function addUp(
  records: Records,
  list: readonly (readonly [Key, Value])[],
  expires: boolean,
): { packing: Packing; addedBytes: number; mayMiss: boolean } {
  const { core } = records;
  const packing = new Packing(core);
  const cold: Key[] = [];
  let inPlaceBytes = 0;
  let mayHide = false;
  let isAdding = false;
  let isBlind = false;
  let isLarge = false;
  for (const [key, value] of list) {
    const length = core.putValue(value);
    const keyLength = records.putKey(key);
    const old = core.calls.peek(keyLength) >>> 0;
    if (core.calls.hidesOthers() !== 0) mayHide = true;
    if (old === 0) isAdding = true;
    if (old === COLD && (typeof length !== "number" || core.calls.mustRead() !== 0)) {
      cold.push(key);
    } else if (typeof length !== "number") {
      isLarge = true;
      packing.addChunked(keyLength, length.length);
    } else {
      packing.add(keyLength, length);
      if (old === COLD) isBlind = true;
      const isInPlace = old > COLD && records.isOverwritable(old) && !records.isExpired(old) &&
        holdsString(core, old, length, expires);
      if (isInPlace) inPlaceBytes += keyLength + length + RECORD_OVERHEAD_BYTES;
    }
  }
  if (cold.length > 0) records.missingKeys(cold);
  if (isAdding && core.calls.isIndexFull() !== 0) records.makeRoom(FULL, packing.bytes);
  return { packing, addedBytes: packing.bytes - inPlaceBytes, mayMiss: mayHide || isBlind && isLarge };
}

/** The entries of a call, checked. */
export function toEntries(entries: Iterable<readonly [Key, Value]>): (readonly [Key, Value])[] {
  if (typeof entries?.[Symbol.iterator] !== "function") {
    throw wrongType("Cannot write entries: expected an iterable of [key, value]", entries);
  }
  const list = [...entries];
  const wrong = list.findIndex((entry) => !Array.isArray(entry) || entry.length !== 2);
  if (wrong < 0) return list;
  throw wrongType("Cannot write entries: expected [key, value]", list[wrong]);
}

/**
 * Reads values that findBatch() has found, from the one at `first` on, into `values` from `at` on, and returns how many.
 * It stops at one that is not a short string. The scratch area is used.
 */
function readFound(
  core: Core,
  first: number,
  end: number,
  values: (Bytes | null)[],
  at: number,
  now: number,
): number {
  if (HAS_FAST_SLICE) return 0;
  const { bytes, calls, copier, found, scratch, words } = core;
  const count = calls.gather(first, end, copier.roomForMany(), now);
  const lengths = (found >>> 2) + first;
  const gathered = bytes.subarray(scratch, scratch + calls.gathered.value);
  copier.takeMany(gathered, words.subarray(lengths, lengths + count), values, at);
  return count;
}

/** Whether a record, or 0 for none, is a string that one of `length` bytes replaces in place. */
function holdsString(core: Core, record: number, length: number, expires: boolean): boolean {
  const kind = expires ? KIND_STRING | FLAG_EXPIRES : KIND_STRING;
  if (record === 0 || (core.bitsOf(record) & (KIND_MASK | FLAG_EXPIRES)) !== kind) return false;
  const start = core.valueStart(record);
  return (start + core.valueLength(record) + 7) >>> 3 === (start + length + 7) >>> 3;
}
