import { toBytes } from "../arguments.ts";
import { sameBytes } from "../bytes.ts";
import type { ElementScanOptions, LimitOptions, SetScanResult } from "../collections.ts";
import { FIRST, KIND_SET } from "../core/layout.ts";
import type { Bytes, Key, Value } from "../engine.ts";
import type { Records } from "../records/records.ts";
import {
  bytesFor,
  checkField,
  ELEMENT_BYTES,
  mayBeLarge,
  outOfRange,
  toArray,
  toCount,
  toFields,
  toLimit,
} from "./arguments.ts";
import { countOf, drop, readElements } from "./elements.ts";
import { hasField, removeField, removeFields } from "./hashes.ts";
import { differentRanks, readRandom } from "./random.ts";
import { scanElements } from "./scan.ts";

export function sadd(records: Records, key: Key, members: readonly Value[]): number {
  toFields(members, "members");
  if (members.length === 1 && !mayBeLarge(members[0])) return addOne(records, key, members[0]);
  return records.atomically(() => {
    let added = 0;
    for (const member of members) added += addOne(records, key, member);
    return added;
  }, bytesFor(key, members));
}

function addOne(records: Records, key: Key, member: Value): number {
  const { core } = records;
  const memberLength = core.putField(member);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.fieldSet(keyLength, memberLength, 0, KIND_SET, 0, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + memberLength + ELEMENT_BYTES)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + memberLength);
  return answer;
}

export function srem(records: Records, key: Key, members: readonly Value[]): number {
  return removeFields(records, key, KIND_SET, members);
}

export function sisMember(records: Records, key: Key, member: Value): boolean {
  return hasField(records, key, KIND_SET, member);
}

export function smisMember(records: Records, key: Key, members: readonly Value[]): boolean[] {
  return records.gather(toArray(members, "members"), (member) => sisMember(records, key, member));
}

export function smembers(records: Records, key: Key): Bytes[] {
  return readElements(records, key, KIND_SET, 0, 0, scard(records, key), FIRST).texts;
}

export function scard(records: Records, key: Key): number {
  return countOf(records, key, KIND_SET);
}

export function spop(records: Records, key: Key, count: number = 1): Bytes[] {
  const wanted = toCount(count, "count");
  const length = scard(records, key);
  if (wanted >= length) {
    const members = smembers(records, key);
    if (length > 0) drop(records, key);
    return members;
  }
  const members = differentRanks(length, wanted).map((rank) =>
    readElements(records, key, KIND_SET, 0, rank, 1, FIRST).texts[0]
  );
  records.atomically(() => members.forEach((member) => removeField(records, key, KIND_SET, member)), 0);
  return members;
}

export function srandMember(records: Records, key: Key, count: number = 1): Bytes[] {
  return readRandom(records, key, KIND_SET, count, FIRST).texts;
}

export function smove(records: Records, source: Key, destination: Key, member: Value): boolean {
  checkField(member);
  if (scard(records, source) === 0) return false;
  scard(records, destination); // a wrong type must show before anything is taken
  if (!sisMember(records, source, member)) return false;
  if (sameBytes(toBytes(source), toBytes(destination))) return true;
  return records.atomically(() => {
    removeField(records, source, KIND_SET, member);
    addOne(records, destination, member);
    return true;
  }, bytesFor(destination, [member]));
}

export function sscan(records: Records, key: Key, options?: ElementScanOptions): SetScanResult {
  const { cursor, texts } = scanElements(records, key, KIND_SET, FIRST, options);
  return { cursor, members: texts };
}

/** At least one key. */
function toKeys(keys: readonly Key[]): readonly Key[] {
  if (toArray(keys, "keys").length > 0) return keys;
  throw outOfRange("Cannot combine sets: expected at least one key", keys.length);
}

export function sinter(records: Records, keys: readonly Key[]): Bytes[] {
  return intersect(records, keys, Infinity);
}

function intersect(records: Records, keys: readonly Key[], limit: number): Bytes[] {
  const sizes = toKeys(keys).map((key) => scard(records, key));
  if (sizes.includes(0)) return [];
  const smallest = sizes.indexOf(Math.min(...sizes));
  const others = keys.filter((_, i) => i !== smallest);
  const inAll: Bytes[] = [];
  for (const member of smembers(records, keys[smallest])) {
    if (inAll.length === limit) break;
    if (others.every((key) => sisMember(records, key, member))) inAll.push(member);
  }
  return inAll;
}

export function sunion(records: Records, keys: readonly Key[]): Bytes[] {
  return toKeys(keys).flatMap((key, i) => without(records, smembers(records, key), keys.slice(0, i)));
}

export function sdiff(records: Records, keys: readonly Key[]): Bytes[] {
  toKeys(keys).forEach((key) => scard(records, key));
  return without(records, smembers(records, keys[0]), keys.slice(1));
}

/** The members that are in none of the sets. */
function without(records: Records, members: Bytes[], keys: readonly Key[]): Bytes[] {
  if (keys.length === 0) return members;
  return members.filter((member) => !keys.some((key) => sisMember(records, key, member)));
}

export function sinterStore(records: Records, destination: Key, keys: readonly Key[]): number {
  return store(records, destination, sinter(records, keys));
}

export function sunionStore(records: Records, destination: Key, keys: readonly Key[]): number {
  return store(records, destination, sunion(records, keys));
}

export function sdiffStore(records: Records, destination: Key, keys: readonly Key[]): number {
  return store(records, destination, sdiff(records, keys));
}

/** Writes a set over whatever the key held. */
export function store(records: Records, destination: Key, members: readonly Value[]): number {
  return records.atomically(() => {
    drop(records, destination);
    for (const member of members) addOne(records, destination, member);
    return members.length;
  }, bytesFor(destination, members));
}

export function sinterCard(records: Records, keys: readonly Key[], options: LimitOptions = {}): number {
  return intersect(records, keys, toLimit(options)).length;
}
