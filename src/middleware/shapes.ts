// What the operations of a store are given and give, so that wrappers can treat them all alike.

import type { CollectionOps } from "../collections.ts";
import type { PersistenceOps, StorageEngine, TransactionOps } from "../engine.ts";

/**
 * What an argument is. `bytes` are bytes of a value that stand for themselves; `change` is the function of `update`, and `transaction`
 * that of `transact`.
 */
export type Role =
  | "key"
  | "keys"
  | "entries" // keys with values, iterable
  | "value"
  | "values"
  | "fields with values"
  | "scores with values"
  | "bytes"
  | "change"
  | "transaction"
  | "scan" // the options of a scan over keys
  | "other";

/** What a call resolves to, where values, fields or keys are in it; `null` among them stays `null`. */
export type Gives =
  | "value"
  | "values"
  | "fields"
  | "fields with values"
  | "values with scores"
  | "field scan"
  | "value scan"
  | "score scan"
  | "key scan"
  | "key iterator"
  | "other";

/**
 * What an operation does: `"read"` tells what is in the store, `"write"` may change that, `"upkeep"` does neither.
 */
export type Kind = "read" | "write" | "upkeep";

/** An operation: what it does, its arguments before the options, and what it gives. */
export interface Shape {
  readonly kind: Kind;
  readonly takes: readonly Role[];
  readonly gives: Gives;
}

const reads = (takes: readonly Role[], gives: Gives = "other"): Shape => ({ kind: "read", takes, gives });
const writes = (takes: readonly Role[], gives: Gives = "other"): Shape => ({ kind: "write", takes, gives });
const UPKEEP: Shape = { kind: "upkeep", takes: [], gives: "other" };

type Methods =
  | Exclude<keyof StorageEngine, "supports" | "sync" | typeof Symbol.asyncDispose>
  | keyof CollectionOps
  | keyof TransactionOps
  | keyof PersistenceOps;

const TABLE: Readonly<Record<Methods | "commit" | "saveIndex", Shape>> = {
  get: reads(["key"], "value"),
  set: writes(["key", "value"]),
  del: writes(["key"]),
  exists: reads(["key"]),
  mget: reads(["keys"], "values"),
  mset: writes(["entries"]),
  update: writes(["key", "change"], "value"),
  incrBy: writes(["key"]),
  append: writes(["key", "bytes"]),
  getRange: reads(["key"]),
  setRange: writes(["key", "other", "bytes"]),
  strlen: reads(["key"]),
  rename: writes(["key", "key"]),
  copy: writes(["key", "key"]),
  expire: writes(["key"]),
  ttl: reads(["key"]),
  persist: writes(["key"]),
  type: reads(["key"]),
  scan: reads(["scan"], "key scan"),
  keys: reads(["scan"], "key iterator"),
  size: reads([]),
  clear: writes([]),
  stats: reads([]),
  close: UPKEEP,

  transact: writes(["transaction"]),

  checkpoint: UPKEEP,
  restore: writes([]),
  compact: UPKEEP,
  commit: UPKEEP,
  saveIndex: UPKEEP,

  lpush: writes(["key", "values"]),
  rpush: writes(["key", "values"]),
  lpushx: writes(["key", "values"]),
  rpushx: writes(["key", "values"]),
  lpop: writes(["key"], "values"),
  rpop: writes(["key"], "values"),
  lrange: reads(["key"], "values"),
  llen: reads(["key"]),
  lindex: reads(["key"], "value"),
  lset: writes(["key", "other", "value"]),
  linsert: writes(["key", "other", "value", "value"]),
  linsertAt: writes(["key", "other", "value"]),
  lrem: writes(["key", "other", "value"]),
  ltrim: writes(["key"]),
  lpos: reads(["key", "value"]),
  lmove: writes(["key", "key"], "value"),

  hget: reads(["key", "other"], "value"),
  hset: writes(["key", "other", "value"]),
  hmset: writes(["key", "fields with values"]),
  hsetnx: writes(["key", "other", "value"]),
  hdel: writes(["key"]),
  hgetall: reads(["key"], "fields with values"),
  hkeys: reads(["key"], "fields"),
  hvals: reads(["key"], "values"),
  hlen: reads(["key"]),
  hexists: reads(["key"]),
  hmget: reads(["key"], "values"),
  hincrBy: writes(["key"]),
  hincrByFloat: writes(["key"]),
  hstrlen: reads(["key"]),
  hscan: reads(["key"], "field scan"),
  hrandField: reads(["key"], "fields"),
  hrandFieldWithValues: reads(["key"], "fields with values"),

  sadd: writes(["key", "values"]),
  srem: writes(["key", "values"]),
  sisMember: reads(["key", "value"]),
  smisMember: reads(["key", "values"]),
  smembers: reads(["key"], "values"),
  scard: reads(["key"]),
  spop: writes(["key"], "values"),
  srandMember: reads(["key"], "values"),
  smove: writes(["key", "key", "value"]),
  sscan: reads(["key"], "value scan"),
  sinter: reads(["keys"], "values"),
  sunion: reads(["keys"], "values"),
  sdiff: reads(["keys"], "values"),
  sinterStore: writes(["key", "keys"]),
  sunionStore: writes(["key", "keys"]),
  sdiffStore: writes(["key", "keys"]),
  sinterCard: reads(["keys"]),

  zadd: writes(["key", "scores with values"]),
  zscore: reads(["key", "value"]),
  zmscore: reads(["key", "values"]),
  zincrBy: writes(["key", "other", "value"]),
  zcard: reads(["key"]),
  zcount: reads(["key"]),
  zlexCount: reads(["key"]),
  zrank: reads(["key", "value"]),
  zrevRank: reads(["key", "value"]),
  zrankWithScore: reads(["key", "value"]),
  zrevRankWithScore: reads(["key", "value"]),
  zrange: reads(["key"], "values"),
  zrangeWithScores: reads(["key"], "values with scores"),
  zrangeByScore: reads(["key"], "values"),
  zrangeByScoreWithScores: reads(["key"], "values with scores"),
  zrangeByLex: reads(["key"], "values"),
  zrangeStore: writes(["key", "key"]),
  zrem: writes(["key", "values"]),
  zremRangeByRank: writes(["key"]),
  zremRangeByScore: writes(["key"]),
  zremRangeByLex: writes(["key"]),
  zpopMin: writes(["key"], "values with scores"),
  zpopMax: writes(["key"], "values with scores"),
  zunion: reads(["keys"], "values"),
  zunionWithScores: reads(["keys"], "values with scores"),
  zinter: reads(["keys"], "values"),
  zinterWithScores: reads(["keys"], "values with scores"),
  zdiff: reads(["keys"], "values"),
  zdiffWithScores: reads(["keys"], "values with scores"),
  zunionStore: writes(["key", "keys"]),
  zinterStore: writes(["key", "keys"]),
  zdiffStore: writes(["key", "keys"]),
  zinterCard: reads(["keys"]),
  zscan: reads(["key"], "score scan"),
  zrandMember: reads(["key"], "values"),
  zrandMemberWithScores: reads(["key"], "values with scores"),
};

/** The operations whose shape is known, by name: those of all interfaces of `engine.ts`, and what backends have beside them. */
export const SHAPES: ReadonlyMap<string, Shape> = new Map(Object.entries(TABLE));
