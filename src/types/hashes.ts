import { toInt64 } from "../arguments.ts";
import type { ElementScanOptions, HashScanResult } from "../collections.ts";
import { ABSENT, FIRST, IF_ABSENT, KIND_HASH, NOT_INTEGER, OVERFLOWS, SECOND } from "../core/layout.ts";
import type { Bytes, Integer, Key, Value } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import type { Records } from "../records/records.ts";
import {
  bytesFor,
  checkField,
  ELEMENT_BYTES,
  longestBytes,
  mayBeLarge,
  toArray,
  toFields,
  wrongType,
} from "./arguments.ts";
import { countOf, putElement, readElements, takeElement, toPairs } from "./elements.ts";
import { readRandom } from "./random.ts";
import { scanElements } from "./scan.ts";

const decoder = new TextDecoder();

export function hget(records: Records, key: Key, field: Key): Bytes | null {
  const { core } = records;
  const fieldLength = core.putField(field);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldGet(keyLength, fieldLength, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return takeElement(records, answer);
}

export function hset(records: Records, key: Key, field: Key, value: Value): boolean {
  return setChecked(records, key, field, value, 0);
}

export function hsetnx(records: Records, key: Key, field: Key, value: Value): boolean {
  return setChecked(records, key, field, value, IF_ABSENT);
}

function setChecked(records: Records, key: Key, field: Key, value: Value, mode: number): boolean {
  if (!mayBeLarge(value)) return setOne(records, key, field, value, mode);
  checkField(field);
  return records.atomically(() => {
    // A wrong type, or that the field is there, must show before a large value is written.
    if (hexists(records, key, field) && mode === IF_ABSENT) return false;
    return setOne(records, key, field, value, mode);
  });
}

/** Sets one field. A large value is to be set inside of `atomically`. */
function setOne(records: Records, key: Key, field: Key, value: Value, mode: number): boolean {
  const { core } = records;
  const length = putElement(records, value);
  const fieldLength = core.putField(field);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldSet(keyLength, fieldLength, length, KIND_HASH, mode, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + fieldLength + length + ELEMENT_BYTES)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + fieldLength + length);
  return answer === 1;
}

export function hmset(records: Records, key: Key, entries: readonly (readonly [Key, Value])[]): number {
  for (const entry of toArray(entries, "entries")) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw wrongType("Cannot use entries: expected [field, value]", entry);
    }
    checkField(entry[0]);
    longestBytes(entry[1], "value");
  }
  return records.atomically(() => {
    hlen(records, key); // a wrong type must show before a large value is written
    let added = 0;
    for (const [field, value] of entries) if (setOne(records, key, field, value, 0)) added++;
    return added;
  }, bytesFor(key, entries.flat()));
}

export function hdel(records: Records, key: Key, fields: readonly Key[]): number {
  return removeFields(records, key, KIND_HASH, fields);
}

/** Removes fields of a hash or members of a set. */
export function removeFields(records: Records, key: Key, kind: number, fields: readonly (Key | Value)[]): number {
  toFields(fields, kind === KIND_HASH ? "fields" : "members");
  if (fields.length === 1) return removeField(records, key, kind, fields[0]);
  return records.atomically(() => {
    let removed = 0;
    for (const field of fields) removed += removeField(records, key, kind, field);
    return removed;
  }, 0);
}

export function removeField(records: Records, key: Key, kind: number, field: Key | Value): number {
  const { core } = records;
  const fieldLength = core.putField(field);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldRemove(keyLength, fieldLength, kind, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength);
  return answer;
}

export function hgetall(records: Records, key: Key): [Bytes, Bytes][] {
  return toPairs(readElements(records, key, KIND_HASH, 0, 0, hlen(records, key), FIRST | SECOND).texts);
}

export function hkeys(records: Records, key: Key): Bytes[] {
  return readElements(records, key, KIND_HASH, 0, 0, hlen(records, key), FIRST).texts;
}

export function hvals(records: Records, key: Key): Bytes[] {
  return readElements(records, key, KIND_HASH, 0, 0, hlen(records, key), SECOND).texts;
}

export function hlen(records: Records, key: Key): number {
  return countOf(records, key, KIND_HASH);
}

export function hexists(records: Records, key: Key, field: Key): boolean {
  return hasField(records, key, KIND_HASH, field);
}

/** Whether a hash has a field, or a set a member. */
export function hasField(records: Records, key: Key, kind: number, field: Key | Value): boolean {
  const { core } = records;
  const fieldLength = core.putField(field);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldHas(keyLength, fieldLength, kind, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer === 1;
}

export function hmget(records: Records, key: Key, fields: readonly Key[]): (Bytes | null)[] {
  return records.gather(toArray(fields, "fields"), (field) => hget(records, key, field));
}

export function hincrBy<N extends number | bigint = number>(
  records: Records,
  key: Key,
  field: Key,
  delta: N = 1 as N,
): Integer<N> {
  const { core } = records;
  const isNumber = typeof delta !== "bigint";
  const { low, high } = toInt64(delta);
  const fieldLength = core.putField(field);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldIncrement(keyLength, fieldLength, low, high, isNumber, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + fieldLength + ELEMENT_BYTES)
  );
  if (answer === NOT_INTEGER) {
    throw new StorageError("NOT_INTEGER", `Cannot add to field ${describe(field)}: its value is not a 64-bit integer`);
  }
  if (answer === OVERFLOWS) {
    throw new StorageError(
      "OUT_OF_RANGE",
      `Cannot add ${delta} to field ${describe(field)}: the sum would leave ${
        isNumber ? "the safe integers; pass a bigint" : "64 bits"
      }`,
    );
  }
  const sum = core.readInt64(core.valueAt, isNumber) as Integer<N>;
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + fieldLength);
  return sum;
}

/** What a C library takes for a number, but for hexadecimal ones. */
const NUMBER_FORM = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function hincrByFloat(records: Records, key: Key, field: Key, delta: number): number {
  if (typeof delta !== "number") throw wrongType("Cannot add: expected a number", delta);
  const value = hget(records, key, field);
  const text = value === null ? "0" : decoder.decode(value);
  if (!NUMBER_FORM.test(text)) {
    throw new StorageError("NOT_FLOAT", `Cannot add to field ${describe(field)}: its value is not a number`);
  }
  const sum = Number(text) + delta;
  if (!Number.isFinite(sum)) {
    throw new StorageError("OUT_OF_RANGE", `Cannot add ${delta} to field ${describe(field)}: the sum is not finite`);
  }
  setOne(records, key, field, String(sum), 0);
  return sum;
}

export function hstrlen(records: Records, key: Key, field: Key): number {
  const { core } = records;
  const fieldLength = core.putField(field);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldLength(keyLength, fieldLength, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer === ABSENT ? 0 : answer;
}

export function hscan(records: Records, key: Key, options?: ElementScanOptions): HashScanResult {
  const { cursor, texts } = scanElements(records, key, KIND_HASH, FIRST | SECOND, options);
  return { cursor, entries: toPairs(texts) };
}

export function hrandField(records: Records, key: Key, count: number = 1): Bytes[] {
  return readRandom(records, key, KIND_HASH, count, FIRST).texts;
}

export function hrandFieldWithValues(records: Records, key: Key, count: number = 1): [Bytes, Bytes][] {
  return toPairs(readRandom(records, key, KIND_HASH, count, FIRST | SECOND).texts);
}
