import { assertEquals } from "./assert.ts";
import type { Check } from "./check.ts";
import { contentOf, contentsOf, fillKinds } from "./contents.ts";

/** What stores must do that cannot write to several keys at once: refuse it, with nothing changed. */
export function checkSeveralKeys(check: Check): void {
  const { assertFails, kinds, types } = check;

  check("what would write to two keys at once is refused, and changes neither", async (store) => {
    await fillKinds(store, kinds);
    const before = await contentsOf(store, kinds);
    const calls: (() => unknown)[] = [];
    for (const { type } of kinds) {
      calls.push(() => store.rename(`a ${type}`, "new"));
      for (const { type: other } of kinds) {
        if (other !== type) calls.push(() => store.rename(`a ${type}`, `a ${other}`));
      }
    }
    if (types.has("list")) calls.push(() => store.lmove("a list", "new", "left", "left"));
    if (types.has("set")) calls.push(() => store.smove("a set", "new", "a"));
    for (const call of calls) await assertFails(call, "UNSUPPORTED", "several keys");
    assertEquals(await contentsOf(store, kinds), before);
    assertEquals(await store.exists("new"), false);
  });

  check("what concerns two keys and writes to one or to none is done", async (store) => {
    await fillKinds(store, kinds);
    assertEquals(await store.rename("none", "new"), false);
    for (const { type } of kinds) assertEquals(await store.rename(`a ${type}`, "a string", { ifAbsent: true }), false);
    if (types.has("list")) {
      assertEquals(await store.lmove("none", "a list", "left", "left"), null);
      await store.lmove("a list", "a list", "left", "right");
      assertEquals(await contentOf(store, "a list"), "list b,c,a");
    }
    if (types.has("set")) {
      assertEquals(await store.smove("a set", "new", "none"), false);
      assertEquals(await store.sunionStore("union", ["a set", "none"]), 3);
    }
    for (const { type } of kinds) assertEquals(await store.copy(`a ${type}`, `copy of ${type}`), true);
  });
}
