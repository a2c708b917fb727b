import { assertBetween, assertBytes, assertEquals } from "./assert.ts";
import { pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";

/** What `mget` and `mset` do. */
export function checkStringBatches(check: Check): void {
  const { assertFails, capabilities } = check;

  check("mget keeps the order, with doubles and gaps", async (store) => {
    const count = check.some(1000) + 1;
    const keys = Array.from({ length: count }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key, i) => i % 3 > 0 && store.set(key, `v${key}`)));
    const values = await store.mget([...keys, "key:1", "key:1"]);
    values.forEach((value, i) => {
      const key = i < count ? keys[i] : "key:1";
      assertEquals(textOf(value), i < count && i % 3 === 0 ? null : `v${key}`);
    });
    assertEquals(values.length, count + 2);
    assertEquals(await store.mget([]), []);
  });

  check("mget reads values of every length, with and without expiry, in one batch", async (store) => {
    // Lengths around those from which values are copied in another way.
    const mixed = Array.from(
      { length: 300 },
      (_, i) => ({ key: `mixed:${i}`, length: [0, 1, 100, 1023, 1024, 1025, 20_000][i % 7] }),
    );
    for (const [i, { key, length }] of mixed.entries()) {
      await store.set(key, pattern(length, i), i % 3 === 0 ? { ttl: 60_000 } : {});
    }
    const read = await store.mget(mixed.flatMap(({ key }) => [key, "none"]));
    for (const [i, { key, length }] of mixed.entries()) {
      assertBytes(read[2 * i], pattern(length, i), key);
      assertEquals(read[2 * i + 1], null);
    }
  });

  if (capabilities.transactions) {
    check("mset writes all, the last one of a key counts", async (store) => {
      await store.mset(new Map([["a", "1"], ["b", "2"]]));
      await store.mset([["a", "3"], ["a", "4"], ["big", pattern(40_000)]]);
      assertEquals((await store.mget(["a", "b"])).map(textOf), ["4", "2"]);
      assertBytes(await store.get("big"), pattern(40_000));
      await store.mset([]);
      await store.mset([["t", "v"]], { ttl: 10_000 });
      assertBetween(await store.ttl("t"), 9000, 10_001, "ttl");
    });
  } else {
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
}
