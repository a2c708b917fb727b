import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Capabilities, Key, StorageEngine, SyncStorageEngine } from "@ferrite/storage";
import { bytes, pattern, sameBytes, sleep, textOf } from "./bytes.ts";
import { assertFails } from "./errors.ts";
import { test } from "./harness.ts";

/** The operations that both faces of a store have, each giving its result or a promise of it. */
type Face = StorageEngine | SyncStorageEngine;

/**
 * What every backend and every wrapper must do. It runs on the store itself and, where there is one, on `store.sync`. `effort` is the share
 * of keys and steps that long tests take: 1 for all, less where each is a request to a server. `longestKey` is how many bytes a key
 * may have.
 */
export function conformance(
  name: string,
  open: () => Promise<StorageEngine>,
  capabilities: Capabilities,
  effort: number = 1,
  longestKey: number = 65_535,
): void {
  test(`${name}: has the capabilities it is meant to have`, async () => {
    await using store = await open();
    assertEquals({ ...store.supports }, { ...capabilities });
    assert(Object.isFrozen(store.supports));
    assertEquals(store.sync !== undefined, capabilities.sync);
  });

  suite(name, open, (store) => store, capabilities, effort, longestKey);
  if (capabilities.sync) suite(`${name}.sync`, open, (store) => store.sync!, capabilities, effort, longestKey);

  test(`${name}: takes operations on one key in the order they are called`, async () => {
    await using store = await open();
    const results = await Promise.all([
      store.set("k", "1"),
      store.incrBy("k", 5),
      store.append("k", "0"),
      store.get("k"),
      store.del("k"),
      store.get("k"),
    ]);
    assertEquals(results.slice(0, 3), [true, 6, 2]);
    assertEquals(textOf(results[3] as Uint8Array), "60");
    assertEquals(results.slice(4), [true, null]);
  });

  test(`${name}: rejects a call whose signal is aborted, and has not done it`, async () => {
    await using store = await open();
    const signal = AbortSignal.abort(new Error("enough"));
    let reason: unknown;
    await store.set("k", "v", { signal }).catch((error) => reason = error);
    assertStrictEquals((reason as Error).message, "enough");
    assertEquals(await store.exists("k"), false);
  });

  test(`${name}: answers CLOSED after close, which can be called twice`, async () => {
    const store = await open();
    await store.set("k", "v");
    await store.close();
    await store.close();
    const calls: (() => unknown)[] = [
      () => store.get("k"),
      () => store.set("k", "v"),
      () => store.mget(["k"]),
      () => store.mset([["k", "v"]]),
      () => store.incrBy("k"),
      () => store.scan(),
      () => store.clear(),
      () => store.size(),
      () => store.keys().next(),
      () => store.update("k", () => "v"),
    ];
    for (const call of calls) await assertFails(call, "CLOSED");
  });
}

