import { assertBetween, assertBytes, assertEquals } from "./assert.ts";
import { pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";

/** What `update` does. */
export function checkUpdates(check: Check): void {
  const { assertFails } = check;

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
    assertBytes(await store.get("k"), big);
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
    assertBetween(await store.ttl("k"), 50_000, 60_001, "ttl");
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

  check("update: the function must not be async, whatever it comes to", async (store) => {
    await store.set("k", "1");
    const late = async () => {
      throw new Error("nobody waits for this");
    };
    await assertFails(() => store.update("k", late as never), "WRONG_TYPE");
    assertEquals(textOf(await store.get("k")), "1");
  });

  check("update keeps the expiry, or sets a new one", async (store) => {
    await store.set("k", "v", { ttl: 60_000 });
    await store.update("k", () => "w");
    assertBetween(await store.ttl("k"), 50_000, 60_001, "ttl");
    await store.update("k", () => "x", { ttl: 5000 });
    assertBetween(await store.ttl("k"), 1, 5000, "ttl");
    await assertFails(() => store.update("k", () => "y", { ttl: 0 }), "OUT_OF_RANGE");
    assertEquals(textOf(await store.get("k")), "x");
  });
}
