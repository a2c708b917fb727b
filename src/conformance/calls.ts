import type { HashOps, ListOps, SetOps, SortedSetOps } from "../collections.ts";
import type { SyncStorageEngine, ValueType } from "../engine.ts";
import type { Face } from "./face.ts";

/** One call of each of these methods on a key; of those with several keys, one for each place. */
type Calls<Methods extends string> = Record<Methods, (store: Face, key: string) => unknown>;

const list: Calls<keyof ListOps | "lmoveTo"> = {
  lpush: (store, key) => store.lpush(key, ["x"]),
  rpush: (store, key) => store.rpush(key, ["x"]),
  lpushx: (store, key) => store.lpushx(key, ["x"]),
  rpushx: (store, key) => store.rpushx(key, ["x"]),
  lpop: (store, key) => store.lpop(key),
  rpop: (store, key) => store.rpop(key, 5),
  lrange: (store, key) => store.lrange(key, 0, -1),
  llen: (store, key) => store.llen(key),
  lindex: (store, key) => store.lindex(key, 0),
  lset: (store, key) => store.lset(key, 0, "x"),
  linsert: (store, key) => store.linsert(key, "before", "a", "x"),
  linsertAt: (store, key) => store.linsertAt(key, 0, "x"),
  lrem: (store, key) => store.lrem(key, 0, "a"),
  ltrim: (store, key) => store.ltrim(key, 0, 0),
  lpos: (store, key) => store.lpos(key, "a"),
  lmove: (store, key) => store.lmove(key, "new", "left", "left"),
  lmoveTo: (store, key) => store.lmove("a list", key, "left", "left"),
};

const hash: Calls<keyof HashOps> = {
  hget: (store, key) => store.hget(key, "a"),
  hset: (store, key) => store.hset(key, "a", "x"),
  hmset: (store, key) => store.hmset(key, [["a", "x"], ["b", "x"]]),
  hsetnx: (store, key) => store.hsetnx(key, "a", "x"),
  hdel: (store, key) => store.hdel(key, ["a", "b"]),
  hgetall: (store, key) => store.hgetall(key),
  hkeys: (store, key) => store.hkeys(key),
  hvals: (store, key) => store.hvals(key),
  hlen: (store, key) => store.hlen(key),
  hexists: (store, key) => store.hexists(key, "a"),
  hmget: (store, key) => store.hmget(key, ["a", "b"]),
  hincrBy: (store, key) => store.hincrBy(key, "a", 5),
  hincrByFloat: (store, key) => store.hincrByFloat(key, "a", 0.5),
  hstrlen: (store, key) => store.hstrlen(key, "a"),
  hscan: (store, key) => store.hscan(key),
  hrandField: (store, key) => store.hrandField(key),
  hrandFieldWithValues: (store, key) => store.hrandFieldWithValues(key, -5),
};

const set: Calls<keyof SetOps | "smoveTo"> = {
  sadd: (store, key) => store.sadd(key, ["x"]),
  srem: (store, key) => store.srem(key, ["a"]),
  sisMember: (store, key) => store.sisMember(key, "a"),
  smisMember: (store, key) => store.smisMember(key, ["a", "b"]),
  smembers: (store, key) => store.smembers(key),
  scard: (store, key) => store.scard(key),
  spop: (store, key) => store.spop(key),
  srandMember: (store, key) => store.srandMember(key, 5),
  smove: (store, key) => store.smove(key, "new", "a"),
  smoveTo: (store, key) => store.smove("a set", key, "a"),
  sscan: (store, key) => store.sscan(key),
  sinter: (store, key) => store.sinter(["a set", key]),
  sunion: (store, key) => store.sunion(["a set", key]),
  sdiff: (store, key) => store.sdiff(["a set", key]),
  sinterStore: (store, key) => store.sinterStore("new", [key, "a set"]),
  sunionStore: (store, key) => store.sunionStore("new", ["a set", key]),
  sdiffStore: (store, key) => store.sdiffStore("a set", ["a set", key]),
  sinterCard: (store, key) => store.sinterCard([key, "a set"]),
};