function suite(
  name: string,
  open: () => Promise<StorageEngine>,
  face: (store: StorageEngine) => Face,
  capabilities: Capabilities,
  effort: number,
  longestKey: number,
): void {
  const some = (count: number) => Math.ceil(count * effort);
  const check = (what: string, run: (store: Face) => Promise<void>) =>
    test(`${name}: ${what}`, async () => {
      await using store = await open();
      await run(face(store));
    });

  check("gives back what was set, and null for what was not", async (store) => {
    assertEquals(await store.set("k", "v"), true);
    assertEquals(await store.get("k"), bytes("v"));
    assertEquals(await store.get(bytes("k")), bytes("v"));
    assertEquals(await store.get("other"), null);
    assertEquals([await store.exists("k"), await store.exists("other")], [true, false]);
  });

  check("takes any bytes as key and value, none included", async (store) => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const cases: [Key, Uint8Array][] = [
      ["", bytes("")],
      [new Uint8Array([0]), new Uint8Array([0, 0])],
      [all, all.slice().reverse()],
      ["ключ 🗝", bytes("значение 🪙")],
      ["x".repeat(64), bytes("é".repeat(33))],
      ["x".repeat(63) + "é", new Uint8Array(64)],
    ];
    for (const [key, value] of cases) await store.set(key, value);
    for (const [key, value] of cases) assertEquals(await store.get(key), value);
    assertEquals(await store.size(), cases.length);
    assertEquals(await store.get(bytes("ключ 🗝")), bytes("значение 🪙"));
  });

  check("takes values of every length around the limits of a record, as text and as bytes", async (store) => {
    for (const length of [0, 1, 7, 8, 9, 63, 64, 65, 191, 192, 193, 1023, 1024, 1025, 16351, 16352, 16353, 40000]) {
      const value = pattern(length, length);
      await store.set("bytes", value);
      assert(sameBytes(await store.get("bytes"), value), `bytes of length ${length}`);
      const text = "añ".repeat(length).slice(0, length);
      await store.set("text", text);
      assertEquals(textOf(await store.get("text")), text);
    }
  });

  check("takes values of megabytes, and drops them whole", async (store) => {
    const value = pattern(3_000_001);
    await store.set("big", value);
    await store.set("small", "s");
    assert(sameBytes(await store.get("big"), value));
    assertEquals(await store.size(), 2);
    const other = pattern(2_000_000, 9);
    await store.set("big", other);
    assert(sameBytes((await store.mget(["small", "big"]))[1], other));
    await store.set("big", "tiny");
    assertEquals(textOf(await store.get("big")), "tiny");
    assertEquals(await store.del("big"), true);
    assertEquals(await store.size(), 1);
  });

  check(`takes keys of up to ${longestKey} bytes`, async (store) => {
    const longest = "k".repeat(longestKey);
    await store.set(longest, "v");
    await store.set(longest.slice(1), "w");
    assertEquals(textOf(await store.get(longest)), "v");
    assertEquals((await store.mget([longest, "a", longest.slice(1)])).map(textOf), ["v", null, "w"]);
    await assertFails(() => store.set(longest + "k", "v"), "TOO_LARGE", String(longestKey));
    await assertFails(() => store.get("é".repeat(32_768)), "TOO_LARGE", "65536 bytes");
    await assertFails(() => store.get(new Uint8Array(65_536)), "TOO_LARGE");
  });

  check("gives copies: neither side's changes reach the other", async (store) => {
    const value = pattern(100);
    await store.set("k", value);
    value.fill(0);
    const read = (await store.get("k"))!;
    assert(sameBytes(read, pattern(100)));
    read.fill(1);
    assert(sameBytes(await store.get("k"), pattern(100)));
    const kept: Uint8Array[] = [];
    for (let i = 0; i < some(1000); i++) {
      await store.set("k", pattern(i, i));
      kept.push((await store.get("k"))!);
    }
    kept.forEach((bytes, i) => assert(sameBytes(bytes, pattern(i, i)), `value ${i}`));
  });

  check("gives a value a buffer of its own when asked, or when it is long", async (store) => {
    await setAll(store, [["short", pattern(10)], ["long", pattern(2000)]]);
    assertEquals((await store.get("short", { own: true }))!.buffer.byteLength, 10);
    assertEquals((await store.mget(["short"], { own: true }))[0]!.buffer.byteLength, 10);
    assertEquals((await store.get("long"))!.buffer.byteLength, 2000);
    assert((await store.get("short"))!.buffer.byteLength <= 16_384);
    assertEquals((await store.get("short"))!.byteOffset % 8, 0);
  });

  check("set: ifAbsent and ifPresent decide whether to write", async (store) => {
    assertEquals(await store.set("k", "1", { ifPresent: true }), false);
    assertEquals(await store.get("k"), null);
    assertEquals(await store.set("k", "2", { ifAbsent: true }), true);
    assertEquals(await store.set("k", "3", { ifAbsent: true }), false);
    assertEquals(textOf(await store.get("k")), "2");
    assertEquals(await store.set("k", pattern(50_000), { ifAbsent: true }), false);
    assertEquals(await store.set("k", pattern(50_000), { ifPresent: true }), true);
    assertEquals((await store.get("k"))!.length, 50_000);
    await assertFails(() => store.set("k", "v", { ifAbsent: true, ifPresent: true }), "OUT_OF_RANGE");
  });

  check("del removes, and tells what was there", async (store) => {
    await store.set("k", "v");
    assertEquals(await store.del("k"), true);
    assertEquals(await store.del("k"), false);
    assertEquals(await store.get("k"), null);
    assertEquals(await store.size(), 0);
  });

  check("mget keeps the order, with doubles and gaps", async (store) => {
    const count = some(1000);
    const keys = Array.from({ length: count }, (_, i) => `key:${i}`);
    await setAll(store, keys.filter((_, i) => i % 3 > 0).map((key): [string, string] => [key, `v${key}`]));
    const values = await store.mget([...keys, "key:1", "key:1"]);
    values.forEach((value, i) => {
      const key = i < count ? keys[i] : "key:1";
      assertEquals(textOf(value), i < count && i % 3 === 0 ? null : `v${key}`);
    });
    assertEquals(await store.mget([]), []);
    // Lengths around those from which values are copied in another way, with and without expiry, in one batch.
    const mixed = Array.from(
      { length: 300 },
      (_, i) => ({ key: `mixed:${i}`, length: [0, 1, 100, 1023, 1024, 1025, 20_000][i % 7] }),
    );
    for (const [i, { key, length }] of mixed.entries()) {
      await store.set(key, pattern(length, i), i % 3 === 0 ? { ttl: 60_000 } : {});
    }
    const read = await store.mget(mixed.flatMap(({ key }) => [key, "none"]));
    mixed.forEach(({ key, length }, i) =>
      assert(sameBytes(read[2 * i], pattern(length, i)) && read[2 * i + 1] === null, key)
    );
  });

  if (capabilities.transactions) msetSuite(check);
  else {
    check("mset of several keys is refused, and writes none of them", async (store) => {
      await store.set("a", "0");
      await assertFails(() => store.mset([["a", "1"], ["b", "2"]]), "UNSUPPORTED", "several keys");
      assertEquals((await store.mget(["a", "b"])).map(textOf), ["0", null]);
      await store.mset([["a", "1"], ["a", "2"]]);
      assertEquals(textOf(await store.get("a")), "2");
    });
  }

  check("mset writes nothing when one entry is wrong", async (store) => {
    const entries = [["a", "1"], ["b", 2]] as unknown as [string, string][];
    await assertFails(() => store.mset(entries), "WRONG_TYPE", "number 2");
    await assertFails(() => store.mset([["a", "1"], ["k".repeat(70_000), "2"]]), "TOO_LARGE");
    await assertFails(() => store.mset(["ab"] as unknown as [string, string][]), "WRONG_TYPE");
    await assertFails(() => store.mset([["a", "1"]], { ttl: -1 }), "OUT_OF_RANGE");
    assertEquals(await store.size(), 0);
  });

  check("update reads, changes and writes in one step", async (store) => {
    const add = (suffix: string) => (value: Uint8Array | null) => (textOf(value) ?? "") + suffix;
    assertEquals(textOf(await store.update("k", add("a"))), "a");
    assertEquals(textOf(await store.update("k", add("b"))), "ab");
    assertEquals(textOf(await store.update("k", () => undefined)), "ab");
    assertEquals(await store.update("k", () => null), null);
    assertEquals(await store.exists("k"), false);
    assertEquals(await store.update("k", () => undefined), null);
    const big = pattern(100_000);
    await store.update("k", () => big);
    assert(sameBytes(await store.get("k"), big));
  });

  check("update leaves all as it was when the function throws, is async, or returns nonsense", async (store) => {
    await store.set("k", "v", { ttl: 60_000 });
    let message = "";
    try {
      await store.update("k", () => {
        throw new Error("no");
      });
    } catch (error) {
      message = (error as Error).message;
    }
    assertEquals(message, "no");
    await assertFails(() => store.update("k", (async () => "x") as never), "WRONG_TYPE", "async");
    await assertFails(() => store.update("k", (() => 7) as never), "WRONG_TYPE", "number 7");
    await assertFails(() => store.update("k", "x" as never), "WRONG_TYPE", "function");
    assertEquals(textOf(await store.get("k")), "v");
    assert((await store.ttl("k"))! > 50_000);
  });

  check(
    "update: the function must not write; a key that expires while it runs is not revived for ever",
    async (store) => {
      await store.set("k", "1");
      const inner: unknown[] = [];
      await store.update("k", (value) => {
        inner.push((async () => await store.incrBy("k", 5))().catch((error) => error.code));
        return textOf(value) + "!";
      });
      assertEquals(await Promise.all(inner), ["CONFLICT"]);
      assertEquals(textOf(await store.get("k")), "1!");
      await store.set("k", "1", { ttl: 15 });
      let found: string | null = null;
      await store.update("k", (value) => {
        found = textOf(value);
        const end = Date.now() + 30;
        while (Date.now() < end); // busy, because the function must not be async
        return "2";
      });
      // A slow server may take so long that it had expired before.
      assertEquals(textOf(await store.get("k")), found === null ? "2" : null);
    },
  );

  check("update keeps the expiry, or sets a new one", async (store) => {
    await store.set("k", "v", { ttl: 60_000 });
    await store.update("k", () => "w");
    assert((await store.ttl("k"))! > 50_000);
    await store.update("k", () => "x", { ttl: 5000 });
    assert((await store.ttl("k"))! <= 5000);
    await assertFails(() => store.update("k", () => "y", { ttl: 0 }), "OUT_OF_RANGE");
    assertEquals(textOf(await store.get("k")), "x");
  });

  check("incrBy counts with numbers and with bigints, in 64 bits", async (store) => {
    assertEquals(await store.incrBy("n"), 1);
    assertEquals(await store.incrBy("n", 41), 42);
    assertEquals(await store.incrBy("n", -50), -8);
    assertEquals(textOf(await store.get("n")), "-8");
    assertEquals(await store.incrBy("n", 10n), 2n);
    assertEquals(await store.incrBy("n", -2), 0);
    assertEquals(textOf(await store.get("n")), "0");
    await store.set("n", "9223372036854775806");
    assertEquals(await store.incrBy("n", 1n), 9223372036854775807n);
    await assertFails(() => store.incrBy("n", 1n), "OUT_OF_RANGE", "64 bits");
    assertEquals(await store.incrBy("n", -9223372036854775808n), -1n);
    assertEquals(await store.incrBy("n", -9223372036854775807n), -9223372036854775808n);
    await assertFails(() => store.incrBy("n", -1n), "OUT_OF_RANGE");
    assertEquals(textOf(await store.get("n")), "-9223372036854775808");
  });

  check("incrBy refuses a number that is not safe before it writes", async (store) => {
    await store.set("n", "9007199254740991");
    await assertFails(() => store.incrBy("n", 1), "OUT_OF_RANGE", "bigint");
    assertEquals(textOf(await store.get("n")), "9007199254740991");
    assertEquals(await store.incrBy("n", 1n), 9007199254740992n);
    for (const delta of [1.5, NaN, Infinity, 2 ** 53]) {
      await assertFails(() => store.incrBy("n", delta), "OUT_OF_RANGE", "safe integer");
    }
    await assertFails(() => store.incrBy("n", 2n ** 63n), "OUT_OF_RANGE");
    await assertFails(() => store.incrBy("n", "1" as never), "WRONG_TYPE");
    assertEquals(textOf(await store.get("n")), "9007199254740992");
  });

  check("incrBy refuses what is not an integer as Redis does", async (store) => {
    const wrong = [
      "",
      " 1",
      "1 ",
      "+1",
      "01",
      "-0",
      "-",
      "1.0",
      "1e3",
      "abc",
      "9223372036854775808",
      "x".repeat(50_000),
    ];
    for (const value of wrong) {
      await store.set("n", value);
      await assertFails(() => store.incrBy("n"), "NOT_INTEGER");
      assertEquals(textOf(await store.get("n")), value);
    }
    await store.set("n", "-9223372036854775808");
    assertEquals(await store.incrBy("n", 0n), -9223372036854775808n);
  });

  check("append starts, grows and passes from one record to many", async (store) => {
    let expected = new Uint8Array(0);
    assertEquals(await store.append("k", ""), 0);
    for (const length of [1, 7, 100, 5000, 11_000, 300, 16_352, 1, 40_000, 16_351, 0]) {
      const suffix = pattern(length, length);
      const joined = new Uint8Array(expected.length + length);
      joined.set(expected);
      joined.set(suffix, expected.length);
      expected = joined;
      assertEquals(await store.append("k", suffix), expected.length);
      assert(sameBytes(await store.get("k"), expected), `after ${length}`);
    }
    await store.set("t", "a", { ttl: 60_000 });
    await store.append("t", "b");
    assertEquals(textOf(await store.get("t")), "ab");
    assert((await store.ttl("t"))! > 50_000);
    assertEquals(await store.size(), 2);
  });

  check("ttl: null for no key, Infinity for no expiry, else what is left", async (store) => {
    assertEquals(await store.ttl("k"), null);
    await store.set("k", "v");
    assertEquals(await store.ttl("k"), Infinity);
    await store.set("k", "v", { ttl: 10_000 });
    const left = (await store.ttl("k"))!;
    assert(left > 9000 && left <= 10_001, `${left}`);
    await store.set("k", "w", { keepTtl: true });
    assert((await store.ttl("k"))! > 9000);
    await store.set("k", "x");
    assertEquals(await store.ttl("k"), Infinity);
  });

  check("a key is gone when its time has come, for every operation", async (store) => {
    const gone = Array.from({ length: 12 }, (_, i) => `gone:${i}`);
    for (const key of gone) await store.set(key, "7", { ttl: 15 });
    await store.set("stays", "7");
    await store.set("big", pattern(50_000), { ttl: 15 });
    await sleep(30);
    assertEquals(await store.get(gone[0]), null);
    assertEquals(await store.exists(gone[1]), false);
    assertEquals(await store.del(gone[2]), false);
    assertEquals((await store.mget([gone[3], "stays"])).map(textOf), [null, "7"]);
    assertEquals(await store.incrBy(gone[4]), 1);
    assertEquals(await store.ttl(gone[4]), Infinity);
    assertEquals(await store.append(gone[5], "x"), 1);
    assertEquals(await store.expire(gone[6], 1000), false);
    assertEquals(await store.persist(gone[7]), false);
    assertEquals(await store.ttl(gone[8]), null);
    assertEquals(await store.type(gone[9]), null);
    assertEquals(await store.set(gone[10], "x", { ifPresent: true }), false);
    assertEquals(await store.set(gone[11], "x", { ifAbsent: true, keepTtl: true }), true);
    assertEquals(await store.ttl(gone[11]), Infinity);
    assertEquals(await store.get("big"), null);
    const keys = (await collect(store)).sort();
    assertEquals(keys, ["gone:11", "gone:4", "gone:5", "stays"]);
  });

  check("expire and persist change when a key goes, not what it holds", async (store) => {
    const values: [string, Uint8Array][] = [["small", bytes("v")], ["big", pattern(60_000)]];
    for (const [key, value] of values) {
      assertEquals(await store.expire(key, 1000), false);
      await store.set(key, value);
      assertEquals(await store.persist(key), false);
      assertEquals(await store.expire(key, 50_000), true);
      assert((await store.ttl(key))! > 40_000);
      assertEquals(await store.expire(key, 9000), true);
      assert((await store.ttl(key))! <= 9001);
      assertEquals(await store.persist(key), true);
      assertEquals(await store.ttl(key), Infinity);
      assert(sameBytes(await store.get(key), value));
    }
    assertEquals(await store.size(), 2);
  });

  check("expire: when decides", async (store) => {
    await store.set("k", "v");
    assertEquals(await store.expire("k", 5000, { when: "expiring" }), false);
    assertEquals(await store.expire("k", 5000, { when: "later" }), false);
    assertEquals(await store.expire("k", 5000, { when: "persistent" }), true);
    assertEquals(await store.expire("k", 9000, { when: "persistent" }), false);
    assertEquals(await store.expire("k", 9000, { when: "sooner" }), false);
    assertEquals(await store.expire("k", 9000, { when: "later" }), true);
    assertEquals(await store.expire("k", 7000, { when: "later" }), false);
    assertEquals(await store.expire("k", 7000, { when: "sooner" }), true);
    assertEquals(await store.expire("k", 8000, { when: "expiring" }), true);
    assert((await store.ttl("k"))! > 7000);
    assertEquals(await store.expire("none", 8000, { when: "later" }), false);
    await assertFails(() => store.expire("k", 8000, { when: "now" as never }), "OUT_OF_RANGE", "persistent");
  });

  check("a ttl that makes no sense is refused and changes nothing", async (store) => {
    await store.set("k", "v");
    for (const ttl of [0, -1, NaN, Infinity, -Infinity, 2 ** 60]) {
      await assertFails(() => store.set("k", "w", { ttl }), "OUT_OF_RANGE", "ttl");
      await assertFails(() => store.expire("k", ttl), "OUT_OF_RANGE", "ttl");
    }
    await assertFails(() => store.set("k", "w", { ttl: "1s" as never }), "WRONG_TYPE", '"1s"');
    await assertFails(() => store.set("k", "w", { ttl: 5, keepTtl: true }), "OUT_OF_RANGE", "exclude");
    assertEquals(textOf(await store.get("k")), "v");
    assertEquals(await store.ttl("k"), Infinity);
  });

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

  check("type tells what a key holds", async (store) => {
    await store.set("k", "v");
    await store.set("big", pattern(50_000));
    assertEquals([await store.type("k"), await store.type("big"), await store.type("none")], [
      "string",
      "string",
      null,
    ]);
  });

  check("scan goes over every key, whatever the count", async (store) => {
    const expected = Array.from({ length: some(3000) }, (_, i) => `key:${i}`);
    await setAll(store, expected.map((key): [string, string] => [key, "v"]));
    await store.set("big", pattern(50_000));
    for (const count of [1, 7, 100, 100_000]) {
      const seen = new Set<string>();
      let cursor: string | null = null;
      do {
        const step: { cursor: string | null; keys: Uint8Array[] } = await store.scan({ cursor, count });
        for (const key of step.keys) seen.add(textOf(key)!);
        cursor = step.cursor;
      } while (cursor !== null);
      assertEquals([...seen].sort(), ["big", ...expected].sort());
    }
  });

  check("scan returns every key that is there all the time, while others come and go", async (store) => {
    const fewer = (count: number) => some(some(count)); // of steps, and in each
    const stable = Array.from({ length: some(500) }, (_, i) => `stable:${i}`);
    for (const key of stable) await store.set(key, "v");
    const seen = new Set<string>();
    let cursor: string | null = null;
    let next = 0;
    do {
      const step: { cursor: string | null; keys: Uint8Array[] } = await store.scan({ cursor, count: some(20) });
      for (const key of step.keys) seen.add(textOf(key)!);
      cursor = step.cursor;
      for (let i = 0; i < fewer(2000) && next < fewer(60_000); i++) await store.set(`new:${next++}`, "v");
      if (next % 3 === 0) await store.del(`new:${next - 1}`);
    } while (cursor !== null);
    for (const key of stable) assert(seen.has(key), key);
  });

  check("scan and keys match globs and types", async (store) => {
    await setAll(
      store,
      ["user:1", "user:2", "user:10", "cart:1", "we*ird", "é"].map((key): [string, string] => [key, "v"]),
    );
    assertEquals(await collect(store, { match: "user:?" }), ["user:1", "user:2"]);
    assertEquals(await collect(store, { match: "*:1*" }), ["cart:1", "user:1", "user:10"]);
    assertEquals(await collect(store, { match: "we\\*ird" }), ["we*ird"]);
    assertEquals(await collect(store, { match: bytes("[^u]*:[0-1]") }), ["cart:1"]);
    assertEquals(await collect(store, { match: "é" }), ["é"]);
    assertEquals(await collect(store, { match: "nothing" }), []);
    assertEquals((await collect(store, { type: "string" })).length, 6);
    assertEquals(await collect(store, { type: "hash" }), []);
  });

  check("scan refuses a cursor, a count and a pattern that make no sense", async (store) => {
    await store.set("k", "v");
    for (const cursor of ["x", "-1", "1.5", "", 5 as never, "99999999999999999999"]) {
      await assertFails(() => store.scan({ cursor }), "OUT_OF_RANGE", "cursor");
    }
    for (const count of [0, -1, 1.5, NaN, "5" as never]) {
      await assertFails(() => store.scan({ count }), "OUT_OF_RANGE", "count");
    }
    await assertFails(() => store.scan({ match: 5 as never }), "WRONG_TYPE", "match");
  });

  check("size counts keys, clear removes all", async (store) => {
    for (let i = 0; i < 100; i++) await store.set(`k${i}`, "v");
    await store.set("big", pattern(70_000));
    assertEquals(await store.size(), 101);
    await store.clear();
    assertEquals(await store.size(), 0);
    assertEquals(await store.get("k1"), null);
    assertEquals((await store.scan()).keys, []);
    await store.set("k1", "again");
    assertEquals(textOf(await store.get("k1")), "again");
  });

  check("stats say what the store holds", async (store) => {
    await store.set("k", pattern(1000));
    await store.get("k");
    await store.get("none");
    await store.mget(["k", "none"]);
    const stats = store.stats();
    assertEquals([stats.keys, stats.hits, stats.misses], [1, 2, 2]);
    assert(stats.liveBytes >= 1001 && stats.liveBytes <= 1100);
    assert(stats.memoryBytes > 0 && stats.memoryBytes <= stats.maxBytes);
  });
}

function msetSuite(check: (what: string, run: (store: Face) => Promise<void>) => void): void {
  check("mset writes all, the last one of a key counts", async (store) => {
    await store.mset(new Map([["a", "1"], ["b", "2"]]));
    await store.mset([["a", "3"], ["a", "4"], ["big", pattern(40_000)]]);
    assertEquals((await store.mget(["a", "b"])).map(textOf), ["4", "2"]);
    assert(sameBytes(await store.get("big"), pattern(40_000)));
    await store.mset([]);
    await store.mset([["t", "v"]], { ttl: 10_000 });
    assert((await store.ttl("t"))! > 9000);
  });
}

/** Sets keys one by one. */
async function setAll(store: Face, entries: [Key, string | Uint8Array][]): Promise<void> {
  await Promise.all(entries.map(([key, value]) => store.set(key, value)));
}

async function collect(store: Face, options?: { match?: Key; type?: "string" | "hash" }): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys(options)) keys.push(textOf(key)!);
  return keys.sort();
}
