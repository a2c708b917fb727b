import { assert, assertEquals } from "@std/assert";
import type { LexBound, RangeOptions, ScoreBound, ZaddOptions } from "@ferrite/storage";
import { pattern, textOf } from "../bytes.ts";
import { assertFails } from "../errors.ts";
import { assertTexts, type Check, type Face, LENGTHS, numbered, scores, texts } from "./face.ts";

type Entry = [string | null, number];

const all = async (store: Face, key: string = "z"): Promise<Entry[]> =>
  scores(await store.zrangeWithScores(key, 0, -1));

/** What a sorted set of one-letter members has, the scores being 1, 2, 3 and so on. */
const letters = (members: string): [number, string][] => [...members].map((member, i) => [i + 1, member]);

export function sortedSetConformance(check: Check): void {
  check("zadd counts new members and changes the scores of others", async (store) => {
    assertEquals(await store.zadd("z", [[1, "a"], [2, "b"]]), 2);
    assertEquals(await store.zadd("z", [[3, "a"], [3, "c"], [2, "b"]]), 1);
    assertEquals(await all(store), [["b", 2], ["a", 3], ["c", 3]]);
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
    assertEquals(await all(store), [["a", 2], ["b", 5]]);
    assertEquals(await store.zadd("z", [[7, "a"], [1, "a"], [9, "c"], [8, "c"]], { ifGreater: true }), 1);
    assertEquals(await all(store), [["b", 5], ["a", 7], ["c", 9]]);
  });

  check("zadd counts changed members too when asked to", async (store) => {
    await store.zadd("z", [[1, "a"], [2, "b"]]);
    assertEquals(await store.zadd("z", [[1, "a"], [3, "b"], [4, "c"]], { countChanged: true }), 2);
    assertEquals(await store.zadd("z", [[9, "a"], [9, "x"]], { ifPresent: true, countChanged: true }), 1);
    assertEquals(await store.zadd("z", [[9, "a"], [9, "y"]], { ifAbsent: true, countChanged: true }), 1);
    assertEquals(await all(store), [["b", 3], ["c", 4], ["a", 9], ["y", 9]]);
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
      assertEquals(await all(store), expected, JSON.stringify(options));
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
    assertEquals([await all(store), await store.exists("none")], [[["a", 5]], false]);
  });

  check("NaN is no score, and nothing of a call with one has happened", async (store) => {
    await store.zadd("z", [[1, "a"]]);
    await assertFails(() => store.zadd("z", [[NaN, "a"]]), "OUT_OF_RANGE");
    const many = numbered(3000).map((member): [number, string] => [5, member]);
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [NaN, "b"]]), "OUT_OF_RANGE");
    await assertFails(() => store.zadd("none", [...many, [NaN, "b"]]), "OUT_OF_RANGE");
    await assertFails(() => store.zincrBy("z", NaN, "a"), "OUT_OF_RANGE");
    await assertFails(() => store.zincrBy("z", NaN, "new"), "OUT_OF_RANGE");
    assertEquals([await all(store), await store.exists("none")], [[["a", 1]], false]);
  });

  check("nothing of a zadd with a member that is wrong has happened", async (store) => {
    await store.zadd("z", [[1, "a"]]);
    const many = numbered(3000).map((member): [number, string] => [5, member]);
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [3, pattern(65_536)]]), "TOO_LARGE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [3, 7 as never]]), "WRONG_TYPE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, ["3" as never, "b"]]), "WRONG_TYPE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, [3] as never]), "WRONG_TYPE");
    await assertFails(() => store.zadd("z", [[2, "a"], ...many, "3b" as never]), "WRONG_TYPE");
    assertEquals(await all(store), [["a", 1]]);
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
    assertEquals(await all(store), [["a", Infinity]]);
    assertEquals(await store.zincrBy("z", -Infinity, "b"), -Infinity);
    assertEquals(await all(store), [["b", -Infinity], ["a", Infinity]]);
  });

  check("zincrBy resolves to null where a condition forbids it", async (store) => {
    await store.zadd("z", [[5, "a"]]);
    assertEquals(await store.zincrBy("z", 1, "a", { ifAbsent: true }), null);
    assertEquals(await store.zincrBy("z", 1, "b", { ifPresent: true }), null);
    assertEquals(await store.zincrBy("z", -1, "a", { ifGreater: true }), null);
    assertEquals(await store.zincrBy("z", 0, "a", { ifGreater: true }), null);
    assertEquals(await store.zincrBy("z", 1, "a", { ifLess: true }), null);
    assertEquals(await store.zincrBy("none", 1, "a", { ifPresent: true }), null);
    assertEquals([await all(store), await store.exists("none")], [[["a", 5]], false]);
    assertEquals(await store.zincrBy("z", 1, "a", { ifGreater: true }), 6);
    assertEquals(await store.zincrBy("z", -3, "a", { ifLess: true, ifPresent: true }), 3);
    assertEquals(await store.zincrBy("z", 7, "b", { ifAbsent: true }), 7);
    assertEquals(await store.zincrBy("z", -7, "c", { ifGreater: true }), -7);
    assertEquals(await all(store), [["c", -7], ["a", 3], ["b", 7]]);
  });

  check("zcount counts between bounds, included or not", async (store) => {
    await store.zadd("z", letters("abcde"));
    const cases: [ScoreBound, ScoreBound, number][] = [
      [2, 4, 3],
      [{ exclusive: 2 }, 4, 2],
      [2, { exclusive: 4 }, 2],
      [{ exclusive: 2 }, { exclusive: 4 }, 1],
      [{ exclusive: 2 }, { exclusive: 2 }, 0],
      [2.5, 2.6, 0],
      [4, 2, 0],
      [-Infinity, 3, 3],
      [3, Infinity, 3],
      [-Infinity, Infinity, 5],
      [Infinity, -Infinity, 0],
    ];
    for (const [min, max, expected] of cases) {
      assertEquals(await store.zcount("z", min, max), expected, JSON.stringify([min, max]));
    }
    assertEquals(await store.zcount("none", -Infinity, Infinity), 0);
  });

  check("zrank and zrevRank tell how many members come before and after", async (store) => {
    await store.zadd("z", [[1, "b"], [1, "a"], [0, "c"], [1, "aa"]]);
    const ranks = [];
    for (const member of ["c", "a", "aa", "b", "x"]) {
      ranks.push([await store.zrank("z", member), await store.zrevRank("z", member)]);
    }
    assertEquals(ranks, [[0, 3], [1, 2], [2, 1], [3, 0], [null, null]]);
    assertEquals(await store.zrankWithScore("z", "a"), [1, 1]);
    assertEquals(await store.zrevRankWithScore("z", "c"), [3, 0]);
    assertEquals([await store.zrankWithScore("z", "x"), await store.zrevRankWithScore("z", "x")], [null, null]);
    assertEquals([await store.zrank("none", "a"), await store.zrevRank("none", "a")], [null, null]);
  });

  check("zrange reads by rank, from either end", async (store) => {
    await store.zadd("z", letters("abcde"));
    const cases: [number, number, boolean, string][] = [
      [0, -1, false, "abcde"],
      [1, 2, false, "bc"],
      [-2, -1, false, "de"],
      [-100, 0, false, "a"],
      [3, 100, false, "de"],
      [5, 9, false, ""],
      [3, 2, false, ""],
      [0, -1, true, "edcba"],
      [0, 1, true, "ed"],
      [-2, -1, true, "ba"],
      [1, 1, true, "d"],
    ];
    for (const [start, stop, reverse, expected] of cases) {
      assertEquals(texts(await store.zrange("z", start, stop, { reverse })).join(""), expected, `${start} to ${stop}`);
    }
    assertEquals(scores(await store.zrangeWithScores("z", 0, 1, { reverse: true })), [["e", 5], ["d", 4]]);
    assertEquals(await store.zrange("none", 0, -1), []);
  });

  check("zrangeByScore reads between scores, from either end, and parts of that", async (store) => {
    await store.zadd("z", letters("abcdef"));
    const cases: [ScoreBound, ScoreBound, RangeOptions, string][] = [
      [2, 4, {}, "bcd"],
      [{ exclusive: 2 }, { exclusive: 5 }, {}, "cd"],
      [-Infinity, Infinity, { reverse: true }, "fedcba"],
      [2, 4, { reverse: true }, "dcb"],
      [4, 2, {}, ""],
      [4, 2, { reverse: true }, ""],
      [2, Infinity, { offset: 1, count: 2 }, "cd"],
      [2, Infinity, { offset: 1, count: 2, reverse: true }, "ed"],
      [2, Infinity, { offset: 3 }, "ef"],
      [2, Infinity, { count: 2 }, "bc"],
      [2, Infinity, { count: 0 }, ""],
      [2, Infinity, { offset: 3, count: -1 }, "ef"],
      [2, Infinity, { offset: 5 }, ""],
    ];
    for (const [min, max, options, expected] of cases) {
      const words = JSON.stringify([min, max, options]);
      assertEquals(texts(await store.zrangeByScore("z", min, max, options)).join(""), expected, words);
      const entries = await store.zrangeByScoreWithScores("z", min, max, options);
      assertEquals(scores(entries), [...expected].map((member): Entry => [member, "_abcdef".indexOf(member)]), words);
    }
    assertEquals(await store.zrangeByScore("none", 0, 1), []);
  });

  check("zrangeByLex and zlexCount go by bytes", async (store) => {
    await store.zadd("z", ["", "a", "aa", "b", "é", "z"].map((member): [number, string] => [0, member]));
    const cases: [LexBound, LexBound, RangeOptions, string][] = [
      [null, null, {}, ",a,aa,b,z,é"],
      [null, null, { reverse: true }, "é,z,b,aa,a,"],
      ["a", "b", {}, "a,aa,b"],
      [{ exclusive: "a" }, "b", {}, "aa,b"],
      ["a", { exclusive: "b" }, {}, "a,aa"],
      [{ exclusive: "" }, { exclusive: "b" }, { reverse: true }, "aa,a"],
      ["b", "a", {}, "-"],
      ["b", null, {}, "b,z,é"],
      [null, "b", { offset: 1, count: 2 }, "a,aa"],
      [null, "b", { offset: 1, count: 2, reverse: true }, "aa,a"],
      [null, new Uint8Array([0x7f]), { offset: 3 }, "b,z"],
      [{ exclusive: "a" }, { exclusive: "a" }, {}, "-"],
    ];
    for (const [min, max, options, expected] of cases) {
      const members = expected === "-" ? [] : expected.split(",");
      const words = JSON.stringify([min, max, options]);
      assertEquals(texts(await store.zrangeByLex("z", min, max, options)), members, words);
      if (options.offset === undefined) assertEquals(await store.zlexCount("z", min, max), members.length, words);
    }
    assertEquals([await store.zrangeByLex("none", null, null), await store.zlexCount("none", null, null)], [[], 0]);
  });

  check("zrangeStore writes a part over what the destination held", async (store) => {
    await store.zadd("z", letters("abcdef"));
    await store.set("d", "v", { ttl: 60_000 });
    assertEquals(await store.zrangeStore("d", "z", { by: "rank", start: 1, stop: -3 }), 3);
    assertEquals([await all(store, "d"), await store.ttl("d")], [[["b", 2], ["c", 3], ["d", 4]], Infinity]);
    assertEquals(await store.zrangeStore("d", "z", { by: "rank", start: 0, stop: 1, reverse: true }), 2);
    assertEquals(await all(store, "d"), [["e", 5], ["f", 6]]);
    assertEquals(
      await store.zrangeStore("d", "z", { by: "score", min: { exclusive: 1 }, max: 5, offset: 1, count: 2 }),
      2,
    );
    assertEquals(await all(store, "d"), [["c", 3], ["d", 4]]);
    assertEquals(
      await store.zrangeStore("d", "z", { by: "score", min: 1, max: 5, offset: 1, count: 2, reverse: true }),
      2,
    );
    assertEquals(await all(store, "d"), [["c", 3], ["d", 4]]);
    await store.zadd("lex", [[0, "a"], [0, "b"], [0, "c"]]);
    assertEquals(await store.zrangeStore("d", "lex", { by: "lex", min: { exclusive: "a" }, max: null, count: 1 }), 1);
    assertEquals(await all(store, "d"), [["b", 0]]);
    assertEquals(await store.zrangeStore("z", "z", { by: "rank", start: -2, stop: -1 }), 2);
    assertEquals(await all(store), [["e", 5], ["f", 6]]);
    assertEquals(await store.zrangeStore("z", "z", { by: "score", min: 7, max: 8 }), 0);
    assertEquals(await store.exists("z"), false);
    assertEquals(await store.zrangeStore("d", "none", { by: "rank", start: 0, stop: -1 }), 0);
    assertEquals(await store.exists("d"), false);
  });

  check("zrem and zremRange… remove members and tell how many", async (store) => {
    await store.zadd("z", letters("abcdefghij"));
    assertEquals(await store.zrem("z", ["a", "x", "a"]), 1);
    assertEquals(await store.zremRangeByRank("z", 0, 1), 2);
    assertEquals(await store.zremRangeByRank("z", -1, -1), 1);
    assertEquals(await store.zremRangeByScore("z", { exclusive: 4 }, 6), 2);
    assertEquals(await all(store), [["d", 4], ["g", 7], ["h", 8], ["i", 9]]);
    assertEquals(await store.zremRangeByRank("z", 5, 9), 0);
    assertEquals(await store.zremRangeByScore("z", 5, 6), 0);
    assertEquals(await store.zremRangeByScore("z", -Infinity, Infinity), 4);
    assertEquals(await store.exists("z"), false);
    await store.zadd("lex", [[0, "a"], [0, "b"], [0, "c"], [0, "d"]]);
    assertEquals(await store.zremRangeByLex("lex", { exclusive: "a" }, { exclusive: "d" }), 2);
    assertEquals(await store.zremRangeByLex("lex", "x", null), 0);
    assertEquals(await all(store, "lex"), [["a", 0], ["d", 0]]);
    assertEquals(await store.zremRangeByLex("lex", null, null), 2);
    assertEquals(await store.zrem("none", ["a"]), 0);
    assertEquals(await store.zremRangeByRank("none", 0, -1), 0);
    assertEquals(await store.size(), 0);
  });

  check("zpopMin and zpopMax take from the ends", async (store) => {
    await store.zadd("z", letters("abcdef"));
    assertEquals(scores(await store.zpopMin("z")), [["a", 1]]);
    assertEquals(scores(await store.zpopMax("z")), [["f", 6]]);
    assertEquals(scores(await store.zpopMax("z", 2)), [["e", 5], ["d", 4]]);
    assertEquals([await store.zpopMin("z", 0), await store.zpopMax("z", 0)], [[], []]);
    assertEquals(scores(await store.zpopMin("z", 100)), [["b", 2], ["c", 3]]);
    assertEquals([await store.exists("z"), await store.zpopMin("z"), await store.zpopMax("z", 3)], [false, [], []]);
    for (const count of [-1, 1.5, NaN]) {
      await assertFails(() => store.zpopMin("z", count), "OUT_OF_RANGE");
      await assertFails(() => store.zpopMax("z", count), "OUT_OF_RANGE");
    }
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

  combinations(check);

  check("a member has up to 65,535 bytes", async (store) => {
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
    assertEquals(await all(store), [["e000000", 0]]);
    assertEquals((await store.zpopMin("z", 10)).length, 1);
    assertEquals(await store.exists("z"), false);
  });
}

function combinations(check: Check): void {
  check("zunion, zinter and zdiff put sorted sets together", async (store) => {
    await store.zadd("a", [[1, "x"], [2, "y"], [3, "z"]]);
    await store.zadd("b", [[10, "y"], [-20, "z"], [5, "w"]]);
    assertEquals(scores(await store.zunionWithScores(["a", "b"])), [["z", -17], ["x", 1], ["w", 5], ["y", 12]]);
    assertEquals(texts(await store.zunion(["a", "b"])).join(""), "zxwy");
    assertEquals(scores(await store.zinterWithScores(["a", "b"])), [["z", -17], ["y", 12]]);
    assertEquals(texts(await store.zinter(["b", "a"])).join(""), "zy");
    assertEquals(scores(await store.zdiffWithScores(["a", "b"])), [["x", 1]]);
    assertEquals(texts(await store.zdiff(["b", "a"])).join(""), "w");
    assertEquals(scores(await store.zunionWithScores(["a", "none", "a"])), [["x", 2], ["y", 4], ["z", 6]]);
    assertEquals([await store.zinter(["a", "none"]), await store.zdiff(["a", "a"]), await store.zunion(["none"])], [
      [],
      [],
      [],
    ]);
  });

  check("weights multiply scores, aggregate chooses among them", async (store) => {
    await store.zadd("a", [[1, "x"], [2, "y"]]);
    await store.zadd("b", [[10, "y"], [5, "z"]]);
    const union = async (options: Parameters<Face["zunion"]>[1]) =>
      scores(await store.zunionWithScores(["a", "b"], options));
    assertEquals(await union({ weights: [2, 0.5] }), [["x", 2], ["z", 2.5], ["y", 9]]);
    assertEquals(await union({ aggregate: "min" }), [["x", 1], ["y", 2], ["z", 5]]);
    assertEquals(await union({ aggregate: "max", weights: [6, 1] }), [["z", 5], ["x", 6], ["y", 12]]);
    assertEquals(await union({ weights: [-1, 1], aggregate: "sum" }), [["x", -1], ["z", 5], ["y", 8]]);
    assertEquals(scores(await store.zinterWithScores(["a", "b"], { weights: [1, -1], aggregate: "min" })), [[
      "y",
      -10,
    ]]);
    await assertFails(() => store.zunion(["a", "b"], { weights: [1] }), "OUT_OF_RANGE");
    await assertFails(() => store.zunion(["a", "b"], { weights: [1, 2, 3] }), "OUT_OF_RANGE");
    await assertFails(() => store.zinterStore("d", ["a", "b"], { weights: [1, NaN] }), "OUT_OF_RANGE");
    await assertFails(() => store.zinter(["a", "b"], { weights: [1, "2" as never] }), "WRONG_TYPE");
    await assertFails(() => store.zunionStore("d", ["a", "b"], { aggregate: "avg" as never }), "OUT_OF_RANGE");
    assertEquals(await store.exists("d"), false);
  });

  check("where infinities leave no number the score is 0", async (store) => {
    await store.zadd("a", [[Infinity, "x"]]);
    await store.zadd("b", [[-Infinity, "x"], [Infinity, "y"]]);
    assertEquals(scores(await store.zunionWithScores(["a", "b"])), [["x", 0], ["y", Infinity]]);
    assertEquals(scores(await store.zinterWithScores(["a", "b"])), [["x", 0]]);
    assertEquals(scores(await store.zunionWithScores(["a"], { weights: [0] })), [["x", 0]]);
  });

  check("plain sets take part with scores of 1", async (store) => {
    await store.zadd("z", [[5, "a"], [7, "b"]]);
    await store.sadd("s", ["b", "c"]);
    assertEquals(scores(await store.zunionWithScores(["z", "s"])), [["c", 1], ["a", 5], ["b", 8]]);
    assertEquals(scores(await store.zinterWithScores(["s", "z"], { weights: [3, 1] })), [["b", 10]]);
    assertEquals(scores(await store.zdiffWithScores(["s", "z"])), [["c", 1]]);
    assertEquals(await store.zinterCard(["s", "z"]), 1);
    assertEquals(await store.zunionStore("s", ["s"]), 2);
    assertEquals([await store.type("s"), await all(store, "s")], ["zset", [["b", 1], ["c", 1]]]);
  });

  check("zunionStore, zinterStore and zdiffStore write over what the destination held", async (store) => {
    await store.zadd("a", [[1, "x"], [2, "y"]]);
    await store.zadd("b", [[10, "y"]]);
    await store.set("d", "v", { ttl: 60_000 });
    assertEquals(await store.zunionStore("d", ["a", "b"]), 2);
    assertEquals([await all(store, "d"), await store.ttl("d")], [[["x", 1], ["y", 12]], Infinity]);
    await store.rpush("list", ["v"]);
    assertEquals(await store.zinterStore("list", ["a", "b"], { aggregate: "max" }), 1);
    assertEquals(await all(store, "list"), [["y", 10]]);
    assertEquals(await store.zdiffStore("a", ["a", "b"]), 1);
    assertEquals(await all(store, "a"), [["x", 1]]);
    assertEquals(await store.zinterStore("d", ["a", "b"]), 0);
    assertEquals(await store.exists("d"), false);
  });

  check("zinterCard counts what is in all sets, up to a limit", async (store) => {
    await store.zadd("a", letters("abcd"));
    await store.zadd("b", letters("bcde"));
    assertEquals(await store.zinterCard(["a", "b"]), 3);
    assertEquals(await store.zinterCard(["a", "b"], { limit: 2 }), 2);
    assertEquals(await store.zinterCard(["a", "b"], { limit: 0 }), 3);
    assertEquals(await store.zinterCard(["a", "none"]), 0);
    for (const limit of [-1, 1.5, NaN]) await assertFails(() => store.zinterCard(["a"], { limit }), "OUT_OF_RANGE");
    assert((await store.zinterCard(["a"])) === 4);
  });
}
