// The operations of all data types, by name. A store has each of them as a method.

import type { CollectionOps } from "../collections.ts";
import type { Integer, Key } from "../engine.ts";
import type { Records } from "../records/records.ts";
import * as combine from "./combine.ts";
import * as hashes from "./hashes.ts";
import * as lists from "./lists.ts";
import * as ranges from "./ranges.ts";
import * as sets from "./sets.ts";
import * as sortedSets from "./sorted_sets.ts";

/** A method of a store as a function over its records. */
type Operation<M> = M extends (...args: infer A) => Promise<infer R> ? (records: Records, ...args: A) => R : never;

/** All methods of an interface as functions over records. */
export type Operations =
  & { [K in keyof Omit<CollectionOps, "hincrBy">]: Operation<CollectionOps[K]> }
  & { hincrBy: <N extends number | bigint>(records: Records, key: Key, field: Key, delta?: N) => Integer<N> };

/** Those that change nothing. */
const READ_OPERATIONS = {
  lrange: lists.lrange,
  llen: lists.llen,
  lindex: lists.lindex,
  lpos: lists.lpos,

  hget: hashes.hget,
  hgetall: hashes.hgetall,
  hkeys: hashes.hkeys,
  hvals: hashes.hvals,
  hlen: hashes.hlen,
  hexists: hashes.hexists,
  hmget: hashes.hmget,
  hstrlen: hashes.hstrlen,
  hscan: hashes.hscan,
  hrandField: hashes.hrandField,
  hrandFieldWithValues: hashes.hrandFieldWithValues,

  sisMember: sets.sisMember,
  smisMember: sets.smisMember,
  smembers: sets.smembers,
  scard: sets.scard,
  srandMember: sets.srandMember,
  sscan: sets.sscan,
  sinter: sets.sinter,
  sunion: sets.sunion,
  sdiff: sets.sdiff,
  sinterCard: sets.sinterCard,

  zscore: sortedSets.zscore,
  zmscore: sortedSets.zmscore,
  zcard: sortedSets.zcard,
  zcount: ranges.zcount,
  zlexCount: ranges.zlexCount,
  zrank: sortedSets.zrank,
  zrevRank: sortedSets.zrevRank,
  zrankWithScore: sortedSets.zrankWithScore,
  zrevRankWithScore: sortedSets.zrevRankWithScore,
  zrange: sortedSets.zrange,
  zrangeWithScores: sortedSets.zrangeWithScores,
  zrangeByScore: ranges.zrangeByScore,
  zrangeByScoreWithScores: ranges.zrangeByScoreWithScores,
  zrangeByLex: ranges.zrangeByLex,
  zunion: combine.zunion,
  zunionWithScores: combine.zunionWithScores,
  zinter: combine.zinter,
  zinterWithScores: combine.zinterWithScores,
  zdiff: combine.zdiff,
  zdiffWithScores: combine.zdiffWithScores,
  zinterCard: combine.zinterCard,
  zscan: sortedSets.zscan,
  zrandMember: sortedSets.zrandMember,
  zrandMemberWithScores: sortedSets.zrandMemberWithScores,
} satisfies Partial<Operations>;

const WRITE_OPERATIONS: Omit<Operations, keyof typeof READ_OPERATIONS> = {
  lpush: lists.lpush,
  rpush: lists.rpush,
  lpushx: lists.lpushx,
  rpushx: lists.rpushx,
  lpop: lists.lpop,
  rpop: lists.rpop,
  lset: lists.lset,
  linsert: lists.linsert,
  linsertAt: lists.linsertAt,
  lrem: lists.lrem,
  ltrim: lists.ltrim,
  lmove: lists.lmove,

  hset: hashes.hset,
  hmset: hashes.hmset,
  hsetnx: hashes.hsetnx,
  hdel: hashes.hdel,
  hincrBy: hashes.hincrBy,
  hincrByFloat: hashes.hincrByFloat,

  sadd: sets.sadd,
  srem: sets.srem,
  spop: sets.spop,
  smove: sets.smove,
  sinterStore: sets.sinterStore,
  sunionStore: sets.sunionStore,
  sdiffStore: sets.sdiffStore,

  zadd: sortedSets.zadd,
  zincrBy: sortedSets.zincrBy,
  zrangeStore: ranges.zrangeStore,
  zrem: sortedSets.zrem,
  zremRangeByRank: sortedSets.zremRangeByRank,
  zremRangeByScore: ranges.zremRangeByScore,
  zremRangeByLex: ranges.zremRangeByLex,
  zpopMin: sortedSets.zpopMin,
  zpopMax: sortedSets.zpopMax,
  zunionStore: combine.zunionStore,
  zinterStore: combine.zinterStore,
  zdiffStore: combine.zdiffStore,
};

export const OPERATIONS: Operations = { ...READ_OPERATIONS, ...WRITE_OPERATIONS };

/** The names of those that change nothing. */
export const READS: ReadonlySet<string> = new Set(Object.keys(READ_OPERATIONS));
