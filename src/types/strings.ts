import { checkOptions, checkSetOptions, expiryIn, toBytes, toInt64 } from "../arguments.ts";
import {
  IF_ABSENT,
  IF_PRESENT,
  IS_CHUNKED,
  KEEP_EXPIRY,
  KIND_STRING,
  MAX_VALUE_BYTES,
  NEEDS_CARE,
  NOT_INTEGER,
  OVERFLOWS,
  REFUSED,
  WRONG_TYPE,
} from "../core/layout.ts";
import type { Bytes, Change, Integer, Key, ReadOptions, SetOptions, Value } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import { readChunks } from "../records/chunks.ts";
import { RECORD_OVERHEAD_BYTES } from "../records/packing.ts";
import type { Records } from "../records/records.ts";
import { longestBytes, toIndex, toRange, wrongType } from "./arguments.ts";
import { del } from "./keys.ts";
import { appendToLarge, overwriteLarge, writeLarge } from "./large_strings.ts";
import { isCollection, readString, stringAt, upsert } from "./string_records.ts";

export function get(records: Records, key: Key, options?: ReadOptions): Bytes | null {
  const record = records.find(key);
  if (record !== 0) {
    const value = readString(records, records.core, record, options?.own === true);
    if (value !== null) {
      records.hits++;
      return value;
    }
    del(records, key);
  }
  records.misses++;
  return null;
}

export function set(records: Records, key: Key, value: Value, options?: SetOptions): boolean {
  if (options === undefined) return write(records, key, value, 0, 0);
  checkSetOptions(options);
  const mode = (options.ifAbsent === true ? IF_ABSENT : 0) | (options.ifPresent === true ? IF_PRESENT : 0) |
    (options.keepTtl === true ? KEEP_EXPIRY : 0);
  return write(records, key, value, mode, toExpiry(records, options.ttl));
}

/** Writes a string of any length; false when `mode` kept it from that. `expiry` 0 is never. */
export function write(records: Records, key: Key, value: Value, mode: number, expiry: number): boolean {
  const length = records.core.putValue(value);
  if (typeof length !== "number") return writeLarge(records, key, length, mode, expiry);
  return upsert(records, records.putKey(key), length, mode | KIND_STRING, expiry) !== REFUSED;
}

/** When something with this `ttl` expires, or 0 for never where there is none. */
export function toExpiry(records: Records, ttl: number | undefined): number {
  if (ttl === undefined) return 0;
  const expiry = expiryIn(ttl);
  records.mayExpire = true;
  return expiry;
}

export function update(records: Records, key: Key, change: Change, options?: Pick<SetOptions, "ttl">): Bytes | null {
  checkOptions(options);
  if (typeof change !== "function") throw wrongType("Cannot update key: expected a function", change);
  const before = get(records, key);
  // The expiry as of the read: were it looked up after the function, the key could have expired, and lose it.
  const kept = before === null ? 0 : records.core.expiryOf(records.peek(key));
  const after = checkChanged(change(before));
  if (after === undefined) return before;
  if (after === null) {
    del(records, key);
    return null;
  }
  const value = toBytes(after);
  write(records, key, value, 0, options?.ttl === undefined ? kept : toExpiry(records, options.ttl));
  return value as Bytes;
}

function checkChanged(after: unknown): Value | null | undefined {
  if (after === undefined || after === null || typeof after === "string" || after instanceof Uint8Array) return after;
  if (after instanceof Promise) {
    after.catch(() => {}); // what it comes to does not matter any more
    throw new StorageError("WRONG_TYPE", "Cannot update key: the function must not be async");
  }
  throw wrongType("Cannot update key: expected the function to return a value, null or undefined", after);
}

/** `records.overcomes` for calls that only strings are for. */
function overcomes(records: Records, answer: number, bytes: number): boolean {
  if (answer === WRONG_TYPE) throw isCollection();
  return records.overcomes(answer, bytes);
}

