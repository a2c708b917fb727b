// What the types check of their arguments, beside keys, fields and values, which the core takes in.

import { checkOptions, toBytes } from "../arguments.ts";
import type { LimitOptions } from "../collections.ts";
import { MAX_KEY_BYTES, TEXT_BYTES } from "../core/layout.ts";
import type { Key, Value } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";

/** Positions are 32-bit numbers in the core; beyond these there are no elements. */
const MAX_INDEX = 2 ** 31 - 1;
/** What one new element adds at most to a tree beside its own bytes, if all that can be split is. */
export const ELEMENT_BYTES = 2200;

export function wrongType(problem: string, received: unknown): StorageError {
  return new StorageError("WRONG_TYPE", `${problem}, received ${describe(received)}`);
}

export function outOfRange(problem: string, received: unknown): StorageError {
  return new StorageError("OUT_OF_RANGE", `${problem}, received ${describe(received)}`);
}

/** An integer, brought into the range of the core's positions. */
export function toIndex(index: number, name: string): number {
  if (typeof index !== "number") throw wrongType(`Cannot use ${name}: expected an integer`, index);
  if (!Number.isInteger(index) && Math.abs(index) !== Infinity) {
    throw outOfRange(`Cannot use ${name}: expected an integer`, index);
  }
  return Math.min(MAX_INDEX, Math.max(-MAX_INDEX, index));
}

/** An integer of 0 or more. */
export function toCount(count: number, name: string): number {
  const integer = toIndex(count, name);
  if (integer < 0) throw outOfRange(`Cannot use ${name}: expected 0 or more`, count);
  return integer;
}

/** How far to count; without a limit, to infinity. */
export function toLimit(options: LimitOptions): number {
  checkOptions(options);
  const { limit = 0 } = options;
  return toCount(limit, "limit") || Infinity;
}

/** The part of `length` elements that `start` and `stop` name: where it begins, and how many it has. */
export function toRange(start: number, stop: number, length: number): { from: number; count: number } {
  const first = toIndex(start, "start");
  const last = toIndex(stop, "stop");
  const from = first < 0 ? Math.max(0, length + first) : first;
  const to = Math.min(length - 1, last < 0 ? length + last : last);
  return { from, count: Math.max(0, to - from + 1) };
}

/** An array of keys, fields, members or values. */
export function toArray<T>(items: readonly T[], what: string): readonly T[] {
  if (Array.isArray(items)) return items;
  throw wrongType(`Cannot use ${what}: expected an array`, items);
}

/** Fields or members, each of which could be put. */
export function toFields(fields: readonly (Key | Value)[], what: string): readonly (Key | Value)[] {
  for (const field of toArray(fields, what)) checkField(field);
  return fields;
}

export function checkField(field: Key | Value): void {
  const longest = longestBytes(field, "field or member");
  if (longest <= MAX_KEY_BYTES) return;
  const { length } = toBytes(field);
  if (length <= MAX_KEY_BYTES) return;
  throw new StorageError(
    "TOO_LARGE",
    `Cannot use field or member: it has ${length} bytes, and ${MAX_KEY_BYTES} are the limit`,
  );
}

/** Values, each of which could be put. */
export function toValues(values: readonly Value[], what: string): readonly Value[] {
  for (const value of toArray(values, what)) longestBytes(value, "value");
  return values;
}

/** How many bytes a key or value has at most. */
export function longestBytes(value: Key | Value, what: string): number {
  if (typeof value === "string") return value.length * 3;
  if (value instanceof Uint8Array) return value.length;
  throw wrongType(`Cannot use ${what}: expected a string or Uint8Array`, value);
}

/** Whether a string may be too long for a node: then writing it takes several calls. */
export function mayBeLarge(value: Value): boolean {
  return longestBytes(value, "value") > TEXT_BYTES;
}

/** A longer key makes it too much that a small collection, which grows, is written anew with its key. */
const MAX_DIRECT_KEY_BYTES = 1024;

/** What adding `values` to the collection under a key may take at most, or Infinity if some are large, or the key is. */
export function bytesFor(key: Key, values: readonly (Key | Value)[], bytesForEach: number = ELEMENT_BYTES): number {
  if (longestBytes(key, "key") > MAX_DIRECT_KEY_BYTES) return Infinity;
  let bytes = 0;
  for (const value of values) {
    const longest = longestBytes(value, "value");
    if (longest > TEXT_BYTES) return Infinity;
    bytes += longest + bytesForEach;
  }
  return bytes;
}
