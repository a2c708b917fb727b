import { assertBytes, assertEquals, assertTexts } from "./assert.ts";
import { bytes, pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import type { Face } from "./face.ts";
import { fields, LENGTHS, numbered, sorted, texts } from "./texts.ts";

/** What the operations of `HashOps` do. */
export function checkHashes(check: Check): void {
  const { assertFails } = check;
  const all = async (store: Face) => fields(await store.hgetall("h"));

  check("hset tells whether a field is new, hget gives its value or null", async (store) => {
    assertEquals(await store.hset("h", "a", "1"), true);
    assertEquals(await store.hset("h", bytes("a"), bytes("2")), false);
    assertEquals(await store.hset("h", "", ""), true);
    assertEquals(texts([await store.hget("h", "a"), await store.hget("h", "")]), ["2", ""]);
    assertEquals([await store.hget("h", "b"), await store.hget("none", "a")], [null, null]);
    assertEquals([await store.hexists("h", "a"), await store.hexists("h", "b")], [true, false]);
    assertEquals([await store.hlen("h"), await store.hlen("none")], [2, 0]);
  });

  check("hmset sets many fields, the last one counts of those named twice", async (store) => {
    await store.hset("h", "a", "0");
    assertEquals(await store.hmset("h", [["a", "1"], ["b", "2"], ["c", "3"], ["b", "4"]]), 2);
    assertEquals(await all(store), { a: "1", b: "4", c: "3" });
    assertEquals(texts(await store.hmget("h", ["c", "none", "a", "c"])), ["3", null, "1", "3"]);
    assertEquals(await store.hmget("none", ["a", "b"]), [null, null]);
  });

  check("hmset sets nothing when one entry is wrong", async (store) => {
    await store.hset("h", "a", "0");
    await assertFails(() => store.hmset("h", [["a", "1"], ["f".repeat(65_536), "2"]]), "TOO_LARGE");
    await assertFails(() => store.hmset("h", [["a", "1"], ["b", 2]] as never), "WRONG_TYPE");
    await assertFails(() => store.hmset("h", [["a", "1"], ["b"]] as never), "WRONG_TYPE");
    await assertFails(() => store.hmset("h", [["a", "1"], "bc"] as never), "WRONG_TYPE");
    assertEquals(await all(store), { a: "0" });
  });

  check("hsetnx sets only a field that is not there", async (store) => {
    assertEquals(await store.hsetnx("h", "a", "1"), true);
    assertEquals(await store.hsetnx("h", "a", "2"), false);
    assertEquals(await store.hsetnx("h", "b", "3"), true);
    assertEquals(await all(store), { a: "1", b: "3" });
  });

  check("hdel removes fields and tells how many there were", async (store) => {
    await store.hmset("h", [["a", "1"], ["b", "2"], ["c", "3"]]);
    assertEquals(await store.hdel("h", ["a", "none", "a"]), 1);
    assertEquals(await all(store), { b: "2", c: "3" });
    assertEquals(await store.hdel("h", ["b", "c"]), 2);
    assertEquals(await store.exists("h"), false);
    assertEquals(await store.hdel("none", ["a"]), 0);
  });

  check("hgetall, hkeys and hvals give all there is", async (store) => {
    await store.hmset("h", [["a", "1"], ["b", "2"], ["c", "2"]]);
    assertEquals(await all(store), { a: "1", b: "2", c: "2" });
    assertEquals(sorted(await store.hkeys("h")), ["a", "b", "c"]);
    assertEquals(sorted(await store.hvals("h")), ["1", "2", "2"]);
    assertEquals([await store.hgetall("none"), await store.hkeys("none"), await store.hvals("none")], [[], [], []]);
  });

  check("hstrlen gives the length of a value in bytes", async (store) => {
    await store.hmset("h", [["a", "é🪙"], ["empty", ""], ["long", pattern(100_000)]]);
    const lengths = [];
    for (const field of ["a", "empty", "long", "none"]) lengths.push(await store.hstrlen("h", field));
    assertEquals(lengths, [6, 0, 100_000, 0]);
    assertEquals(await store.hstrlen("none", "a"), 0);
  });

  check("hincrBy counts with numbers and with bigints, in 64 bits", async (store) => {
    assertEquals(await store.hincrBy("h", "n"), 1);
    assertEquals(await store.hincrBy("h", "n", 41), 42);
    assertEquals(await store.hincrBy("h", "n", -50), -8);
    assertEquals(await store.hincrBy("h", "n", 10n), 2n);
    await store.hset("h", "n", "9223372036854775806");
    assertEquals(await store.hincrBy("h", "n", 1n), 9223372036854775807n);
    await assertFails(() => store.hincrBy("h", "n", 1n), "OUT_OF_RANGE");
    assertEquals(await store.hincrBy("h", "n", -9223372036854775808n), -1n);
    assertEquals(await store.hincrBy("h", "n", -9223372036854775807n), -9223372036854775808n);
    await assertFails(() => store.hincrBy("h", "n", -1n), "OUT_OF_RANGE");
    assertEquals(textOf(await store.hget("h", "n")), "-9223372036854775808");
  });

  check("hincrBy refuses sums and numbers that are not safe, and changes nothing", async (store) => {
    await store.hset("h", "n", "9007199254740991");
    await assertFails(() => store.hincrBy("h", "n", 1), "OUT_OF_RANGE");
    for (const delta of [1.5, NaN, Infinity, 2 ** 53, 2n ** 63n]) {
      await assertFails(() => store.hincrBy("h", "n", delta), "OUT_OF_RANGE");
      await assertFails(() => store.hincrBy("none", "n", delta), "OUT_OF_RANGE");
    }
    await assertFails(() => store.hincrBy("h", "n", "1" as never), "WRONG_TYPE");
    assertEquals(await all(store), { n: "9007199254740991" });
    assertEquals(await store.exists("none"), false);
  });

  check("hincrBy refuses what is not an integer", async (store) => {
    for (
      const value of ["", " 1", "1 ", "+1", "01", "-0", "1.0", "1e3", "abc", "9223372036854775808", "x".repeat(600)]
    ) {
      await store.hset("h", "n", value);
      await assertFails(() => store.hincrBy("h", "n"), "NOT_INTEGER");
      assertEquals(await all(store), { n: value });
    }
  });

  check("hincrByFloat adds, and writes the sum so that it can be read again", async (store) => {
    assertEquals(await store.hincrByFloat("h", "x", 10.5), 10.5);
    assertEquals(await store.hincrByFloat("h", "x", 0.25), 10.75);
    assertEquals(textOf(await store.hget("h", "x")), "10.75");
    assertEquals(await store.hincrByFloat("h", "x", -0.75), 10);
    assertEquals(textOf(await store.hget("h", "x")), "10");
    assertEquals(await store.hincrBy("h", "x", 1), 11);
    await store.hset("h", "x", "5.0e3");
    assertEquals(await store.hincrByFloat("h", "x", 2.0e2), 5200);
    assertEquals(textOf(await store.hget("h", "x")), "5200");
    for (const sum of [0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.12345679, -1 / 3]) {
      await store.hdel("h", ["x"]);
      assertEquals(await store.hincrByFloat("h", "x", sum), sum);
      assertEquals(Number(textOf(await store.hget("h", "x"))), sum);
      assertEquals(await store.hincrByFloat("h", "x", 0), sum);
    }
  });

  check("hincrByFloat refuses what is not a number, and sums that are not finite", async (store) => {
    for (const value of ["", "abc", " 1", "1 ", "1,5", "1.5x", "--1", "nan", "x".repeat(600)]) {
      await store.hset("h", "x", value);
      await assertFails(() => store.hincrByFloat("h", "x", 1), "NOT_FLOAT");
      assertEquals(await all(store), { x: value });
    }
    await store.hset("h", "x", "1.7e308");
    await assertFails(() => store.hincrByFloat("h", "x", 1.7e308), "OUT_OF_RANGE");
    for (const delta of [NaN, Infinity, -Infinity]) {
      await assertFails(() => store.hincrByFloat("h", "x", delta), "OUT_OF_RANGE");
      await assertFails(() => store.hincrByFloat("none", "x", delta), "OUT_OF_RANGE");
    }
    await assertFails(() => store.hincrByFloat("h", "x", "1" as never), "WRONG_TYPE");
    assertEquals(await all(store), { x: "1.7e308" });
    assertEquals(await store.exists("none"), false);
  });

  check("hrandField gives different fields, or with a negative count that many of any", async (store) => {
    await store.hmset("h", [["a", "1"], ["b", "2"], ["c", "3"]]);
    assertEquals((await store.hrandField("h")).length, 1);
    assertEquals(await store.hrandField("h", 0), []);
    assertEquals(sorted(await store.hrandField("h", 3)), ["a", "b", "c"]);
    assertEquals(sorted(await store.hrandField("h", 100)), ["a", "b", "c"]);
    assertEquals(new Set(texts(await store.hrandField("h", 2))).size, 2);
    const many = texts(await store.hrandField("h", -200));
    assertEquals([many.length, [...new Set(many)].sort()], [200, ["a", "b", "c"]]);
    const entries = await store.hrandFieldWithValues("h", -200);
    assertEquals([entries.length, fields(entries)], [200, { a: "1", b: "2", c: "3" }]);
    assertEquals(fields(await store.hrandFieldWithValues("h", 5)), { a: "1", b: "2", c: "3" });
    assertEquals([await store.hrandField("none"), await store.hrandFieldWithValues("none", -5)], [[], []]);
    await assertFails(() => store.hrandField("h", 1.5), "OUT_OF_RANGE");
    await assertFails(() => store.hrandFieldWithValues("h", NaN), "OUT_OF_RANGE");
  });

  check("a field has up to 65,535 bytes", async (store) => {
    const longest = "f".repeat(65_535);
    assertEquals(await store.hset("h", longest, "v"), true);
    assertEquals(await store.hset("h", longest.slice(1), "w"), true);
    assertEquals(texts(await store.hmget("h", [longest, longest.slice(1)])), ["v", "w"]);
    const tooLong = new Uint8Array(65_536);
    await assertFails(() => store.hset("h", tooLong, "v"), "TOO_LARGE");
    await assertFails(() => store.hsetnx("h", tooLong, "v"), "TOO_LARGE");
    await assertFails(() => store.hset("none", tooLong, "v"), "TOO_LARGE");
    await assertFails(() => store.hincrBy("h", tooLong), "TOO_LARGE");
    assertEquals([await store.hlen("h"), await store.exists("none")], [2, false]);
    assertEquals(await store.hdel("h", [longest]), 1);
  });

  check("a hash takes values of every length over ones of every other", async (store) => {
    for (const length of LENGTHS) await store.hset("h", `f${length}`, pattern(length));
    for (const length of LENGTHS) assertBytes(await store.hget("h", `f${length}`), pattern(length), `${length}`);
    for (const length of [...LENGTHS, ...[...LENGTHS].reverse()]) {
      await store.hset("h", "changing", pattern(length, 2));
      assertBytes(await store.hget("h", "changing"), pattern(length, 2), `${length}`);
    }
    for (const [field, value] of await store.hgetall("h")) {
      const length = Number(textOf(field)!.slice(1));
      if (!Number.isNaN(length)) assertBytes(value, pattern(length), textOf(field)!);
    }
    assertEquals(await store.hlen("h"), LENGTHS.length + 1);
  });

  check("a hash of 20,000 fields is filled, read and emptied", async (store) => {
    const names = numbered(20_000);
    await store.hmset("h", names.map((name): [string, string] => [name, `v${name}`]));
    assertEquals(await store.hlen("h"), names.length);
    assertTexts(texts(await store.hmget("h", names)), names.map((name) => `v${name}`));
    assertTexts(sorted(await store.hkeys("h")), names);
    assertEquals(new Set(texts(await store.hrandField("h", 10_000))).size, 10_000);
    assertEquals(await store.hdel("h", names.slice(0, 19_999)), 19_999);
    assertEquals(await all(store), { e019999: "ve019999" });
    await store.hdel("h", names);
    assertEquals(await store.exists("h"), false);
  });
}
