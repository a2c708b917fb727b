// Strings of many records. Before a function writes the first one, all the room has been made, and all that may be missing
// has been asked for since: so nothing can stop it half-way, and what stops it before can be run again.

import {
  IF_ABSENT,
  IF_PRESENT,
  INLINE_BYTES,
  KEEP_EXPIRY,
  KEEP_OWNED,
  KIND_CHUNKED,
  RESERVED,
} from "../core/layout.ts";
import type { Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { putRoot, readChunks, viewChunk, writeChunks } from "../records/chunks.ts";
import { Packing } from "../records/packing.ts";
import type { Records } from "../records/records.ts";
import { exists } from "./keys.ts";
import { upsert } from "./string_records.ts";

/** Writes a value of many records; false when `mode` kept it from that. With RESERVED, there is room and the key was asked for. */
export function writeLarge(records: Records, key: Key, value: Uint8Array, mode: number, expiry: number): boolean {
  const { core } = records;
  const packing = new Packing(core).addChunked(records.putKey(key), value.length);
  if (packing.bytes > core.calls.limitBytes()) {
    throw new StorageError(
      "TOO_LARGE",
      `Cannot use value: its ${value.length} bytes can never fit into this store; raise ${records.sizeOption}`,
    );
  }
  const isThere = exists(records, key);
  if ((mode & IF_ABSENT) !== 0 && isThere || (mode & IF_PRESENT) !== 0 && !isThere) return false;
  if ((mode & RESERVED) === 0) records.reserve(packing);
  const object = core.calls.takeObject();
  const rootLength = putRoot(core, value.length, object);
  const rootMode = (mode & KEEP_EXPIRY) | RESERVED | KIND_CHUNKED;
  upsert(records, records.putKey(key), rootLength, rootMode, expiry);
  writeChunks(records, object, 0, value);
  if ((mode & RESERVED) === 0) records.relieve(packing.bytes);
  return true;
}

/** A value of many records, as `stringAt` finds it. */
interface Large {
  readonly length: number;
  readonly object: number;
  readonly expiry: number;
}

/** Adds to the end of a value of many records; false when it is not there any more. */
export function appendToLarge(
  records: Records,
  key: Key,
  { length, object, expiry }: Large,
  suffix: Uint8Array,
): boolean {
  const { core } = records;
  // The last chunk is written again, with what it has.
  const packing = new Packing(core).addChunked(records.putKey(key), suffix.length + INLINE_BYTES);
  records.reserve(packing);
  // In a cache, making room may have evicted the value.
  if (records.peek(key) === 0) return false;
  const lastChunk = Math.floor(length / INLINE_BYTES);
  const kept = length % INLINE_BYTES;
  const tail = new Uint8Array(kept + suffix.length);
  if (kept > 0) tail.set(viewChunk(records, object, lastChunk, kept).subarray(0, kept));
  tail.set(suffix, kept);
  writeChunks(records, object, lastChunk, tail);
  const rootLength = putRoot(core, length + suffix.length, object);
  upsert(records, records.putKey(key), rootLength, KIND_CHUNKED | KEEP_OWNED | RESERVED, expiry);
  records.relieve(packing.bytes);
  return true;
}

/** Writes over a part of a value of many records: only the chunks that it lies in are written. */
export function overwriteLarge(
  records: Records,
  { length, object }: Omit<Large, "expiry">,
  start: number,
  bytes: Uint8Array,
): void {
  const first = Math.floor(start / INLINE_BYTES);
  const from = first * INLINE_BYTES;
  const end = Math.min(length, Math.ceil((start + bytes.length) / INLINE_BYTES) * INLINE_BYTES);
  records.reserve(new Packing(records.core).addChunks(end - from));
  const chunks = readChunks(records, object, from, end - from);
  chunks.set(bytes, start - from);
  writeChunks(records, object, first, chunks);
}
