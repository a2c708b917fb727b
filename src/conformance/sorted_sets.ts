import type { ZaddOptions } from "../collections.ts";
import { assertEquals, assertTexts } from "./assert.ts";
import { pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import { entriesOf, type Entry, letters } from "./entries.ts";
import { LENGTHS, numbered, scores, texts } from "./texts.ts";

/** What the operations of `SortedSetOps` do with members and their scores. */
export function checkSortedSets(check: Check): void {
  const { assertFails } = check;

  check("zadd counts new members and changes the scores of others", async (store) => {
    assertEquals(await store.zadd("z", [[1, "a"], [2, "b"]]), 2);
    assertEquals(await store.zadd("z", [[3, "a"], [3, "c"], [2, "b"]]), 1);
    assertEquals(await entriesOf(store), [["b", 2], ["a", 3], ["c", 3]]);
    assertEquals([await store.zcard("z"), await store.zcard("none")], [3, 0]);
    assertEquals([await store.zscore("z", "a"), await store.zscore("z", "x"), await store.zscore("none", "a")], [
      3,
      null,
      null,
    ]);
    assertEquals(await store.zmscore("z", ["b", "x", "b"]), [2, null, 2]);
    assertEquals(await store.zmscore("none", ["b"]), [null]);
  });

  check("zadd takes a member named twice as two changes", async (store) => {
    assertEquals(await store.zadd("z", [[1, "a"], [5, "b"], [2, "a"]]), 2);
    assertEquals(await entriesOf(store), [["a", 2], ["b", 5]]);
    assertEquals(await store.zadd("z", [[7, "a"], [1, "a"], [9, "c"], [8, "c"]], { ifGreater: true }), 1);
    assertEquals(await entriesOf(store), [["b", 5], ["a", 7], ["c", 9]]);
  });

  check("zadd counts changed members too when asked to", async (store) => {
    await store.zadd("z", [[1, "a"], [2, "b"]]);
    assertEquals(await store.zadd("z", [[1, "a"], [3, "b"], [4, "c"]], { countChanged: true }), 2);
    assertEquals(await store.zadd("z", [[9, "a"], [9, "x"]], { ifPresent: true, countChanged: true }), 1);
    assertEquals(await store.zadd("z", [[9, "a"], [9, "y"]], { ifAbsent: true, countChanged: true }), 1);
    assertEquals(await entriesOf(store), [["b", 3], ["c", 4], ["a", 9], ["y", 9]]);
  });

  check("zadd changes scores only as its conditions allow", async (store) => {
    const cases: [ZaddOptions, Entry[]][] = [
      [{ ifAbsent: true }, [["new", 2], ["high", 5], ["low", 5]]],
      [{ ifPresent: true }, [["low", 2], ["high", 8]]],
      [{ ifGreater: true }, [["new", 2], ["low", 5], ["high", 8]]],
      [{ ifLess: true }, [["low", 2], ["new", 2], ["high", 5]]],
      [{ ifPresent: true, ifGreater: true }, [["low", 5], ["high", 8]]],
      [{ ifPresent: true, ifLess: true }, [["low", 2], ["high", 5]]],
    ];
    for (const [options, expected] of cases) {
      await store.del("z");
      await store.zadd("z", [[5, "low"], [5, "high"]]);
      await store.zadd("z", [[2, "low"], [8, "high"], [2, "new"]], options);
      assertEquals(await entriesOf(store), expected, JSON.stringify(options));
    }
    assertEquals(await store.zadd("none", [[1, "a"]], { ifPresent: true }), 0);
    assertEquals(await store.exists("none"), false);
  });

  check("conditions that make no sense together are refused", async (store) => {
    await store.zadd("z", [[5, "a"]]);
    const wrong: ZaddOptions[] = [
      { ifAbsent: true, ifPresent: true },
      { ifAbsent: true, ifGreater: true },
      { ifAbsent: true, ifLess: true },
      { ifGreater: true, ifLess: true },
      { ifPresent: true, ifGreater: true, ifLess: true },
    ];
    for (const options of wrong) {
      await assertFails(() => store.zadd("z", [[9, "a"], [9, "b"]], options), "OUT_OF_RANGE");
      await assertFails(() => store.zincrBy("z", 1, "a", options), "OUT_OF_RANGE");
      await assertFails(() => store.zadd("none", [[9, "a"]], options), "OUT_OF_RANGE");
    }
    assertEquals([await entriesOf(store), await store.exists("none")], [[["a", 5]], false]);
  });

  check("NaN is no score, and nothing of a call with one has happened", async (store) => {
    await store.zadd("z", [[1, "a"]]);
    await assertFails(() => store.zadd("z", [[NaN, "a"]]), "OUT_OF_RANGE");
    const many = numbered(3000).map((member): [number, string] => [5, member]);
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [NaN, "b"]]), "OUT_OF_RANGE");
    await assertFails(() => store.zadd("none", [...many, [NaN, "b"]]), "OUT_OF_RANGE");
    await assertFails(() => store.zincrBy("z", NaN, "a"), "OUT_OF_RANGE");
    await assertFails(() => store.zincrBy("z", NaN, "new"), "OUT_OF_RANGE");
    assertEquals([await entriesOf(store), await store.exists("none")], [[["a", 1]], false]);
  });

  check("nothing of a zadd with a member that is wrong has happened", async (store) => {
    await store.zadd("z", [[1, "a"]]);
    const many = numbered(3000).map((member): [number, string] => [5, member]);
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [3, pattern(65_536)]]), "TOO_LARGE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [3, 7 as never]]), "WRONG_TYPE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, ["3" as never, "b"]]), "WRONG_TYPE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [3] as never]), "WRONG_TYPE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, "3b" as never]), "WRONG_TYPE");
    assertEquals(await entriesOf(store), [["a", 1]]);
  });

  check("scores are doubles, kept to the last bit and ordered as numbers", async (store) => {
    const ordered = [
      -Infinity,
      -1.7976931348623157e308,
      -(2 ** 53),
      -1.5,
      -1,
      -0.1,
      -5e-324,
      0,
      5e-324,
      2.2250738585072014e-308,
      0.1,
      0.30000000000000004,
      1,
      1.5,
      2 ** 53,
      1e300,
      Infinity,
    ];
    for (const [i, score] of ordered.entries()) await store.zadd("z", [[score, `m${(i * 7) % 17}`]]);
    assertEquals((await store.zrangeWithScores("z", 0, -1)).map(([, score]) => score), ordered);
    assertEquals(await store.zcount("z", -Infinity, Infinity), 17);
    assertEquals(await store.zcount("z", { exclusive: -Infinity }, { exclusive: Infinity }), 15);
    assertEquals(await store.zcount("z", -5e-324, 5e-324), 3);
    assertEquals(await store.zcount("z", { exclusive: 0 }, 0.1), 3);
  });

  check("0 and -0 are one score: their members are ordered by bytes", async (store) => {
    await store.zadd("z", [[0, "a"], [-0, "b"], [0, "c"], [-0, "0"]]);
    assertEquals(texts(await store.zrange("z", 0, -1)), ["0", "a", "b", "c"]);
    assertEquals(await store.zscore("z", "b") === 0, true);
    assertEquals(await store.zcount("z", 0, 0), 4);
    assertEquals(await store.zcount("z", -0, { exclusive: 0 }), 0);
    assertEquals(texts(await store.zrangeByScore("z", -0, -0)), ["0", "a", "b", "c"]);
    assertEquals([await store.zrank("z", "b"), await store.zrevRank("z", "0")], [2, 3]);
    assertEquals(await store.zrem("z", ["b", "0"]), 2);
    assertEquals(texts(await store.zrange("z", 0, -1)), ["a", "c"]);
  });

  check("zincrBy adds to a score, and takes infinities but not what is no number", async (store) => {
    assertEquals(await store.zincrBy("z", 2.5, "a"), 2.5);
    assertEquals(await store.zincrBy("z", -4, "a"), -1.5);
    assertEquals(await store.zincrBy("z", Infinity, "a"), Infinity);
    assertEquals(await store.zincrBy("z", 1, "a"), Infinity);
    await assertFails(() => store.zincrBy("z", -Infinity, "a"), "OUT_OF_RANGE");
    assertEquals(await entriesOf(store), [["a", Infinity]]);
    assertEquals(await store.zincrBy("z", -Infinity, "b"), -Infinity);
    assertEquals(await entriesOf(store), [["b", -Infinity], ["a", Infinity]]);
  });

  check("zincrBy resolves to null where a condition forbids it", async (store) => {
    await store.zadd("z", [[5, "a"]]);
    assertEquals(await store.zincrBy("z", 1, "a", { ifAbsent: true }), null);
    assertEquals(await store.zincrBy("z", 1, "b", { ifPresent: true }), null);
    assertEquals(await store.zincrBy("z", -1, "a", { ifGreater: true }), null);
    assertEquals(await store.zincrBy("z", 0, "a", { ifGreater: true }), null);
    assertEquals(await store.zincrBy("z", 1, "a", { ifLess: true }), null);
    assertEquals(await store.zincrBy("none", 1, "a", { ifPresent: true }), null);
    assertEquals([await entriesOf(store), await store.exists("none")], [[["a", 5]], false]);
    assertEquals(await store.zincrBy("z", 1, "a", { ifGreater: true }), 6);
    assertEquals(await store.zincrBy("z", -3, "a", { ifLess: true, ifPresent: true }), 3);
    assertEquals(await store.zincrBy("z", 7, "b", { ifAbsent: true }), 7);
    assertEquals(await store.zincrBy("z", -7, "c", { ifGreater: true }), -7);
    assertEquals(await entriesOf(store), [["c", -7], ["a", 3], ["b", 7]]);
  });

  check("zrandMember gives different members, or with a negative count that many of any", async (store) => {
    await store.zadd("z", letters("abc"));
    assertEquals((await store.zrandMember("z")).length, 1);
    assertEquals(await store.zrandMember("z", 0), []);
    assertEquals(texts(await store.zrandMember("z", 9)).sort(), ["a", "b", "c"]);
    assertEquals(new Set(texts(await store.zrandMember("z", 2))).size, 2);
    const many = scores(await store.zrandMemberWithScores("z", -200));
    assertEquals(many.length, 200);
    assertEquals([...new Set(many.map(String))].sort(), ["a,1", "b,2", "c,3"]);
    assertEquals(scores(await store.zrandMemberWithScores("z", 3)).sort(), [["a", 1], ["b", 2], ["c", 3]]);
    assertEquals([await store.zrandMember("none"), await store.zrandMemberWithScores("none", -5)], [[], []]);
    await assertFails(() => store.zrandMember("z", 1.5), "OUT_OF_RANGE");
  });

  check("a member of a sorted set has up to 65,535 bytes", async (store) => {
    const longest = pattern(65_535);
    assertEquals(await store.zadd("z", [[2, longest], [1, longest.slice(1)]]), 2);
    assertEquals([await store.zscore("z", longest), await store.zrank("z", longest)], [2, 1]);
    await assertFails(() => store.zadd("z", [[1, pattern(65_536)]]), "TOO_LARGE");
    await assertFails(() => store.zadd("none", [[1, pattern(65_536)]]), "TOO_LARGE");
    await assertFails(() => store.zincrBy("none", 1, pattern(65_536)), "TOO_LARGE");
    assertEquals([await store.zcard("z"), await store.exists("none")], [2, false]);
    assertEquals(await store.zrem("z", [longest, longest.slice(1)]), 2);
  });

  check("members of every length up to there are ordered by their bytes", async (store) => {
    const members = LENGTHS.filter((length) => length <= 65_535).map((length) => "p".repeat(length));
    assertEquals(
      await store.zadd("z", [...members].reverse().map((member): [number, string] => [1, member])),
      members.length,
    );
    assertTexts(texts(await store.zrange("z", 0, -1)), members);
    for (const [i, member] of members.entries()) assertEquals(await store.zrank("z", member), i);
    assertEquals(await store.zlexCount("z", members[3], { exclusive: members[6] }), 3);
    for (const [i, member] of members.entries()) assertEquals(await store.zadd("z", [[-i, member]]), 0);
    assertTexts(texts(await store.zrange("z", 0, -1)), [...members].reverse());
    assertTexts(texts((await store.zpopMax("z", 100)).map(([member]) => member)), members);
  });

  check("a sorted set of 20,000 is found by rank and score, cut and emptied", async (store) => {
    const names = numbered(20_000);
    await store.zadd("z", names.map((member, i): [number, string] => [i >> 1, member]));
    for (const rank of [0, 1, 9999, 10_000, 19_999]) assertEquals(await store.zrank("z", names[rank]), rank);
    assertEquals(await store.zcount("z", 1000, { exclusive: 9000 }), 16_000);
    assertEquals(texts(await store.zrange("z", 5000, 5009)), names.slice(5000, 5010));
    assertEquals(
      texts(await store.zrangeByScore("z", 100, Infinity, { offset: 15_000, count: 2 })),
      names.slice(15_200, 15_202),
    );
    assertEquals(await store.zremRangeByRank("z", 1, 9_999), 9999);
    assertEquals(await store.zremRangeByScore("z", 5000, 9000), 8002);
    assertTexts(texts(await store.zrange("z", 0, -1)), [names[0], ...names.slice(18_002)]);
    assertEquals(textOf((await store.zpopMax("z", 1998))[0][0]), names[19_999]);
    assertEquals(await entriesOf(store), [["e000000", 0]]);
    assertEquals((await store.zpopMin("z", 10)).length, 1);
    assertEquals(await store.exists("z"), false);
  });
}
