import { checkOptions, toBytes } from "../arguments.ts";
import { sameBytes } from "../bytes.ts";
import type { ListEnd, ListPositionOptions } from "../collections.ts";
import { FIRST, IF_PRESENT, IS_BLOB, KIND_LIST } from "../core/layout.ts";
import type { Bytes, Key, Value } from "../engine.ts";
import type { Records } from "../records/records.ts";
import {
  bytesFor,
  ELEMENT_BYTES,
  longestBytes,
  mayBeLarge,
  outOfRange,
  toCount,
  toIndex,
  toRange,
  toValues,
} from "./arguments.ts";
import { countOf, putElement, readElements, takeElement } from "./elements.ts";

const AT_START = 0;
const AT_END = -1;
/** Elements that are looked at together, where one is searched for. */
const SEARCH_ELEMENTS = 1024;

export function lpush(records: Records, key: Key, values: readonly Value[]): number {
  return push(records, key, values, AT_START, 0);
}

export function rpush(records: Records, key: Key, values: readonly Value[]): number {
  return push(records, key, values, AT_END, 0);
}

export function lpushx(records: Records, key: Key, values: readonly Value[]): number {
  return push(records, key, values, AT_START, IF_PRESENT);
}

export function rpushx(records: Records, key: Key, values: readonly Value[]): number {
  return push(records, key, values, AT_END, IF_PRESENT);
}

function push(records: Records, key: Key, values: readonly Value[], position: number, mode: number): number {
  if (Array.isArray(values) && values.length === 1 && !mayBeLarge(values[0])) {
    return insert(records, key, position, values[0], mode);
  }
  toValues(values, "values");
  if (values.length === 0) return llen(records, key);
  return records.atomically(() => {
    // A wrong type, or that there is no list, must show before a large value is written.
    const length = llen(records, key);
    if (length === 0 && mode === IF_PRESENT) return 0;
    for (const value of values) insert(records, key, position, value, mode);
    return length + values.length;
  }, bytesFor(key, values));
}

/** Puts one value in. A large one is to be put inside of `atomically`. */
function insert(records: Records, key: Key, position: number, value: Value, mode: number): number {
  const { core } = records;
  const length = putElement(records, value);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.listInsert(keyLength, position, length, mode, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + length + ELEMENT_BYTES)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + length);
  // In a cache, making room may have evicted the list.
  if (answer < 0) throw outOfRange("Cannot insert value: the list has no such position", position);
  return answer;
}

function insertOne(records: Records, key: Key, position: number, value: Value): number {
  return mayBeLarge(value)
    ? records.atomically(() => insert(records, key, position, value, 0))
    : insert(records, key, position, value, 0);
}

export function lpop(records: Records, key: Key, count: number = 1): Bytes[] {
  return pop(records, key, count, true);
}

export function rpop(records: Records, key: Key, count: number = 1): Bytes[] {
  return pop(records, key, count, false);
}

function pop(records: Records, key: Key, count: number, first: boolean): Bytes[] {
  if (count === 1) {
    const value = takeOne(records, key, first);
    return value === null ? [] : [value];
  }
  const wanted = toCount(count, "count");
  const length = llen(records, key);
  const taken = Math.min(wanted, length);
  const from = first ? 0 : length - taken;
  const values = readElements(records, key, KIND_LIST, 0, from, taken, FIRST).texts;
  remove(records, key, from, taken);
  return first ? values : values.reverse();
}

function takeOne(records: Records, key: Key, first: boolean): Bytes | null {
  const { core } = records;
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.listTake(keyLength, first, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength)
  );
  const value = takeElement(records, answer);
  if (answer === IS_BLOB) remove(records, key, first ? 0 : llen(records, key) - 1, 1);
  if (core.calls.needsCare() !== 0) records.relieve(keyLength);
  return value;
}

/** Removes values by position. */
function remove(records: Records, key: Key, from: number, count: number): void {
  if (count === 0) return;
  const { core } = records;
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.listRemove(keyLength, from, count, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength);
}

export function lrange(records: Records, key: Key, start: number, stop: number): Bytes[] {
  const { from, count } = toRange(start, stop, llen(records, key));
  return readElements(records, key, KIND_LIST, 0, from, count, FIRST).texts;
}

export function llen(records: Records, key: Key): number {
  return countOf(records, key, KIND_LIST);
}

