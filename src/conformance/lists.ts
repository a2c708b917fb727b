import { assertBytes, assertEquals, assertTexts } from "./assert.ts";
import { bytes, pattern, sameBytes, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import type { Face } from "./face.ts";
import { LENGTHS, numbered, texts } from "./texts.ts";

/** What the operations of `ListOps` do. */
export function checkLists(check: Check): void {
  const { assertFails } = check;
  const all = async (store: Face, key: string = "l") => texts(await store.lrange(key, 0, -1)).join("");

  check("lpush puts one value after another before the first, rpush behind the last", async (store) => {
    assertEquals(await store.rpush("l", ["a", "b"]), 2);
    assertEquals(await store.lpush("l", ["c", bytes("d")]), 4);
    assertEquals(await store.rpush("l", ["a"]), 5);
    assertEquals(await all(store), "dcaba");
    assertEquals([await store.llen("l"), await store.llen("none")], [5, 0]);
  });

  check("lpushx and rpushx change only a list that is there", async (store) => {
    assertEquals(await store.lpushx("l", ["a"]), 0);
    assertEquals(await store.rpushx("l", ["a"]), 0);
    assertEquals(await store.exists("l"), false);
    await store.rpush("l", ["m"]);
    assertEquals(await store.lpushx("l", ["a", "b"]), 3);
    assertEquals(await store.rpushx("l", ["y", "z"]), 5);
    assertEquals(await all(store), "bamyz");
  });

  check("lpop and rpop take one value, or up to as many as are asked for", async (store) => {
    await store.rpush("l", [..."abcdefg"]);
    assertEquals(texts(await store.lpop("l")), ["a"]);
    assertEquals(texts(await store.rpop("l")), ["g"]);
    assertEquals(texts(await store.lpop("l", 2)), ["b", "c"]);
    assertEquals(texts(await store.rpop("l", 2)), ["f", "e"]);
    assertEquals(await store.lpop("l", 0), []);
    assertEquals(await store.rpop("l", 0), []);
    assertEquals(texts(await store.rpop("l", 100)), ["d"]);
    assertEquals([await store.lpop("l"), await store.rpop("l", 5)], [[], []]);
    for (const count of [-1, 1.5, NaN]) {
      await assertFails(() => store.lpop("l", count), "OUT_OF_RANGE");
      await assertFails(() => store.rpop("l", count), "OUT_OF_RANGE");
    }
  });

  check("lrange counts from both ends, and leaves out positions that are not there", async (store) => {
    await store.rpush("l", [..."abcde"]);
    const cases: [number, number, string][] = [
      [0, -1, "abcde"],
      [1, 3, "bcd"],
      [-3, -2, "cd"],
      [-100, 1, "ab"],
      [3, 100, "de"],
      [2, 2, "c"],
      [3, 2, ""],
      [5, 9, ""],
      [-9, -6, ""],
      [-(2 ** 40), 2 ** 40, "abcde"],
      [2 ** 32, -1, ""],
      [0, 2 ** 32, "abcde"],
    ];
    for (const [start, stop, expected] of cases) {
      assertEquals(texts(await store.lrange("l", start, stop)).join(""), expected, `${start} to ${stop}`);
    }
    assertEquals(await store.lrange("none", 0, -1), []);
  });

  check("lindex gives the value at a position, or null", async (store) => {
    await store.rpush("l", [..."abc"]);
    const found = [];
    for (const index of [0, 2, -1, -3, 3, -4, 2 ** 32, -(2 ** 32)]) found.push(await store.lindex("l", index));
    assertEquals(texts(found), ["a", "c", "c", "a", null, null, null, null]);
    assertEquals(await store.lindex("none", 0), null);
  });

  check("lset replaces a value, and refuses a position that is not there", async (store) => {
    await store.rpush("l", [..."abc"]);
    await store.lset("l", 0, "x");
    await store.lset("l", -1, "z");
    assertEquals(await all(store), "xbz");
    for (const index of [3, -4, 2 ** 32]) await assertFails(() => store.lset("l", index, "y"), "OUT_OF_RANGE");
    await assertFails(() => store.lset("none", 0, "y"), "OUT_OF_RANGE");
    assertEquals(await store.exists("none"), false);
    assertEquals(await all(store), "xbz");
  });

  check("lset takes a value of any length over one of any other", async (store) => {
    await store.rpush("l", ["left", "", "right"]);
    for (const length of [...LENGTHS, ...[...LENGTHS].reverse()]) {
      await store.lset("l", 1, pattern(length, length));
      assertBytes(await store.lindex("l", 1), pattern(length, length), `${length} bytes`);
    }
    assertEquals(texts([(await store.lindex("l", 0))!, (await store.lindex("l", -1))!]), ["left", "right"]);
  });

  check("linsert puts a value before or after the first match", async (store) => {
    await store.rpush("l", [..."abcb"]);
    assertEquals(await store.linsert("l", "before", "b", "x"), 5);
    assertEquals(await store.linsert("l", "after", "b", "y"), 6);
    assertEquals(await all(store), "axbycb");
    assertEquals(await store.linsert("l", "after", "none", "y"), -1);
    assertEquals(await store.linsert("none", "after", "a", "y"), 0);
    assertEquals([await store.llen("l"), await store.exists("none")], [6, false]);
  });

  check("linsertAt puts a value where it has that position, negative ones counted as before", async (store) => {
    assertEquals(await store.linsertAt("l", 0, "c"), 1);
    assertEquals(await store.linsertAt("l", 0, "a"), 2);
    assertEquals(await store.linsertAt("l", 2, "e"), 3);
    assertEquals(await store.linsertAt("l", -1, "d"), 4);
    assertEquals(await store.linsertAt("l", 1, "b"), 5);
    assertEquals(await store.linsertAt("l", -5, "_"), 6);
    assertEquals(await all(store), "_abcde");
  });

  check("linsertAt refuses a position at which no value can stand", async (store) => {
    await store.rpush("l", [..."ab"]);
    for (const index of [3, -3, 2 ** 32]) await assertFails(() => store.linsertAt("l", index, "x"), "OUT_OF_RANGE");
    for (const index of [1, -1]) await assertFails(() => store.linsertAt("none", index, "x"), "OUT_OF_RANGE");
    assertEquals(await all(store), "ab");
    assertEquals(await store.exists("none"), false);
  });

  check("lrem removes the first, the last or all values that match", async (store) => {
    await store.rpush("l", [..."xaxbxcx"]);
    assertEquals(await store.lrem("l", 1, "x"), 1);
    assertEquals(await all(store), "axbxcx");
    assertEquals(await store.lrem("l", -1, "x"), 1);
    assertEquals(await all(store), "axbxc");
    assertEquals(await store.lrem("l", 5, "none"), 0);
    assertEquals(await store.lrem("l", 0, "x"), 2);
    assertEquals(await all(store), "abc");
    assertEquals(await store.lrem("none", 0, "x"), 0);
    await store.rpush("l", [..."aaaa"]);
    assertEquals(await store.lrem("l", -2, "a"), 2);
    assertEquals(await all(store), "abcaa");
  });

  check("ltrim keeps only the values of a range", async (store) => {
    await store.rpush("l", [..."abcdefgh"]);
    await store.ltrim("l", 1, -2);
    assertEquals(await all(store), "bcdefg");
    await store.ltrim("l", -100, 3);
    assertEquals(await all(store), "bcde");
    await store.ltrim("l", -2, 100);
    assertEquals(await all(store), "de");
    await store.ltrim("l", 5, 9);
    assertEquals(await store.exists("l"), false);
    await store.ltrim("none", 0, 1);
    assertEquals(await store.exists("none"), false);
  });

  check("lpos finds positions by rank, count and maxLength", async (store) => {
    await store.rpush("l", [..."abc123cc"]);
    assertEquals(await store.lpos("l", "c"), [2]);
    assertEquals(await store.lpos("l", "c", { rank: 2 }), [6]);
    assertEquals(await store.lpos("l", "c", { rank: -1 }), [7]);
    assertEquals(await store.lpos("l", "c", { rank: 4 }), []);
    assertEquals(await store.lpos("l", "c", { count: 2 }), [2, 6]);
    assertEquals(await store.lpos("l", "c", { count: 0 }), [2, 6, 7]);
    assertEquals(await store.lpos("l", "c", { count: 0, rank: 2 }), [6, 7]);
    assertEquals(await store.lpos("l", "c", { count: 2, rank: -1 }), [7, 6]);
    assertEquals(await store.lpos("l", "c", { count: 0, maxLength: 7 }), [2, 6]);
    assertEquals(await store.lpos("l", "c", { count: 0, maxLength: 2, rank: -1 }), [7, 6]);
    assertEquals(await store.lpos("l", "c", { maxLength: 2 }), []);
    assertEquals(await store.lpos("l", "none", { count: 0 }), []);
    assertEquals(await store.lpos("none", "c"), []);
    for (const wrong of [{ rank: 0 }, { rank: 1.5 }, { count: -1 }, { maxLength: -1 }, { maxLength: NaN }]) {
      await assertFails(() => store.lpos("l", "c", wrong), "OUT_OF_RANGE");
    }
  });

  check("lmove takes from either end and puts at either end", async (store) => {
    await store.rpush("l", [..."abcd"]);
    assertEquals(textOf(await store.lmove("l", "m", "left", "left")), "a");
    assertEquals(textOf(await store.lmove("l", "m", "left", "right")), "b");
    assertEquals(textOf(await store.lmove("l", "m", "right", "left")), "d");
    assertEquals(await all(store, "m"), "dab");
    assertEquals(textOf(await store.lmove("l", "m", "right", "right")), "c");
    assertEquals([await all(store, "m"), await store.exists("l")], ["dabc", false]);
    assertEquals(await store.lmove("l", "new", "left", "left"), null);
    assertEquals(await store.exists("new"), false);
  }, "transactions");

  check("lmove within one list turns it", async (store) => {
    await store.rpush("l", [..."abc"]);
    assertEquals(textOf(await store.lmove("l", "l", "left", "right")), "a");
    assertEquals(await all(store), "bca");
    assertEquals(textOf(await store.lmove("l", "l", "right", "left")), "a");
    assertEquals(textOf(await store.lmove("l", "l", "left", "left")), "a");
    assertEquals(await all(store), "abc");
    await store.rpush("one", ["x"]);
    assertEquals(textOf(await store.lmove("one", "one", "left", "right")), "x");
    assertEquals(await all(store, "one"), "x");
  });

  check("a list takes values of every length, at every place", async (store) => {
    for (const length of LENGTHS) await store.rpush("l", [pattern(length, 1)]);
    for (const length of LENGTHS) await store.lpush("l", [pattern(length, 2)]);
    for (const length of LENGTHS) await store.linsertAt("l", LENGTHS.length, pattern(length, 3));
    const expected = [
      ...[...LENGTHS].reverse().map((length) => pattern(length, 2)),
      ...[...LENGTHS].reverse().map((length) => pattern(length, 3)),
      ...LENGTHS.map((length) => pattern(length, 1)),
    ];
    const read = await store.lrange("l", 0, -1);
    assertEquals(read.length, expected.length);
    for (const [i, value] of expected.entries()) {
      assertBytes(read[i], value, `lrange, ${i}`);
      assertBytes(await store.lindex("l", i), value, `lindex, ${i}`);
      const first = expected.findIndex((other) => sameBytes(other, value));
      assertEquals(await store.lpos("l", value), [first], `lpos of ${value.length} bytes`);
    }
    for (const value of expected) assertBytes((await store.lpop("l"))[0], value);
    assertEquals(await store.exists("l"), false);
  });

  check("a list of 30,000 is found by position, trimmed and emptied", async (store) => {
    const values = numbered(30_000);
    assertEquals(await store.rpush("l", values), values.length);
    for (const index of [0, 1, 14_999, 29_999]) assertEquals(textOf(await store.lindex("l", index)), values[index]);
    assertTexts(texts(await store.lrange("l", 10_000, 19_999)), values.slice(10_000, 20_000));
    await store.ltrim("l", 9000, 20_999);
    assertTexts(texts(await store.lrange("l", 0, -1)), values.slice(9000, 21_000));
    assertTexts(texts(await store.rpop("l", 11_999)), values.slice(9001, 21_000).reverse());
    assertEquals(texts(await store.lpop("l", 5)), [values[9000]]);
    assertEquals(await store.exists("l"), false);
  });
}
