// Calls of Upstash's client, one after another, with what they must resolve to: what they do with a real Redis.

import type { Redis } from "@upstash/redis";

export interface Call {
  readonly call: (redis: Redis) => Promise<unknown>;
  /** What it resolves to; a function says by itself, and what has no order is brought into one. */
  readonly expected: unknown;
  /** Only a store with transactions can do it. */
  readonly needsTransactions?: boolean;
}

const calls: Call[] = [];
export const CALLS: readonly Call[] = calls;

function is(expected: unknown, call: Call["call"]): void {
  calls.push({ call, expected });
}

function isIfTransacting(expected: unknown, call: Call["call"]): void {
  calls.push({ call, expected, needsTransactions: true });
}

const sorted = async (list: Promise<unknown>): Promise<unknown[]> => (await list as unknown[]).map(String).sort();
const between = (least: number, most: number) => (value: unknown) => Number(value) >= least && Number(value) <= most;
const isIn = (...values: unknown[]) => (value: unknown) => values.includes(value);

// Strings
is("OK", (redis) => redis.set("name", "Ada"));
is("Ada", (redis) => redis.get("name"));
is(null, (redis) => redis.get("nothing"));
is("OK", (redis) => redis.set("object", { a: [1, "2", null, true], b: { c: "é🪙" } }));
is({ a: [1, "2", null, true], b: { c: "é🪙" } }, (redis) => redis.get("object"));
is("OK", (redis) => redis.set("number", 12.5));
is(12.5, (redis) => redis.get("number"));
is("OK", (redis) => redis.set("flag", true));
is(true, (redis) => redis.get("flag"));
is("OK", (redis) => redis.set("big", "9007199254740993"));
is("9007199254740993", (redis) => redis.get("big"));
is("OK", (redis) => redis.set("ok", "OK"));
is("OK", (redis) => redis.get("ok"));
is("OK", (redis) => redis.set("binary", "a\r\nb\0c ÿ"));
is("a\r\nb\0c ÿ", (redis) => redis.get("binary"));
is(null, (redis) => redis.set("name", "Bob", { nx: true }));
is(null, (redis) => redis.set("none", "Bob", { xx: true }));
is("OK", (redis) => redis.set("timed", "x", { ex: 100 }));
is(between(95, 100), (redis) => redis.ttl("timed"));
is("x", (redis) => redis.set("timed", "y", { get: true, keepTtl: true }));
is("OK", (redis) => redis.set("timed", "z", { px: 200_000, xx: true }));
is("OK", (redis) => redis.set("timed", "z", { exat: 4_102_444_800 }));
is("OK", (redis) => redis.set("timed", "z", { pxat: 4_102_444_800_000 }));
is(4_102_444_800, (redis) => redis.exec(["EXPIRETIME", "timed"]));
is("z", (redis) => redis.getex("timed", { ex: 50 }));
is("z", (redis) => redis.getex("timed"));
isIfTransacting("z", (redis) => redis.getex("timed", { persist: true }));
is("z", (redis) => redis.getdel("timed"));
is(null, (redis) => redis.getdel("timed"));
isIfTransacting("Ada", (redis) => redis.getset("name", "Bob"));
is("OK", (redis) => redis.setex("short", 100, "s"));
is("OK", (redis) => redis.psetex("short", 100_000, "s"));
is(between(95_000, 100_000), (redis) => redis.pttl("short"));
is(1, (redis) => redis.setnx("fresh", "f"));
is(0, (redis) => redis.setnx("fresh", "g"));
isIfTransacting("OK", (redis) => redis.mset({ m1: 1, m2: "two", m3: { three: 3 } }));
isIfTransacting([1, "two", { three: 3 }, null], (redis) => redis.mget("m1", "m2", "m3", "m4"));
isIfTransacting(0, (redis) => redis.msetnx({ m4: 4, m1: 1 }));
isIfTransacting(1, (redis) => redis.msetnx({ m4: 4, m5: 5 }));
is("OK", (redis) => redis.mset({ single: 1 }));
is([1, null], (redis) => redis.mget(["single", "missing"]));
is(1, (redis) => redis.incr("counter"));
is(11, (redis) => redis.incrby("counter", 10));
is(10, (redis) => redis.decr("counter"));
is(3, (redis) => redis.decrby("counter", 7));
is(3.5, (redis) => redis.incrbyfloat("counter", 0.5));
is(5, (redis) => redis.append("text", "Hello"));
is(11, (redis) => redis.append("text", " World"));
is(11, (redis) => redis.strlen("text"));
is("Hello", (redis) => redis.getrange("text", 0, 4));
is(11, (redis) => redis.setrange("text", 6, "Redis"));
is("Hello Redis", (redis) => redis.get("text"));

