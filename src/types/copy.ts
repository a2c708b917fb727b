// Copying what a key holds, of any type.

import { checkOptions, toBytes } from "../arguments.ts";
import { sameBytes } from "../bytes.ts";
import { FIRST, HEAD, KIND_CHUNKED, KIND_HASH, KIND_LIST, KIND_SET, KIND_STRING, SECOND } from "../core/layout.ts";
import type { CopyOptions, Key } from "../engine.ts";
import type { Records } from "../records/records.ts";
import { drop, readElements, toPairs, withNumbers } from "./elements.ts";
import { hlen, hmset } from "./hashes.ts";
import { exists, expiryOf, setExpiry } from "./keys.ts";
import { llen, rpush } from "./lists.ts";
import { sadd, scard } from "./sets.ts";
import { zadd, zcard } from "./sorted_sets.ts";
import { readString } from "./string_records.ts";
import { write } from "./strings.ts";

/** Elements that are copied together. */
const BATCH = 10_000;

export function copy(records: Records, source: Key, destination: Key, options?: CopyOptions): boolean {
  checkOptions(options);
  return records.atomically(() => {
    const kind = records.kindOf(source);
    const isTaken = exists(records, destination);
    if (kind === 0 || isTaken && options?.replace !== true) return false;
    if (sameBytes(toBytes(source), toBytes(destination))) return true;
    const expiry = expiryOf(records, source)!;
    if (kind === KIND_STRING || kind === KIND_CHUNKED) {
      write(records, destination, readString(records, records.core, records.peek(source), true)!, 0, 0);
    } else copyCollection(records, kind, source, destination);
    if (expiry !== Infinity) setExpiry(records, destination, expiry);
    return true;
  });
}

/** Copies a collection of this kind, but for its expiry, over whatever `destination` held. */
function copyCollection(records: Records, kind: number, source: Key, destination: Key): void {
  drop(records, destination);
  const length = lengthOf(records, kind, source);
  for (let from = 0; from < length; from += BATCH) copyBatch(records, kind, source, destination, from);
}

function lengthOf(records: Records, kind: number, key: Key): number {
  switch (kind) {
    case KIND_LIST:
      return llen(records, key);
    case KIND_HASH:
      return hlen(records, key);
    case KIND_SET:
      return scard(records, key);
    default:
      return zcard(records, key);
  }
}

function copyBatch(records: Records, kind: number, source: Key, destination: Key, from: number): void {
  const read = (what: number) => readElements(records, source, kind, 0, from, BATCH, what);
  switch (kind) {
    case KIND_LIST:
      return void rpush(records, destination, read(FIRST).texts);
    case KIND_HASH:
      return void hmset(records, destination, toPairs(read(FIRST | SECOND).texts));
    case KIND_SET:
      return void sadd(records, destination, read(FIRST).texts);
    default:
      return void zadd(
        records,
        destination,
        withNumbers(read(FIRST | HEAD)).map(([member, score]) => [score, member] as const),
      );
  }
}
