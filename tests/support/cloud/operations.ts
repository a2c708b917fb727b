import { StorageError } from "@ferrite/storage";
import { type Plain, plainResult } from "../models/plain.ts";
import type { Random } from "../random.ts";
import { sorted, type Store } from "./content.ts";

/** Something to do with a key. */
export interface Operation {
  readonly method: string;
  readonly args: readonly unknown[];
}

const TTL_MS = 10_000_000;
const WITHOUT_ORDER = ["hgetall", "hkeys", "hvals", "smembers"];

type Draw = (random: Random) => unknown[];

const value = (random: Random): Uint8Array | string =>
  random.below(20) === 0 ? random.bytes(random.below(3000)) : `v${random.below(30)}`;
const values = (random: Random) => Array.from({ length: 1 + random.below(6) }, () => value(random));
const name = (random: Random) => `n${random.below(15)}`;
const names = (random: Random) => Array.from({ length: 1 + random.below(4) }, () => name(random));
const index = (random: Random) => random.below(12) - 6;

const STRINGS: Record<string, Draw> = {
  set: (random) => [value(random), random.pick([{}, {}, { ifAbsent: true }, { ifPresent: true }, { keepTtl: true }])],
  get: () => [],
  append: (random) => [value(random)],
  getRange: (random) => [index(random), index(random)],
  setRange: (random) => [random.below(20), value(random)],
  strlen: () => [],
  update: (random) => {
    const end = random.below(10);
    return [(old: Uint8Array | null) => end === 0 ? null : `${old?.length ?? 0}.${end}`];
  },
};
const COUNTERS: Record<string, Draw> = {
  incrBy: (random) => [random.below(100) - 50],
  set: (random) => [String(random.below(1000))],
  get: () => [],
};
const LISTS: Record<string, Draw> = {
  lpush: (random) => [values(random)],
  rpush: (random) => [values(random)],
  lpop: (random) => [random.below(3)],
  rpop: () => [],
  lrange: (random) => [index(random), index(random)],
  llen: () => [],
  lset: (random) => [index(random), value(random)],
  lrem: (random) => [index(random), value(random)],
  ltrim: (random) => [random.below(3), -1 - random.below(2)],
};
const HASHES: Record<string, Draw> = {
  hset: (random) => [name(random), value(random)],
  hmset: (random) => [names(random).map((field) => [field, value(random)])],
  hsetnx: (random) => [name(random), value(random)],
  hget: (random) => [name(random)],
  hdel: (random) => [names(random)],
  hgetall: () => [],
  hincrBy: (random) => [`count${random.below(2)}`, random.below(100)],
};
const SETS: Record<string, Draw> = {
  sadd: (random) => [names(random)],
  srem: (random) => [names(random)],
  smembers: () => [],
  scard: () => [],
  sisMember: (random) => [name(random)],
};
const SORTED_SETS: Record<string, Draw> = {
  zadd: (random) => [names(random).map((member) => [random.below(50), member])],
  zincrBy: (random) => [random.below(10), name(random)],
  zscore: (random) => [name(random)],
  zrem: (random) => [names(random)],
  zpopMin: () => [],
  zrangeWithScores: (random) => [index(random), index(random)],
};
const KEYS: Record<string, Draw> = {
  del: () => [],
  exists: () => [],
  type: () => [],
  expire: () => [TTL_MS],
  persist: () => [],
};

const TYPES: Record<string, Record<string, Draw>> = {
  string: STRINGS,
  counter: COUNTERS,
  list: LISTS,
  hash: HASHES,
  set: SETS,
  zset: SORTED_SETS,
};
export const TYPE_NAMES: readonly string[] = Object.keys(TYPES);

/** An operation for a key of this type, or one for all types, or, now and then, one for another type. */
export function drawOperation(random: Random, type: string): Operation {
  const kind = random.below(25) === 0 ? random.pick(TYPE_NAMES) : type;
  const methods = random.below(6) === 0 ? KEYS : TYPES[kind];
  const method = random.pick(Object.keys(methods));
  return { method, args: methods[method](random) };
}

/** What an operation comes to: `"refused: …"` where it was refused because of what it is, or of what is there. Rejects when it went wrong. */
export async function perform(store: Store, key: string, { method, args }: Operation): Promise<Plain> {
  try {
    const call = (store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[method];
    const result = await call.call(store, key, ...args);
    return WITHOUT_ORDER.includes(method) ? sorted(result) : plainResult(result);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (["UNAVAILABLE", "CONFLICT", "CORRUPT", "OUT_OF_MEMORY"].includes(error.code)) throw error;
    return `refused: ${error.code}`;
  }
}