// Keys
is(2, (redis) => redis.exists("name", "text", "nothing"));
is(1, (redis) => redis.touch("name"));
is("string", (redis) => redis.type("name"));
is(1, (redis) => redis.expire("name", 100));
is(0, (redis) => redis.expire("name", 50, "NX"));
is(1, (redis) => redis.pexpire("name", 200_000, "GT"));
is(1, (redis) => redis.expireat("name", 4_102_444_800));
is(1, (redis) => redis.pexpireat("name", 4_102_444_800_000));
is(1, (redis) => redis.persist("name"));
is(-1, (redis) => redis.ttl("name"));
is(-2, (redis) => redis.ttl("nothing"));
is("COPIED", (redis) => redis.copy("name", "copy"));
is("NOT_COPIED", (redis) => redis.copy("name", "copy"));
is("COPIED", (redis) => redis.copy("name", "copy", { replace: true }));
isIfTransacting("OK", (redis) => redis.rename("copy", "renamed"));
isIfTransacting(0, (redis) => redis.renamenx("renamed", "name"));
isIfTransacting(1, (redis) => redis.renamenx("renamed", "copy"));
is(1, (redis) => redis.del("copy"));
is(1, (redis) => redis.unlink("short"));
is(2, (redis) => redis.del("fresh", "ok", "nothing"));

// Lists
is(2, (redis) => redis.rpush("list", "b", "c"));
is(3, (redis) => redis.lpush("list", "a"));
is(4, (redis) => redis.rpushx("list", { d: 4 }));
is(0, (redis) => redis.lpushx("nolist", "x"));
is(4, (redis) => redis.llen("list"));
is(["a", "b", "c", { d: 4 }], (redis) => redis.lrange("list", 0, -1));
is("b", (redis) => redis.lindex("list", 1));
is("OK", (redis) => redis.lset("list", 1, "B"));
is(5, (redis) => redis.linsert("list", "before", "c", "x"));
is(3, (redis) => redis.lpos("list", "c"));
is([0], (redis) => redis.lpos("list", "a", { count: 0, rank: 1, maxLen: 3 }));
is(1, (redis) => redis.lrem("list", 1, "x"));
is("OK", (redis) => redis.ltrim("list", 0, 2));
is("a", (redis) => redis.lmove("list", "list", "left", "right"));
is("B", (redis) => redis.lpop("list"));
is(["a", "c"], (redis) => redis.rpop("list", 2));
is(null, (redis) => redis.lpop("list"));
is(3, (redis) => redis.rpush("list", 1, 2, 3));
is(["list", [1, 2]], (redis) => redis.lmpop(1, ["list"], "LEFT", 2));

// Hashes
is(3, (redis) => redis.hset("hash", { a: 1, b: "two", c: { three: 3 } }));
is("OK", (redis) => redis.hmset("hash", { d: 4 }));
is(0, (redis) => redis.hsetnx("hash", "a", 9));
is(1, (redis) => redis.hget("hash", "a"));
is(null, (redis) => redis.hget("hash", "nothing"));
is({ a: 1, b: "two", z: null }, (redis) => redis.hmget("hash", "a", "b", "z"));
is({ a: 1, b: "two", c: { three: 3 }, d: 4 }, (redis) => redis.hgetall("hash"));
is(null, (redis) => redis.hgetall("nothing"));
is(["a", "b", "c", "d"], (redis) => sorted(redis.hkeys("hash")));
is(["1", "4", "[object Object]", "two"], (redis) => sorted(redis.hvals("hash")));
is(4, (redis) => redis.hlen("hash"));
is(1, (redis) => redis.hexists("hash", "a"));
is(3, (redis) => redis.hstrlen("hash", "b"));
is(2, (redis) => redis.hdel("hash", "b", "c", "z"));
is(6, (redis) => redis.hincrby("hash", "a", 5));
is(6.5, (redis) => redis.hincrbyfloat("hash", "a", 0.5));
is(["0", ["d", 4]], (redis) => redis.hscan("hash", 0, { match: "d*", count: 100 }));
is(isIn("a", "d"), (redis) => redis.hrandfield("hash"));
is({ a: 6.5, d: 4 }, (redis) => redis.hrandfield("hash", 10, true));
is(2, (redis) => redis.hset("odd", JSON.parse('{"__proto__":1,"constructor":"x"}')));
is(1, (redis) => redis.hget("odd", "__proto__"));

// Sets
is(3, (redis) => redis.sadd("set", "a", "b", "c"));
is(2, (redis) => redis.sadd("other", "b", "z"));
is(3, (redis) => redis.scard("set"));
is(1, (redis) => redis.sismember("set", "a"));
is([1, 0], (redis) => redis.smismember("set", ["a", "z"]));
is(["a", "b", "c"], (redis) => sorted(redis.smembers("set")));
is(["b"], (redis) => redis.sinter("set", "other"));
is(["a", "b", "c", "z"], (redis) => sorted(redis.sunion("set", "other")));
is(["a", "c"], (redis) => sorted(redis.sdiff("set", "other")));
is(1, (redis) => redis.sinterstore("stored", "set", "other"));
is(4, (redis) => redis.sunionstore("stored", "set", "other"));
is(2, (redis) => redis.sdiffstore("stored", "set", "other"));
is(1, (redis) => redis.sintercard(["set", "other"]));
is(isIn("a", "b", "c"), (redis) => redis.srandmember("set"));
is(["0", ["b"]], (redis) => redis.sscan("set", 0, { match: "b" }));
isIfTransacting(1, (redis) => redis.smove("set", "other", "a"));
is(1, (redis) => redis.srem("other", "z", "nothing"));
is("b", async (redis) => (await redis.srem("other", "a"), redis.spop("other")));
is([], (redis) => redis.spop("other", 3));