/** Those that take plain sets as well. */
const combining: Calls<Extract<keyof SortedSetOps, `zunion${string}` | `zinter${string}` | `zdiff${string}`>> = {
  zunion: (store, key) => store.zunion(["a zset", key]),
  zunionWithScores: (store, key) => store.zunionWithScores([key, "a zset"]),
  zinter: (store, key) => store.zinter(["a zset", key]),
  zinterWithScores: (store, key) => store.zinterWithScores([key, "a zset"]),
  zdiff: (store, key) => store.zdiff(["a zset", key]),
  zdiffWithScores: (store, key) => store.zdiffWithScores([key, "a zset"]),
  zunionStore: (store, key) => store.zunionStore("new", ["a zset", key]),
  zinterStore: (store, key) => store.zinterStore("new", [key, "a zset"]),
  zdiffStore: (store, key) => store.zdiffStore("a zset", ["a zset", key]),
  zinterCard: (store, key) => store.zinterCard(["a zset", key]),
};

const zset: Calls<Exclude<keyof SortedSetOps, keyof typeof combining>> = {
  zadd: (store, key) => store.zadd(key, [[1, "x"]]),
  zscore: (store, key) => store.zscore(key, "a"),
  zmscore: (store, key) => store.zmscore(key, ["a", "b"]),
  zincrBy: (store, key) => store.zincrBy(key, 1, "a"),
  zcard: (store, key) => store.zcard(key),
  zcount: (store, key) => store.zcount(key, 0, 1),
  zlexCount: (store, key) => store.zlexCount(key, null, null),
  zrank: (store, key) => store.zrank(key, "a"),
  zrevRank: (store, key) => store.zrevRank(key, "a"),
  zrankWithScore: (store, key) => store.zrankWithScore(key, "a"),
  zrevRankWithScore: (store, key) => store.zrevRankWithScore(key, "a"),
  zrange: (store, key) => store.zrange(key, 0, -1),
  zrangeWithScores: (store, key) => store.zrangeWithScores(key, 0, -1),
  zrangeByScore: (store, key) => store.zrangeByScore(key, 0, 1),
  zrangeByScoreWithScores: (store, key) => store.zrangeByScoreWithScores(key, 0, 1),
  zrangeByLex: (store, key) => store.zrangeByLex(key, null, null),
  zrangeStore: (store, key) => store.zrangeStore("new", key, { by: "rank", start: 0, stop: -1 }),
  zrem: (store, key) => store.zrem(key, ["a"]),
  zremRangeByRank: (store, key) => store.zremRangeByRank(key, 0, -1),
  zremRangeByScore: (store, key) => store.zremRangeByScore(key, 0, 1),
  zremRangeByLex: (store, key) => store.zremRangeByLex(key, null, null),
  zpopMin: (store, key) => store.zpopMin(key),
  zpopMax: (store, key) => store.zpopMax(key, 5),
  zscan: (store, key) => store.zscan(key),
  zrandMember: (store, key) => store.zrandMember(key),
  zrandMemberWithScores: (store, key) => store.zrandMemberWithScores(key, -5),
};

/** Those that read or change a string. */
const string: Calls<
  & string
  & keyof Pick<SyncStorageEngine, "get" | "append" | "incrBy" | "getRange" | "setRange" | "strlen" | "update" | "mget">
> = {
  get: (store, key) => store.get(key),
  mget: (store, key) => store.mget(["a string", key, "none"]),
  append: (store, key) => store.append(key, "x"),
  incrBy: (store, key) => store.incrBy(key, 5),
  getRange: (store, key) => store.getRange(key, 0, -1),
  setRange: (store, key) => store.setRange(key, 0, "x"),
  strlen: (store, key) => store.strlen(key),
  update: (store, key) =>
    store.update(key, () => {
      throw new Error("update must not call its function");
    }),
};

/** For each type, the calls that take keys of that type only. */
export const CALLS: Record<ValueType, Calls<string>> = { string, list, hash, set, zset };

/** The calls that take keys of sorted sets and of sets. */
export const COMBINING: Calls<string> = combining;