export function lindex(records: Records, key: Key, index: number): Bytes | null {
  const position = toIndex(index, "index");
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.listGet(keyLength, position, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return takeElement(records, answer);
}

export function lset(records: Records, key: Key, index: number, value: Value): void {
  const position = toIndex(index, "index");
  if (!mayBeLarge(value)) return setOne(records, key, position, value);
  records.atomically(() => setOne(records, key, position, value));
}

function setOne(records: Records, key: Key, index: number, value: Value): void {
  const { core } = records;
  const length = llen(records, key);
  const position = index < 0 ? length + index : index;
  if (position < 0 || position >= length) throw outOfRange("Cannot set value: the list has no such position", index);
  const valueLength = putElement(records, value);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.listSet(keyLength, position, valueLength, records.now()); while (
    answer < 0 && records.overcomes(answer, valueLength + ELEMENT_BYTES)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + valueLength);
  if (answer < 0) throw outOfRange("Cannot set value: the list has no such position", index);
}

export function linsert(records: Records, key: Key, where: "before" | "after", pivot: Value, value: Value): number {
  if (where !== "before" && where !== "after") {
    throw outOfRange('Cannot insert value: expected "before" or "after"', where);
  }
  longestBytes(pivot, "pivot");
  longestBytes(value, "value");
  const length = llen(records, key);
  if (length === 0) return 0;
  const [position] = positionsOf(records, key, toBytes(pivot), 0, length, 1);
  return position === undefined ? -1 : insertOne(records, key, where === "before" ? position : position + 1, value);
}

export function linsertAt(records: Records, key: Key, index: number, value: Value): number {
  const wanted = toIndex(index, "index");
  const length = llen(records, key);
  const position = wanted < 0 ? length + wanted : wanted;
  if (position < 0 || position > length) throw outOfRange("Cannot insert value: there is no such position", index);
  return insertOne(records, key, position, value);
}

export function lrem(records: Records, key: Key, count: number, value: Value): number {
  const wanted = toIndex(count, "count");
  longestBytes(value, "value");
  const length = llen(records, key);
  const limit = wanted === 0 ? Infinity : Math.abs(wanted);
  const positions = wanted < 0
    ? positionsFromEnd(records, key, toBytes(value), length, limit)
    : positionsOf(records, key, toBytes(value), 0, length, limit).reverse();
  if (positions.length === 0) return 0;
  // From the end, so that positions that are left stay as they are.
  records.atomically(() => positions.forEach((position) => remove(records, key, position, 1)), 0);
  return positions.length;
}

/** The first `limit` positions from `from` on, before `end`, at which there is `value`, ascending. */
function positionsOf(
  records: Records,
  key: Key,
  value: Uint8Array,
  from: number,
  end: number,
  limit: number,
): number[] {
  const positions: number[] = [];
  for (let at = from; at < end && positions.length < limit; at += SEARCH_ELEMENTS) {
    const values = readElements(records, key, KIND_LIST, 0, at, Math.min(SEARCH_ELEMENTS, end - at), FIRST).texts;
    for (let i = 0; i < values.length && positions.length < limit; i++) {
      if (sameBytes(values[i], value)) positions.push(at + i);
    }
  }
  return positions;
}

/** The last `limit` positions before `end`, and not more than `length` before it, descending. */
function positionsFromEnd(
  records: Records,
  key: Key,
  value: Uint8Array,
  end: number,
  limit: number,
  length: number = end,
): number[] {
  const positions: number[] = [];
  const start = end - length;
  for (let to = end; to > start && positions.length < limit; to -= SEARCH_ELEMENTS) {
    const from = Math.max(start, to - SEARCH_ELEMENTS);
    positions.push(...positionsOf(records, key, value, from, to, Infinity).reverse());
  }
  return positions.slice(0, limit);
}

export function ltrim(records: Records, key: Key, start: number, stop: number): void {
  const length = llen(records, key);
  const { from, count } = toRange(start, stop, length);
  if (length === 0) return;
  if (count === 0) return remove(records, key, 0, length);
  records.atomically(() => {
    remove(records, key, from + count, length - from - count);
    remove(records, key, 0, from);
  }, 0);
}

export function lpos(records: Records, key: Key, value: Value, options: ListPositionOptions = {}): number[] {
  checkOptions(options);
  const { rank: wanted = 1, count: atMost = 1, maxLength: compares = 0 } = options;
  const rank = toIndex(wanted, "rank");
  const count = toCount(atMost, "count");
  const maxLength = toCount(compares, "maxLength");
  if (rank === 0) throw outOfRange("Cannot search list: expected a rank of 1, 2, … or -1, -2, …", rank);
  longestBytes(value, "value");
  const bytes = toBytes(value);
  const length = llen(records, key);
  const compared = maxLength === 0 ? length : Math.min(maxLength, length);
  const skipped = Math.abs(rank) - 1;
  const limit = count === 0 ? Infinity : skipped + count;
  const positions = rank > 0
    ? positionsOf(records, key, bytes, 0, compared, limit)
    : positionsFromEnd(records, key, bytes, length, limit, compared);
  return positions.slice(skipped);
}

export function lmove(records: Records, source: Key, destination: Key, from: ListEnd, to: ListEnd): Bytes | null {
  for (const end of [from, to]) {
    if (end !== "left" && end !== "right") throw outOfRange('Cannot move value: expected "left" or "right"', end);
  }
  longestBytes(destination, "key");
  const value = lindex(records, source, from === "left" ? 0 : -1);
  if (value === null) return null;
  llen(records, destination); // a wrong type must show before anything is taken
  if (from === to && sameBytes(toBytes(source), toBytes(destination))) return value;
  return records.atomically(() => {
    // Put in first: a list that is its own destination must not become empty, and lose its expiry, in between.
    insert(records, destination, to === "left" ? AT_START : AT_END, value, 0);
    takeOne(records, source, from === "left");
    return value;
  }, bytesFor(destination, [value]));
}