// Sorted sets
is(3, (redis) => redis.zadd("zset", { score: 1, member: "a" }, { score: 2, member: "b" }, { score: 3.5, member: "c" }));
is(1, (redis) => redis.zadd("zset", { gt: true, ch: true }, { score: 5, member: "a" }));
is(6, (redis) => redis.zadd("zset", { incr: true, xx: true }, { score: 1, member: "a" }));
is(null, (redis) => redis.zadd("zset", { nx: true, incr: true }, { score: 1, member: "a" }));
is(6, (redis) => redis.zscore("zset", "a"));
is([6, null], (redis) => redis.zmscore("zset", ["a", "nothing"]));
is(1, (redis) => redis.zincrby("zset", -5, "a"));
is(3, (redis) => redis.zcard("zset"));
is(2, (redis) => redis.zcount("zset", "(1", "+inf"));
is(2, (redis) => redis.zrank("zset", "c"));
is(0, (redis) => redis.zrevrank("zset", "c"));
is(["a", "b", "c"], (redis) => redis.zrange("zset", 0, -1));
is(["c", 3.5, "b", 2], (redis) => redis.zrange("zset", 0, 1, { rev: true, withScores: true }));
is(["b", "c"], (redis) => redis.zrange("zset", 2, "+inf", { byScore: true }));
is(["b"], (redis) => redis.zrange("zset", "+inf", "-inf", { byScore: true, rev: true, offset: 1, count: 1 }));
is(2, (redis) => redis.zadd("lex", { score: 0, member: "a" }, { score: 0, member: "b" }));
is(["b"], (redis) => redis.zrange("lex", "(a", "+", { byLex: true }));
is(2, (redis) => redis.zlexcount("lex", "-", "+"));
is(1, (redis) => redis.zremrangebylex("lex", "[a", "[a"));
is(["0", ["b", 2]], (redis) => redis.zscan("zset", 0, { match: "b" }));
is(3, (redis) => redis.zunionstore("zstored", 2, ["zset", "lex"], { weights: [1, 2] }));
is(1, (redis) => redis.zinterstore("zstored", 2, ["zset", "lex"], { aggregate: "max" }));
is(2, (redis) => redis.zdiffstore("zstored", 2, "zset", "lex"));
is(["a", 1, "b", 2, "c", 3.5], (redis) => redis.zunion(2, ["zset", "lex"], { withScores: true }));
is(1, (redis) => redis.zremrangebyscore("zset", 3, 4));
is(["b", 2], (redis) => redis.zpopmax("zset"));
is(["a", 1], (redis) => redis.zpopmin("zset", 5));
is(1, (redis) => redis.zadd("zset", { score: 1, member: "a" }));
is(1, (redis) => redis.zremrangebyrank("zset", 0, -1));
is(0, (redis) => redis.zrem("zset", "a"));

// Server
is("PONG", (redis) => redis.ping());
is("hello", (redis) => redis.ping(["hello"]));
is("hello", (redis) => redis.echo("hello"));
is(true, async (redis) => Math.abs((await redis.time())[0] - Date.now() / 1000) < 60);

// Many at a time, which the client sends as one pipeline
is(Array.from({ length: 150 }, (_, i) => i + 1), (redis) => {
  return Promise.all(Array.from({ length: 150 }, () => redis.incr("many")));
});
is(["OK", 1, [1], "x"], (redis) => redis.pipeline().set("p", "x").rpush("q", 1).lrange("q", 0, -1).get("p").exec());
isIfTransacting(["OK", 2, ["y", 2]], (redis) =>
  redis.multi().set("t", "y").rpush("q", 1).mget("t", "many2").exec()
    .then(([a, b, [c]]) => [a, b, [c, 2]]));
is([{ result: 1 }, { error: "WRONGTYPE Operation against a key holding the wrong kind of value" }], async (redis) => {
  const replies = await redis.pipeline().rpush("r", 1).incr("r").exec({ keepErrors: true });
  return replies.map(({ error, result }) => error === undefined ? { result } : { error });
});
is(
  "ERR value is not an integer or out of range",
  (redis) => redis.incr("text").catch(({ message }) => message.replace("Command failed: ", "")),
);

// All keys
is(["other:1", "other:2"], async (redis) => {
  await Promise.all([redis.set("other:1", 1), redis.set("other:2", 2)]);
  return await sorted(redis.keys("other:*"));
});
is(["other:1", "other:2"], async (redis) => {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, { match: "other:*", count: 3, type: "string" });
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== "0");
  return [...found].sort();
});
is("OK", (redis) => redis.flushdb());
is(0, (redis) => redis.dbsize());
is(null, (redis) => redis.randomkey());
is("OK", (redis) => redis.set("last", 1));
is("last", (redis) => redis.randomkey());
is("OK", (redis) => redis.flushall([{ async: true }]));
