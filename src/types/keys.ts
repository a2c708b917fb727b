// What is the same for a key of any type.

import { allowsExpiry, checkOptions, expiryIn } from "../arguments.ts";
import {
  EXISTED,
  IF_ABSENT,
  KIND_CHUNKED,
  KIND_HASH,
  KIND_LIST,
  KIND_SET,
  KIND_STRING,
  KIND_ZSET,
  NEEDS_CARE,
  REFUSED,
} from "../core/layout.ts";
import type { ExpireOptions, Key, RenameOptions, ValueType } from "../engine.ts";
import { RECORD_OVERHEAD_BYTES } from "../records/packing.ts";
import type { Records } from "../records/records.ts";

export function del(records: Records, key: Key): boolean {
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.remove(keyLength, records.now()); while (
    answer < 0 && records.overcomes(answer, RECORD_OVERHEAD_BYTES)
  );
  if ((answer & NEEDS_CARE) !== 0) records.relieve(keyLength);
  return answer !== REFUSED;
}

export function exists(records: Records, key: Key): boolean {
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.has(keyLength, records.now()); while (answer < 0 && records.overcomes(answer, 0));
  return answer !== 0;
}

export function expire(records: Records, key: Key, ttl: number, options?: ExpireOptions): boolean {
  checkOptions(options);
  const expiry = expiryIn(ttl);
  const current = expiryOf(records, key);
  if (!allowsExpiry(options?.when, current ?? Infinity, expiry) || current === null) return false;
  return setExpiry(records, key, expiry);
}

export function persist(records: Records, key: Key): boolean {
  const current = expiryOf(records, key);
  return current !== null && current !== Infinity && setExpiry(records, key, 0);
}

/** Has a key that is there expire at `expiry`, or never when that is 0. */
export function setExpiry(records: Records, key: Key, expiry: number): boolean {
  if (expiry !== 0) records.mayExpire = true;
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.setExpiryOf(keyLength, expiry, records.now()); while (
    answer < 0 && records.overcomes(answer, RECORD_OVERHEAD_BYTES)
  );
  if ((answer & NEEDS_CARE) !== 0) records.relieve(keyLength);
  return (answer & EXISTED) !== 0;
}

export function ttl(records: Records, key: Key): number | null {
  const expiry = expiryOf(records, key);
  return expiry === null || expiry === Infinity ? expiry : Math.max(0, expiry - Date.now());
}

/** When a key expires, `Infinity` for never, `null` when it is not there. */
export function expiryOf(records: Records, key: Key): number | null {
  const record = records.peek(key);
  if (record === 0 || records.isExpired(record)) return null;
  return records.core.expiryOf(record) || Infinity;
}

const TYPES: Record<number, ValueType> = {
  [KIND_STRING]: "string",
  [KIND_CHUNKED]: "string",
  [KIND_LIST]: "list",
  [KIND_HASH]: "hash",
  [KIND_SET]: "set",
  [KIND_ZSET]: "zset",
};

/** The type that records of a kind have; `null` for none. */
export function typeOf(kind: number): ValueType | null {
  return TYPES[kind] ?? null;
}

export function type(records: Records, key: Key): ValueType | null {
  return typeOf(records.kindOf(key));
}

export function rename(records: Records, source: Key, destination: Key, options?: RenameOptions): boolean {
  checkOptions(options);
  const { core } = records;
  const mode = options?.ifAbsent === true ? IF_ABSENT : 0;
  const newLength = records.putKeyAt(destination, core.fieldAt);
  const keyLength = records.putKey(source);
  let answer: number;
  do answer = core.calls.rename(keyLength, newLength, mode, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + newLength + RECORD_OVERHEAD_BYTES)
  );
  if ((answer & NEEDS_CARE) !== 0) records.relieve(newLength);
  return answer !== REFUSED;
}
