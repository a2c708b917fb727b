// What stores check of the arguments they are given, beside keys and values, which the core takes in.

import type { ExpireOptions, ScanOptions, SetOptions, Value, ValueType } from "./engine.ts";
import { describe, StorageError } from "./errors.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** The last time that fits 48 bits, which is what fits beside other things in formats of a word: the year 10889. */
const MAX_TIME_MS = 2 ** 48 - 1;
const MAX_SCAN_COUNT = 1_000_000;
/** All that keys can hold. */
export const VALUE_TYPES: readonly ValueType[] = ["string", "list", "hash", "set", "zset"];
const encoder = new TextEncoder();

export function toBytes(value: Value): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === "function";
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

/** Options must be an object, or not be given. */
export function checkOptions(options: unknown): void {
  if (options === undefined || typeof options === "object" && options !== null) return;
  throw new StorageError("WRONG_TYPE", `Cannot use options: expected an object, received ${describe(options)}`);
}

/**
 * What something is set up with must be an object that has no others than these options: one that is misspelled would be left out without a
 * word. `task` is what cannot be done otherwise; `path`, where there is one, is the option that the object is.
 */
export function checkOptionNames(task: string, options: unknown, names: readonly string[], path: string = ""): void {
  if (typeof options !== "object" || options === null) {
    const expected = path === "" ? "expected an object of options" : `${path} must be an object of options`;
    throw new StorageError("CONFIG", `Cannot ${task}: ${expected}, received ${describe(options)}`);
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const name = path === "" ? unknown : `${path}.${unknown}`;
  throw new StorageError("CONFIG", `Cannot ${task}: ${name} is not an option; there are ${names.join(", ")}`);
}

export function checkSetOptions(options: SetOptions): void {
  checkOptions(options);
  if (options.ifAbsent === true && options.ifPresent === true) {
    throw new StorageError("OUT_OF_RANGE", "Cannot use options: ifAbsent and ifPresent exclude each other");
  }
  if (options.keepTtl === true && options.ttl !== undefined) {
    throw new StorageError("OUT_OF_RANGE", "Cannot use options: keepTtl and ttl exclude each other");
  }
}

/** The time, in milliseconds since 1970, at which something with this `ttl` expires. */
export function expiryIn(ttl: number): number {
  if (typeof ttl !== "number") {
    throw new StorageError("WRONG_TYPE", `Cannot use ttl: expected milliseconds, received ${describe(ttl)}`);
  }
  const expiry = Math.ceil(Date.now() + ttl);
  if (ttl > 0 && expiry <= MAX_TIME_MS) return expiry;
  throw new StorageError(
    "OUT_OF_RANGE",
    `Cannot use ttl: expected milliseconds, more than 0 and before the year 10889, received ${describe(ttl)}`,
  );
}

/** The two halves of a 64-bit integer, the low one unsigned. */
export function toInt64(delta: number | bigint): { low: number; high: number } {
  if (typeof delta === "bigint") {
    if (delta >= MIN_INT64 && delta <= MAX_INT64) {
      return { low: Number(BigInt.asUintN(32, delta)), high: Number(delta >> 32n) };
    }
  } else if (typeof delta !== "number") {
    throw new StorageError("WRONG_TYPE", `Cannot add: expected an integer, received ${describe(delta)}`);
  } else if (Number.isSafeInteger(delta)) {
    return { low: delta >>> 0, high: Math.floor(delta / 2 ** 32) };
  }
  throw new StorageError(
    "OUT_OF_RANGE",
    `Cannot add: expected a safe integer, or a bigint of 64 bits, received ${describe(delta)}`,
  );
}

/** Whether `when` allows an expiry to be changed from `current` (`Infinity`: none) to `expiry`. */
export function allowsExpiry(when: ExpireOptions["when"], current: number, expiry: number): boolean {
  switch (when) {
    case undefined:
      return true;
    case "persistent":
      return current === Infinity;
    case "expiring":
      return current !== Infinity;
    case "later":
      return expiry > current;
    case "sooner":
      return expiry < current;
    default:
      throw new StorageError(
        "OUT_OF_RANGE",
        `Cannot use when: expected "persistent", "expiring", "later" or "sooner", received ${describe(when)}`,
      );
  }
}

/** The decimal number from `least` on, of at most so many bits, that a cursor is; 0 at the start. */
export function readCursorNumber(cursor: string | null, least: bigint, bits: number): bigint {
  const number = cursor === null ? 0n : /^\d{1,25}$/.test(cursor) ? BigInt(cursor) : -1n;
  if (number === 0n || number >= least && number < 1n << BigInt(bits)) return number;
  throw new StorageError("OUT_OF_RANGE", `Cannot scan: no scan gave the cursor ${describe(cursor)}`);
}

/** Where a scan goes on, about how many keys or elements it looks at, and the pattern they must match, if any. */
export function readScanOptions(
  options: ScanOptions,
): { cursor: string | null; count: number; pattern: Uint8Array | null } {
  checkOptions(options);
  const { cursor = null, count = 10, match, type } = options;
  if (cursor !== null && typeof cursor !== "string") {
    throw new StorageError("OUT_OF_RANGE", `Cannot scan: no scan gave the cursor ${describe(cursor)}`);
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new StorageError("OUT_OF_RANGE", `Cannot scan: expected a count of 1 or more, received ${describe(count)}`);
  }
  if (match !== undefined && typeof match !== "string" && !(match instanceof Uint8Array)) {
    throw new StorageError("WRONG_TYPE", `Cannot scan: expected match to be a glob, received ${describe(match)}`);
  }
  if (type !== undefined && !VALUE_TYPES.includes(type)) {
    const types = VALUE_TYPES.map((name) => `"${name}"`).join(", ");
    throw new StorageError("OUT_OF_RANGE", `Cannot scan: expected a type of ${types}, received ${describe(type)}`);
  }
  const pattern = match === undefined ? null : toBytes(match);
  return { cursor, count: Math.min(count, MAX_SCAN_COUNT), pattern };
}