export function incrBy<N extends number | bigint = number>(records: Records, key: Key, delta: N = 1 as N): Integer<N> {
  const { core } = records;
  const isNumber = typeof delta !== "bigint";
  const { low, high } = toInt64(delta);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.increment(keyLength, low, high, isNumber, records.now()); while (
    answer < 0 && overcomes(records, answer, keyLength + RECORD_OVERHEAD_BYTES)
  );
  if (answer === NOT_INTEGER) {
    throw new StorageError("NOT_INTEGER", `Cannot add to key ${describe(key)}: its value is not a 64-bit integer`);
  }
  if (answer === OVERFLOWS) {
    throw new StorageError(
      "OUT_OF_RANGE",
      `Cannot add ${delta} to key ${describe(key)}: the sum would leave ${
        isNumber ? "the safe integers; pass a bigint" : "64 bits"
      }`,
    );
  }
  const sum = core.readInt64(core.valueAt, isNumber) as Integer<N>;
  if ((answer & NEEDS_CARE) !== 0) records.relieve(keyLength);
  return sum;
}

export function append(records: Records, key: Key, suffix: Value): number {
  const { core } = records;
  const length = core.putValue(suffix);
  if (typeof length !== "number") return appendLarge(records, key, length);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.append(keyLength, length, records.now()); while (
    answer < 0 && overcomes(records, answer, keyLength + length + RECORD_OVERHEAD_BYTES)
  );
  if (answer === IS_CHUNKED) return appendLarge(records, key, toBytes(suffix));
  // It was just written, so it is in the core.
  const total = core.valueLength(core.calls.peek(keyLength) >>> 0);
  if ((answer & NEEDS_CARE) !== 0) records.relieve(keyLength + length);
  return total;
}

/** Appends where the result has many records. */
function appendLarge(records: Records, key: Key, suffix: Uint8Array): number {
  const { core } = records;
  const old = stringAt(records, key);
  const length = (old?.length ?? 0) + suffix.length;
  if (length > MAX_VALUE_BYTES) {
    throw new StorageError("TOO_LARGE", `Cannot append to key ${describe(key)}: ${length} bytes would be over 512 MiB`);
  }
  const expiry = old === null ? 0 : core.expiryOf(old.record);
  if (old === null || old.object === null) {
    const value = new Uint8Array(length);
    if (old !== null) value.set(core.copyValue(old.record, true));
    value.set(suffix, length - suffix.length);
    write(records, key, value, 0, expiry);
    return length;
  }
  const isDone = appendToLarge(records, key, { length: old.length, object: old.object, expiry }, suffix);
  return isDone ? length : append(records, key, suffix);
}

export function getRange(records: Records, key: Key, start: number, end: number): Bytes {
  const { core } = records;
  const value = stringAt(records, key);
  const { from, count } = toRange(start, end, value?.length ?? 0);
  if (value === null) return new Uint8Array(0);
  if (value.object !== null) return readChunks(records, value.object, from, count);
  const at = core.valueStart(value.record) + from;
  return core.bytes.slice(at, at + count);
}

export function strlen(records: Records, key: Key): number {
  return stringAt(records, key)?.length ?? 0;
}

export function setRange(records: Records, key: Key, offset: number, value: Value): number {
  const start = toIndex(offset, "offset");
  longestBytes(value, "value");
  const bytes = toBytes(value);
  if (start < 0) {
    throw new StorageError("OUT_OF_RANGE", `Cannot write range: expected an offset of 0 or more, received ${start}`);
  }
  return records.atomically(() => {
    const oldLength = strlen(records, key);
    if (bytes.length === 0) return oldLength;
    const length = Math.max(oldLength, start + bytes.length);
    if (length > MAX_VALUE_BYTES) {
      throw new StorageError("TOO_LARGE", `Cannot write range: ${length} bytes would be over 512 MiB`);
    }
    if (start > oldLength) append(records, key, new Uint8Array(start - oldLength));
    const inside = bytes.subarray(0, Math.max(0, oldLength - start));
    if (inside.length > 0) overwrite(records, key, start, inside);
    if (inside.length < bytes.length) append(records, key, bytes.subarray(inside.length));
    return length;
  });
}

/** Writes over bytes that are there. */
function overwrite(records: Records, key: Key, start: number, bytes: Uint8Array): void {
  const { core } = records;
  const { record, length, object } = stringAt(records, key)!;
  if (object !== null) return overwriteLarge(records, { length, object }, start, bytes);
  const value = core.copyValue(record, true);
  value.set(bytes, start);
  write(records, key, value, 0, core.expiryOf(record));
}
