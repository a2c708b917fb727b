// One record of a string: its whole value, or the root of one in chunks.

import type { Core } from "../core/core.ts";
import {
  FLAG_EXPIRES,
  HEADER_BYTES,
  KIND_CHUNKED,
  KIND_MASK,
  KIND_STRING,
  LENGTH_MASK,
  NEEDS_CARE,
  RESERVED,
} from "../core/layout.ts";
import type { Bytes, Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { readChunks, readRoot } from "../records/chunks.ts";
import { RECORD_OVERHEAD_BYTES } from "../records/packing.ts";
import type { Records } from "../records/records.ts";

export function isCollection(): StorageError {
  return new StorageError("WRONG_TYPE", "Cannot use key: it holds a collection, not a string");
}

/** A string that is there. */
export interface StringRecord {
  readonly record: number;
  readonly length: number;
  /** The object number, if it has chunks. */
  readonly object: number | null;
}

/** The string under a key; `null` where there is none. */
export function stringAt(records: Records, key: Key): StringRecord | null {
  const { core } = records;
  const record = records.peek(key);
  if (record === 0 || records.isExpired(record)) return null;
  const kind = core.kindOf(record);
  if (kind === KIND_STRING) return { record, length: core.valueLength(record), object: null };
  if (kind === KIND_CHUNKED) return { record, ...readRoot(core, record) };
  throw isCollection();
}

/** The value of a record, or `null` when it has expired. */
export function readString(records: Records, core: Core, record: number, own: boolean): Bytes | null {
  const word = core.words[(record >>> 2) + 1];
  // The common case apart, because it is the hot path: a string in one record that does not expire.
  if (((word >>> 8) & (KIND_MASK | FLAG_EXPIRES)) === KIND_STRING) {
    const start = ((record + HEADER_BYTES + (word >>> 16) + 3) & ~3) >>> 0;
    return core.copy(start, core.words[(record >>> 2) + 2] & LENGTH_MASK, own);
  }
  if (records.isExpired(record)) return null;
  const kind = core.kindOf(record);
  if (kind === KIND_STRING) return core.copyValue(record, own);
  if (kind !== KIND_CHUNKED) throw isCollection();
  const { length, object } = readRoot(core, record);
  return readChunks(records, object, 0, length);
}

/** Writes what is in the scratch area, of the kind and in the way that `mode` says. `expiry` 0 is never. */
export function upsert(records: Records, keyLength: number, length: number, mode: number, expiry: number): number {
  const { calls } = records.core;
  let answer: number;
  do answer = calls.upsert(keyLength, length, mode, expiry, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + length + RECORD_OVERHEAD_BYTES)
  );
  // What was reserved stays at hand; whoever reserved pays back when all is written.
  if ((answer & NEEDS_CARE) !== 0 && (mode & RESERVED) === 0) records.relieve(keyLength + length);
  return answer;
}
