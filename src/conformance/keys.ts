import { assert, assertBetween, assertEquals } from "./assert.ts";
import { bytes, pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import { fillKinds, keysOf } from "./contents.ts";
import type { Face } from "./face.ts";
import { texts } from "./texts.ts";

/** What a store tells of its keys: their types, which there are, how many, and what they take. */
export function checkKeys(check: Check): void {
  const { assertFails, kinds, some } = check;

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
    await Promise.all(expected.map((key) => store.set(key, "v")));
    await store.set("big", pattern(50_000));
    for (const count of [1, 7, 100, 100_000]) {
      assertEquals([...await scanAll(store, count)].sort(), ["big", ...expected].sort());
    }
  });

  check("scan returns every key that is there all the time, while others come and go", async (store) => {
    const fewer = (count: number) => some(some(count)); // of steps, and in each
    const stable = Array.from({ length: some(500) }, (_, i) => `stable:${i}`);
    for (const key of stable) await store.set(key, "v");
    let next = 0;
    const seen = await scanAll(store, some(20), async () => {
      for (let i = 0; i < fewer(2000) && next < fewer(60_000); i++) await store.set(`new:${next++}`, "v");
      if (next % 3 === 0) await store.del(`new:${next - 1}`);
    });
    for (const key of stable) assert(seen.has(key), `${key} was there all the time, and was not found`);
  });

  check("scan and keys match globs and types", async (store) => {
    for (const key of ["user:1", "user:2", "user:10", "cart:1", "we*ird", "é"]) await store.set(key, "v");
    assertEquals(await keysOf(store, { match: "user:?" }), ["user:1", "user:2"]);
    assertEquals(await keysOf(store, { match: "*:1*" }), ["cart:1", "user:1", "user:10"]);
    assertEquals(await keysOf(store, { match: "we\\*ird" }), ["we*ird"]);
    assertEquals(await keysOf(store, { match: bytes("[^u]*:[0-1]") }), ["cart:1"]);
    assertEquals(await keysOf(store, { match: "é" }), ["é"]);
    assertEquals(await keysOf(store, { match: "nothing" }), []);
    assertEquals((await keysOf(store, { type: "string" })).length, 6);
    assertEquals(await keysOf(store, { type: "hash" }), []);
  });

  check("scan and keys tell types apart", async (store) => {
    await fillKinds(store, kinds);
    for (const { type } of kinds) {
      assertEquals(await keysOf(store, { type }), [`a ${type}`]);
      assertEquals(texts((await store.scan({ type, count: 1000 })).keys), [`a ${type}`]);
    }
    assertEquals(await keysOf(store), kinds.map(({ type }) => `a ${type}`).sort());
  });

  check("scan refuses a cursor, a count, a type and a pattern that make no sense", async (store) => {
    await store.set("k", "v");
    for (const cursor of ["x", "-1", "1.5", "", 5 as never, "99999999999999999999"]) {
      await assertFails(() => store.scan({ cursor }), "OUT_OF_RANGE", "cursor");
    }
    for (const count of [0, -1, 1.5, NaN, Infinity, "5" as never]) {
      await assertFails(() => store.scan({ count }), "OUT_OF_RANGE", "count");
    }
    await assertFails(() => store.scan({ match: 5 as never }), "WRONG_TYPE", "match");
    for (const type of ["", "zzz", null, 5] as never[]) {
      await assertFails(() => store.scan({ type }), "OUT_OF_RANGE", "type");
      await assertFails(() => keysOf(store, { type }), "OUT_OF_RANGE", "type");
    }
  });

  check("size counts keys, clear removes all", async (store) => {
    for (let i = 0; i < 100; i++) await store.set(`k${i}`, "v");
    await store.set("big", pattern(70_000));
    assertEquals(await store.size(), 101);
    await store.clear();
    assertEquals(await store.size(), 0, "size after clear");
    assertEquals(await store.get("k1"), null, "get after clear");
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
    assertEquals([stats.keys, stats.hits, stats.misses], [1, 2, 2], "keys, hits and misses");
    assertBetween(stats.liveBytes, 1001, 1100, "liveBytes");
    assertBetween(stats.memoryBytes, 1, stats.maxBytes, "memoryBytes");
  });
}

/** The keys that a whole scan gives, with something done after each step. */
async function scanAll(store: Face, count: number, meanwhile?: () => Promise<void>): Promise<Set<string>> {
  const seen = new Set<string>();
  let cursor: string | null = null;
  let steps = 0;
  do {
    const step: { cursor: string | null; keys: Uint8Array[] } = await store.scan({ cursor, count });
    for (const key of step.keys) seen.add(textOf(key)!);
    cursor = step.cursor;
    assert(++steps < 200_000, "the scan does not end");
    await meanwhile?.();
  } while (cursor !== null);
  return seen;
}
