import type { ValueType } from "../engine.ts";
import { describe, type StorageErrorCode } from "../errors.ts";
import { about, assertEquals } from "./assert.ts";
import { textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import { contentsOf, fillKinds, keysOf } from "./contents.ts";
import type { Face } from "./face.ts";

/** A call with something in place of an argument. */
type WrongCall = (store: Face, wrong: never) => unknown;

/** Such calls, by the type that a store must have for them. */
type WrongCalls = Partial<Record<ValueType, readonly WrongCall[]>>;

/** What is refused whatever the keys hold: arguments of a wrong type, and numbers that are not allowed. */
export function checkWrongArguments(check: Check): void {
  const { assertFails, kinds, types } = check;

  check("keys and values of a wrong type are refused and change nothing", async (store) => {
    await store.set("k", "v");
    for (const wrong of [undefined, null, 5, 5n, {}, [1], new ArrayBuffer(2), Symbol.iterator]) {
      const bad = wrong as never;
      await assertFails(() => store.get(bad), "WRONG_TYPE", "key");
      await assertFails(() => store.set(bad, "v"), "WRONG_TYPE", "key");
      await assertFails(() => store.set("k", bad), "WRONG_TYPE", "value");
      await assertFails(() => store.append("k", bad), "WRONG_TYPE", "value");
      await assertFails(() => store.mget(["k", bad]), "WRONG_TYPE", "key");
      await assertFails(() => store.del(bad), "WRONG_TYPE", "key");
    }
    await assertFails(() => store.mget("k" as never), "WRONG_TYPE", "array");
    for (const wrong of [null, 5, "x"] as never[]) {
      await assertFails(() => store.set("k", "w", wrong), "WRONG_TYPE", "options");
      await assertFails(() => store.scan(wrong), "WRONG_TYPE", "options");
      await assertFails(() => keysOf(store, wrong), "WRONG_TYPE", "options");
      await assertFails(() => store.mset([["k", "w"]], wrong), "WRONG_TYPE", "options");
      await assertFails(() => store.update("k", () => "w", wrong), "WRONG_TYPE", "options");
      await assertFails(() => store.expire("k", 5, wrong), "WRONG_TYPE", "options");
    }
    for (const wrong of [null, 5, {}] as never[]) {
      await assertFails(() => store.mset(wrong), "WRONG_TYPE", "iterable");
    }
    await assertFails(() => store.incrBy("k", null as never), "WRONG_TYPE", "integer");
    assertEquals(textOf(await store.get("k")), "v");
    assertEquals(await store.size(), 1);
  });

  /** With a key of each type there, which must be as before. */
  const checkUnchanged = (what: string, run: (store: Face) => Promise<void>) =>
    check(what, async (store) => {
      await fillKinds(store, kinds);
      const before = [await contentsOf(store, kinds), await store.size()];
      await run(store);
      assertEquals([await contentsOf(store, kinds), await store.size()], before);
    });

  /** Each call, with each of the wrong things in it. */
  function checkRefused(what: string, wrong: readonly unknown[], code: StorageErrorCode, calls: WrongCalls): void {
    const those = kinds.flatMap(({ type }) => calls[type] ?? []);
    if (those.length === 0) return;
    checkUnchanged(what, async (store) => {
      for (const call of those) {
        for (const value of wrong) {
          await about(`${call} with ${describe(value)}`, () => assertFails(() => call(store, value as never), code));
        }
      }
    });
  }

  checkRefused(
    "what is not an array is refused where many things are expected",
    ["a", 5, null, {}, new Uint8Array(2)],
    "WRONG_TYPE",
    {
      list: [
        (store, wrong) => store.lpush("a list", wrong),
        (store, wrong) => store.rpush("new", wrong),
        (store, wrong) => store.rpushx("a list", wrong),
      ],
      hash: [
        (store, wrong) => store.hmset("a hash", wrong),
        (store, wrong) => store.hdel("a hash", wrong),
        (store, wrong) => store.hmget("a hash", wrong),
      ],
      set: [
        (store, wrong) => store.sadd("a set", wrong),
        (store, wrong) => store.srem("a set", wrong),
        (store, wrong) => store.smisMember("a set", wrong),
        (store, wrong) => store.sinter(wrong),
        (store, wrong) => store.sunionStore("a set", wrong),
        (store, wrong) => store.sinterCard(wrong),
      ],
      zset: [
        (store, wrong) => store.zadd("a zset", wrong),
        (store, wrong) => store.zrem("a zset", wrong),
        (store, wrong) => store.zmscore("a zset", wrong),
        (store, wrong) => store.zunion(wrong),
        (store, wrong) => store.zinterStore("a zset", wrong),
        (store, wrong) => store.zunion(["a zset"], { weights: wrong }),
      ],
    },
  );

  checkRefused(
    "keys, values, fields and members of a wrong type are refused",
    [undefined, null, 5, 5n, {}, new ArrayBuffer(2), Symbol.iterator],
    "WRONG_TYPE",
    {
      string: [
        (store, wrong) => store.getRange(wrong, 0, 1),
        (store, wrong) => store.rename("a string", wrong),
        (store, wrong) => store.copy(wrong, "new"),
      ],
      list: [
        (store, wrong) => store.llen(wrong),
        (store, wrong) => store.rpush(wrong, ["a"]),
        (store, wrong) => store.rpush("a list", ["x", wrong]),
        (store, wrong) => store.lpush("new", [wrong]),
        (store, wrong) => store.lset("a list", 0, wrong),
        (store, wrong) => store.linsert("a list", "before", wrong, "x"),
        (store, wrong) => store.linsert("a list", "before", "a", wrong),
        (store, wrong) => store.linsertAt("a list", 0, wrong),
        (store, wrong) => store.lrem("a list", 0, wrong),
        (store, wrong) => store.lpos("a list", wrong),
        (store, wrong) => store.lmove("a list", wrong, "left", "left"),
      ],
      hash: [
        (store, wrong) => store.hget("a hash", wrong),
        (store, wrong) => store.hset("a hash", wrong, "x"),
        (store, wrong) => store.hset("a hash", "a", wrong),
        (store, wrong) => store.hmset("a hash", [["a", "x"], ["b", wrong]]),
        (store, wrong) => store.hmset("a hash", [["a", "x"], wrong]),
        (store, wrong) => store.hdel("a hash", ["a", wrong]),
        (store, wrong) => store.hmget("a hash", ["a", wrong]),
        (store, wrong) => store.hincrBy("a hash", wrong, 1),
      ],
      set: [
        (store, wrong) => store.sadd("a set", ["x", wrong]),
        (store, wrong) => store.srem("a set", ["a", wrong]),
        (store, wrong) => store.sisMember("a set", wrong),
        (store, wrong) => store.smove("a set", "new", wrong),
        (store, wrong) => store.sinter(["a set", wrong]),
        (store, wrong) => store.sdiffStore(wrong, ["a set"]),
      ],
      zset: [
        (store, wrong) => store.zadd("a zset", [[1, "x"], [1, wrong]]),
        (store, wrong) => store.zadd("a zset", [[1, "x"], wrong]),
        (store, wrong) => store.zrem("a zset", ["a", wrong]),
        (store, wrong) => store.zscore("a zset", wrong),
        (store, wrong) => store.zrank("a zset", wrong),
        (store, wrong) => store.zincrBy("a zset", 1, wrong),
        (store, wrong) => store.zunionStore("new", ["a zset", wrong]),
      ],
    },
  );

  const integers: WrongCalls = {
    list: [
      (store, wrong) => store.lpop("a list", wrong),
      (store, wrong) => store.rpop("none", wrong),
      (store, wrong) => store.lrange("a list", wrong, -1),
      (store, wrong) => store.lrange("a list", 0, wrong),
      (store, wrong) => store.lindex("a list", wrong),
      (store, wrong) => store.lset("a list", wrong, "x"),
      (store, wrong) => store.linsertAt("a list", wrong, "x"),
      (store, wrong) => store.lrem("a list", wrong, "a"),
      (store, wrong) => store.ltrim("a list", wrong, -1),
      (store, wrong) => store.ltrim("a list", 0, wrong),
      (store, wrong) => store.lpos("a list", "a", { rank: wrong }),
      (store, wrong) => store.lpos("a list", "a", { count: wrong }),
      (store, wrong) => store.lpos("a list", "a", { maxLength: wrong }),
    ],
    hash: [
      (store, wrong) => store.hrandField("a hash", wrong),
      (store, wrong) => store.hrandFieldWithValues("a hash", wrong),
    ],
    set: [
      (store, wrong) => store.spop("a set", wrong),
      (store, wrong) => store.srandMember("a set", wrong),
      (store, wrong) => store.sinterCard(["a set"], { limit: wrong }),
    ],
    zset: [
      (store, wrong) => store.zrange("a zset", wrong, -1),
      (store, wrong) => store.zrange("a zset", 0, wrong),
      (store, wrong) => store.zrangeWithScores("a zset", wrong, -1),
      (store, wrong) => store.zrangeByScore("a zset", 0, 1, { offset: wrong }),
      (store, wrong) => store.zrangeByScore("a zset", 0, 1, { count: wrong }),
      (store, wrong) => store.zrangeByLex("a zset", null, null, { count: wrong }),
      (store, wrong) => store.zrangeStore("a zset", "a zset", { by: "rank", start: wrong, stop: 1 }),
      (store, wrong) => store.zremRangeByRank("a zset", wrong, -1),
      (store, wrong) => store.zremRangeByRank("a zset", 0, wrong),
      (store, wrong) => store.zpopMin("a zset", wrong),
      (store, wrong) => store.zpopMax("a zset", wrong),
      (store, wrong) => store.zinterCard(["a zset"], { limit: wrong }),
      (store, wrong) => store.zrandMember("a zset", wrong),
      (store, wrong) => store.zrandMemberWithScores("a zset", wrong),
    ],
  };

  checkRefused("positions and counts that are no integers are OUT_OF_RANGE", [1.5, NaN], "OUT_OF_RANGE", integers);

  checkRefused("positions and counts that are no numbers are WRONG_TYPE", ["1", null, 1n, {}], "WRONG_TYPE", integers);

  const numbers: WrongCalls = {
    hash: [
      (store, wrong) => store.hincrByFloat("a hash", "new", wrong),
    ],
    zset: [
      (store, wrong) => store.zadd("a zset", [[1, "x"], [wrong, "y"]]),
      (store, wrong) => store.zincrBy("a zset", wrong, "a"),
      (store, wrong) => store.zunion(["a zset", "a set"], { weights: [1, wrong] }),
      (store, wrong) => store.zcount("a zset", wrong, 1),
      (store, wrong) => store.zcount("a zset", 0, wrong),
      (store, wrong) => store.zcount("a zset", { exclusive: wrong }, 1),
      (store, wrong) => store.zrangeByScore("a zset", wrong, 1),
      (store, wrong) => store.zrangeByScore("a zset", 0, { exclusive: wrong }),
      (store, wrong) => store.zrangeStore("a zset", "a zset", { by: "score", min: wrong, max: 1 }),
      (store, wrong) => store.zremRangeByScore("a zset", 0, wrong),
    ],
  };

  checkRefused("NaN is OUT_OF_RANGE as a score, a weight, a bound and an increment", [NaN], "OUT_OF_RANGE", numbers);

  checkRefused(
    "scores, weights, bounds and increments that are no numbers are WRONG_TYPE",
    ["1", null, 1n, {}],
    "WRONG_TYPE",
    numbers,
  );

  checkRefused("bounds of members that are no bytes are WRONG_TYPE", [5, {}, ["a"]], "WRONG_TYPE", {
    zset: [
      (store, wrong) => store.zlexCount("a zset", wrong, null),
      (store, wrong) => store.zrangeByLex("a zset", null, wrong),
      (store, wrong) => store.zrangeByLex("a zset", { exclusive: wrong }, null),
      (store, wrong) => store.zremRangeByLex("a zset", null, wrong),
      (store, wrong) => store.zrangeStore("a zset", "a zset", { by: "lex", min: wrong, max: null }),
    ],
  });

  checkRefused("words that mean nothing are OUT_OF_RANGE", ["middle", ""], "OUT_OF_RANGE", {
    list: [
      (store, wrong) => store.linsert("a list", wrong, "a", "x"),
      (store, wrong) => store.lmove("a list", "new", wrong, "left"),
      (store, wrong) => store.lmove("a list", "new", "left", wrong),
    ],
    zset: [
      (store, wrong) => store.zunion(["a zset"], { aggregate: wrong }),
      (store, wrong) => store.zrangeStore("a zset", "a zset", { by: wrong, start: 0, stop: 1 }),
    ],
  });

  checkRefused(
    "options that say something, and ranges, are WRONG_TYPE where they are no object",
    [null, 5, "x"],
    "WRONG_TYPE",
    {
      string: [
        (store, wrong) => store.rename("a string", "new", wrong),
        (store, wrong) => store.copy("a string", "new", wrong),
      ],
      list: [
        (store, wrong) => store.lpos("a list", "a", wrong),
      ],
      hash: [
        (store, wrong) => store.hscan("a hash", wrong),
      ],
      set: [
        (store, wrong) => store.sscan("a set", wrong),
        (store, wrong) => store.sinterCard(["a set"], wrong),
      ],
      zset: [
        (store, wrong) => store.zscan("a zset", wrong),
        (store, wrong) => store.zadd("a zset", [[1, "x"]], wrong),
        (store, wrong) => store.zincrBy("a zset", 1, "a", wrong),
        (store, wrong) => store.zrange("a zset", 0, 1, wrong),
        (store, wrong) => store.zrangeByScore("a zset", 0, 1, wrong),
        (store, wrong) => store.zrangeByLex("a zset", null, null, wrong),
        (store, wrong) => store.zunionStore("a zset", ["a zset"], wrong),
        (store, wrong) => store.zinterCard(["a zset"], wrong),
        (store, wrong) => store.zrangeStore("a zset", "a zset", wrong),
      ],
    },
  );

  checkUnchanged("empty arrays change nothing", async (store) => {
    assertEquals(await store.mget([]), []);
    if (types.has("list")) {
      assertEquals([await store.lpush("a list", []), await store.rpush("none", [])], [3, 0]);
      assertEquals([await store.lpushx("a list", []), await store.rpushx("none", [])], [3, 0]);
    }
    if (types.has("hash")) {
      assertEquals([await store.hmset("a hash", []), await store.hmset("none", [])], [0, 0]);
      assertEquals([await store.hdel("a hash", []), await store.hmget("a hash", [])], [0, []]);
    }
    if (types.has("set")) {
      assertEquals([await store.srem("a set", []), await store.sadd("none", [])], [0, 0]);
      assertEquals(await store.smisMember("a set", []), []);
    }
    if (types.has("zset")) {
      assertEquals([await store.zrem("a zset", []), await store.zadd("none", [])], [0, 0]);
      assertEquals(await store.zmscore("a zset", []), []);
    }
    assertEquals(await store.exists("none"), false);
  });
}
