import { assertEquals } from "./assert.ts";
import type { Check } from "./check.ts";
import { entriesOf, letters } from "./entries.ts";
import type { Face } from "./face.ts";
import { scores, texts } from "./texts.ts";

/** What the operations of `SortedSetOps` do that put several sets together. */
export function checkSortedSetCombinations(check: Check): void {
  const { assertFails } = check;

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
    assertEquals([await store.type("s"), await entriesOf(store, "s")], ["zset", [["b", 1], ["c", 1]]]);
  }, "sets");

  check("zunionStore, zinterStore and zdiffStore write over what the destination held", async (store) => {
    await store.zadd("a", [[1, "x"], [2, "y"]]);
    await store.zadd("b", [[10, "y"]]);
    await store.set("d", "v", { ttl: 60_000 });
    assertEquals(await store.zunionStore("d", ["a", "b"]), 2);
    assertEquals([await entriesOf(store, "d"), await store.ttl("d")], [[["x", 1], ["y", 12]], Infinity]);
    if (check.types.has("list")) await store.rpush("list", ["v"]);
    assertEquals(await store.zinterStore("list", ["a", "b"], { aggregate: "max" }), 1);
    assertEquals(await entriesOf(store, "list"), [["y", 10]]);
    assertEquals(await store.zdiffStore("a", ["a", "b"]), 1);
    assertEquals(await entriesOf(store, "a"), [["x", 1]]);
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
    assertEquals(await store.zinterCard(["a"]), 4);
  });
}
