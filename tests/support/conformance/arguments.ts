import { assertEquals } from "@std/assert";
import type { StorageErrorCode } from "@ferrite/storage";
import { assertFails } from "../errors.ts";
import type { Check, Face } from "./face.ts";
import { COLLECTIONS, contentOf } from "./kinds.ts";

/** A call with something in place of an argument. */
type Wrong = (store: Face, wrong: never) => unknown;

async function assertRefused(
  store: Face,
  calls: readonly Wrong[],
  wrong: readonly unknown[],
  code: StorageErrorCode,
): Promise<void> {
  for (const call of calls) {
    for (const value of wrong) {
      await assertFails(() => call(store, value as never), code).catch((error) => {
        throw new Error(`${call} with ${String(value)}: ${error.message}`, { cause: error });
      });
    }
  }
}

/** Arguments of a wrong type, and numbers that are not allowed. */
export function argumentConformance(check: Check): void {
  /** With collections there, which must be as before. */
  const checkRefused = (what: string, run: (store: Face) => Promise<void>) =>
    check(what, async (store) => {
      const contents = async () => {
        const found = [];
        for (const { type } of COLLECTIONS) found.push(await contentOf(store, type));
        return [found, await store.size()];
      };
      for (const { type, add } of COLLECTIONS) await add(store, type, ["a", "b", "c"]);
      const before = await contents();
      await run(store);
      assertEquals(await contents(), before);
    });

  checkRefused("what is not an array is refused where many things are expected", async (store) => {
    const calls: Wrong[] = [
      (store, wrong) => store.lpush("list", wrong),
      (store, wrong) => store.rpush("new", wrong),
      (store, wrong) => store.rpushx("list", wrong),
      (store, wrong) => store.hmset("hash", wrong),
      (store, wrong) => store.hdel("hash", wrong),
      (store, wrong) => store.hmget("hash", wrong),
      (store, wrong) => store.sadd("set", wrong),
      (store, wrong) => store.srem("set", wrong),
      (store, wrong) => store.smisMember("set", wrong),
      (store, wrong) => store.sinter(wrong),
      (store, wrong) => store.sunionStore("set", wrong),
      (store, wrong) => store.sinterCard(wrong),
      (store, wrong) => store.zadd("zset", wrong),
      (store, wrong) => store.zrem("zset", wrong),
      (store, wrong) => store.zmscore("zset", wrong),
      (store, wrong) => store.zunion(wrong),
      (store, wrong) => store.zinterStore("zset", wrong),
      (store, wrong) => store.zunion(["zset"], { weights: wrong }),
    ];
    await assertRefused(store, calls, ["a", 5, null, {}, new Uint8Array(2)], "WRONG_TYPE");
  });

  checkRefused("keys, values, fields and members of a wrong type are refused", async (store) => {
    const calls: Wrong[] = [
      (store, wrong) => store.llen(wrong),
      (store, wrong) => store.rpush(wrong, ["a"]),
      (store, wrong) => store.rpush("list", ["x", wrong]),
      (store, wrong) => store.lpush("new", [wrong]),
      (store, wrong) => store.lset("list", 0, wrong),
      (store, wrong) => store.linsert("list", "before", wrong, "x"),
      (store, wrong) => store.linsert("list", "before", "a", wrong),
      (store, wrong) => store.linsertAt("list", 0, wrong),
      (store, wrong) => store.lrem("list", 0, wrong),
      (store, wrong) => store.lpos("list", wrong),
      (store, wrong) => store.lmove("list", wrong, "left", "left"),
      (store, wrong) => store.hget("hash", wrong),
      (store, wrong) => store.hset("hash", wrong, "x"),
      (store, wrong) => store.hset("hash", "a", wrong),
      (store, wrong) => store.hmset("hash", [["a", "x"], ["b", wrong]]),
      (store, wrong) => store.hmset("hash", [["a", "x"], wrong]),
      (store, wrong) => store.hdel("hash", ["a", wrong]),
      (store, wrong) => store.hmget("hash", ["a", wrong]),
      (store, wrong) => store.hincrBy("hash", wrong, 1),
      (store, wrong) => store.sadd("set", ["x", wrong]),
      (store, wrong) => store.srem("set", ["a", wrong]),
      (store, wrong) => store.sisMember("set", wrong),
      (store, wrong) => store.smove("set", "new", wrong),
      (store, wrong) => store.sinter(["set", wrong]),
      (store, wrong) => store.sdiffStore(wrong, ["set"]),
      (store, wrong) => store.zadd("zset", [[1, "x"], [1, wrong]]),
      (store, wrong) => store.zadd("zset", [[1, "x"], wrong]),
      (store, wrong) => store.zrem("zset", ["a", wrong]),
      (store, wrong) => store.zscore("zset", wrong),
      (store, wrong) => store.zrank("zset", wrong),
      (store, wrong) => store.zincrBy("zset", 1, wrong),
      (store, wrong) => store.zunionStore("new", ["zset", wrong]),
      (store, wrong) => store.getRange(wrong, 0, 1),
      (store, wrong) => store.rename("list", wrong),
      (store, wrong) => store.copy(wrong, "new"),
    ];
    await assertRefused(store, calls, [undefined, null, 5, 5n, {}, new ArrayBuffer(2), Symbol.iterator], "WRONG_TYPE");
  });

  const integers: Wrong[] = [
    (store, wrong) => store.lpop("list", wrong),
    (store, wrong) => store.rpop("none", wrong),
    (store, wrong) => store.lrange("list", wrong, -1),
    (store, wrong) => store.lrange("list", 0, wrong),
    (store, wrong) => store.lindex("list", wrong),
    (store, wrong) => store.lset("list", wrong, "x"),
    (store, wrong) => store.linsertAt("list", wrong, "x"),
    (store, wrong) => store.lrem("list", wrong, "a"),
    (store, wrong) => store.ltrim("list", wrong, -1),
    (store, wrong) => store.ltrim("list", 0, wrong),
    (store, wrong) => store.lpos("list", "a", { rank: wrong }),
    (store, wrong) => store.lpos("list", "a", { count: wrong }),
    (store, wrong) => store.lpos("list", "a", { maxLength: wrong }),
    (store, wrong) => store.hrandField("hash", wrong),
    (store, wrong) => store.hrandFieldWithValues("hash", wrong),
    (store, wrong) => store.spop("set", wrong),
    (store, wrong) => store.srandMember("set", wrong),
    (store, wrong) => store.sinterCard(["set"], { limit: wrong }),
    (store, wrong) => store.zrange("zset", wrong, -1),
    (store, wrong) => store.zrange("zset", 0, wrong),
    (store, wrong) => store.zrangeWithScores("zset", wrong, -1),
    (store, wrong) => store.zrangeByScore("zset", 0, 1, { offset: wrong }),
    (store, wrong) => store.zrangeByScore("zset", 0, 1, { count: wrong }),
    (store, wrong) => store.zrangeByLex("zset", null, null, { count: wrong }),
    (store, wrong) => store.zrangeStore("zset", "zset", { by: "rank", start: wrong, stop: 1 }),
    (store, wrong) => store.zremRangeByRank("zset", wrong, -1),
    (store, wrong) => store.zremRangeByRank("zset", 0, wrong),
    (store, wrong) => store.zpopMin("zset", wrong),
    (store, wrong) => store.zpopMax("zset", wrong),
    (store, wrong) => store.zinterCard(["zset"], { limit: wrong }),
    (store, wrong) => store.zrandMember("zset", wrong),
    (store, wrong) => store.zrandMemberWithScores("zset", wrong),
  ];

  checkRefused(
    "positions and counts that are no integers are OUT_OF_RANGE",
    (store) => assertRefused(store, integers, [1.5, NaN], "OUT_OF_RANGE"),
  );

  checkRefused(
    "positions and counts that are no numbers are WRONG_TYPE",
    (store) => assertRefused(store, integers, ["1", null, 1n, {}], "WRONG_TYPE"),
  );

  const numbers: Wrong[] = [
    (store, wrong) => store.hincrByFloat("hash", "new", wrong),
    (store, wrong) => store.zadd("zset", [[1, "x"], [wrong, "y"]]),
    (store, wrong) => store.zincrBy("zset", wrong, "a"),
    (store, wrong) => store.zunion(["zset", "set"], { weights: [1, wrong] }),
    (store, wrong) => store.zcount("zset", wrong, 1),
    (store, wrong) => store.zcount("zset", 0, wrong),
    (store, wrong) => store.zcount("zset", { exclusive: wrong }, 1),
    (store, wrong) => store.zrangeByScore("zset", wrong, 1),
    (store, wrong) => store.zrangeByScore("zset", 0, { exclusive: wrong }),
    (store, wrong) => store.zrangeStore("zset", "zset", { by: "score", min: wrong, max: 1 }),
    (store, wrong) => store.zremRangeByScore("zset", 0, wrong),
  ];

  checkRefused(
    "NaN is OUT_OF_RANGE as a score, a weight, a bound and an increment",
    (store) => assertRefused(store, numbers, [NaN], "OUT_OF_RANGE"),
  );

  checkRefused(
    "scores, weights, bounds and increments that are no numbers are WRONG_TYPE",
    (store) => assertRefused(store, numbers, ["1", null, 1n, {}], "WRONG_TYPE"),
  );

  checkRefused("bounds of members that are no bytes are WRONG_TYPE", async (store) => {
    const calls: Wrong[] = [
      (store, wrong) => store.zlexCount("zset", wrong, null),
      (store, wrong) => store.zrangeByLex("zset", null, wrong),
      (store, wrong) => store.zrangeByLex("zset", { exclusive: wrong }, null),
      (store, wrong) => store.zremRangeByLex("zset", null, wrong),
      (store, wrong) => store.zrangeStore("zset", "zset", { by: "lex", min: wrong, max: null }),
    ];
    await assertRefused(store, calls, [5, {}, ["a"]], "WRONG_TYPE");
  });

  checkRefused("words that mean nothing are OUT_OF_RANGE", async (store) => {
    const calls: Wrong[] = [
      (store, wrong) => store.linsert("list", wrong, "a", "x"),
      (store, wrong) => store.lmove("list", "new", wrong, "left"),
      (store, wrong) => store.lmove("list", "new", "left", wrong),
      (store, wrong) => store.zunion(["zset"], { aggregate: wrong }),
      (store, wrong) => store.zrangeStore("zset", "zset", { by: wrong, start: 0, stop: 1 }),
    ];
    await assertRefused(store, calls, ["middle", ""], "OUT_OF_RANGE");
  });

  checkRefused("options that say something, and ranges, are WRONG_TYPE where they are no object", async (store) => {
    const calls: Wrong[] = [
      (store, wrong) => store.lpos("list", "a", wrong),
      (store, wrong) => store.hscan("hash", wrong),
      (store, wrong) => store.sscan("set", wrong),
      (store, wrong) => store.zscan("zset", wrong),
      (store, wrong) => store.sinterCard(["set"], wrong),
      (store, wrong) => store.zadd("zset", [[1, "x"]], wrong),
      (store, wrong) => store.zincrBy("zset", 1, "a", wrong),
      (store, wrong) => store.zrange("zset", 0, 1, wrong),
      (store, wrong) => store.zrangeByScore("zset", 0, 1, wrong),
      (store, wrong) => store.zrangeByLex("zset", null, null, wrong),
      (store, wrong) => store.zunionStore("zset", ["zset"], wrong),
      (store, wrong) => store.zinterCard(["zset"], wrong),
      (store, wrong) => store.zrangeStore("zset", "zset", wrong),
      (store, wrong) => store.rename("list", "new", wrong),
      (store, wrong) => store.copy("list", "new", wrong),
    ];
    await assertRefused(store, calls, [null, 5, "x"], "WRONG_TYPE");
  });

  checkRefused("empty arrays change nothing", async (store) => {
    assertEquals([await store.lpush("list", []), await store.rpush("none", [])], [3, 0]);
    assertEquals([await store.lpushx("list", []), await store.rpushx("none", [])], [3, 0]);
    assertEquals([await store.hmset("hash", []), await store.hmset("none", [])], [0, 0]);
    assertEquals([await store.hdel("hash", []), await store.srem("set", []), await store.zrem("zset", [])], [0, 0, 0]);
    assertEquals([await store.sadd("none", []), await store.zadd("none", [])], [0, 0]);
    assertEquals([await store.hmget("hash", []), await store.smisMember("set", []), await store.zmscore("zset", [])], [
      [],
      [],
      [],
    ]);
    assertEquals(await store.exists("none"), false);
  });
}
