import type { LexBound, RangeOptions, ScoreBound } from "../collections.ts";
import { assertEquals } from "./assert.ts";
import type { Check } from "./check.ts";
import { entriesOf, type Entry, letters } from "./entries.ts";
import { scores, texts } from "./texts.ts";

/** What the operations of `SortedSetOps` do that go by rank, by score or by the bytes of members. */
export function checkSortedSetRanges(check: Check): void {
  const { assertFails } = check;

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
    assertEquals([await entriesOf(store, "d"), await store.ttl("d")], [[["b", 2], ["c", 3], ["d", 4]], Infinity]);
    assertEquals(await store.zrangeStore("d", "z", { by: "rank", start: 0, stop: 1, reverse: true }), 2);
    assertEquals(await entriesOf(store, "d"), [["e", 5], ["f", 6]]);
    assertEquals(
      await store.zrangeStore("d", "z", { by: "score", min: { exclusive: 1 }, max: 5, offset: 1, count: 2 }),
      2,
    );
    assertEquals(await entriesOf(store, "d"), [["c", 3], ["d", 4]]);
    assertEquals(
      await store.zrangeStore("d", "z", { by: "score", min: 1, max: 5, offset: 1, count: 2, reverse: true }),
      2,
    );
    assertEquals(await entriesOf(store, "d"), [["c", 3], ["d", 4]]);
    await store.zadd("lex", [[0, "a"], [0, "b"], [0, "c"]]);
    assertEquals(await store.zrangeStore("d", "lex", { by: "lex", min: { exclusive: "a" }, max: null, count: 1 }), 1);
    assertEquals(await entriesOf(store, "d"), [["b", 0]]);
    assertEquals(await store.zrangeStore("z", "z", { by: "rank", start: -2, stop: -1 }), 2);
    assertEquals(await entriesOf(store), [["e", 5], ["f", 6]]);
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
    assertEquals(await entriesOf(store), [["d", 4], ["g", 7], ["h", 8], ["i", 9]]);
    assertEquals(await store.zremRangeByRank("z", 5, 9), 0);
    assertEquals(await store.zremRangeByScore("z", 5, 6), 0);
    assertEquals(await store.zremRangeByScore("z", -Infinity, Infinity), 4);
    assertEquals(await store.exists("z"), false);
    await store.zadd("lex", [[0, "a"], [0, "b"], [0, "c"], [0, "d"]]);
    assertEquals(await store.zremRangeByLex("lex", { exclusive: "a" }, { exclusive: "d" }), 2);
    assertEquals(await store.zremRangeByLex("lex", "x", null), 0);
    assertEquals(await entriesOf(store, "lex"), [["a", 0], ["d", 0]]);
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
}
