import { about, assertEquals } from "./assert.ts";
import { CALLS, COMBINING } from "./calls.ts";
import type { Check } from "./check.ts";
import { contentsOf, fillKinds } from "./contents.ts";

/** What every operation does on a key that holds another type. */
export function checkWrongTypes(check: Check): void {
  const { assertFails, collections, kinds } = check;
  if (collections.length === 0) return;

  for (const { type } of kinds) {
    check(`operations on a ${type} refuse keys of every other type, and change nothing`, async (store) => {
      await fillKinds(store, kinds);
      const before = await contentsOf(store, kinds);
      for (const other of kinds.filter((kind) => kind.type !== type)) {
        for (const [name, call] of Object.entries(CALLS[type])) {
          await about(
            `${name} on a ${other.type}`,
            () => assertFails(() => call(store, `a ${other.type}`), "WRONG_TYPE"),
          );
        }
      }
      assertEquals([await contentsOf(store, kinds), await store.size()], [before, kinds.length]);
    });
  }

  check("operations that put sorted sets together refuse what is neither a sorted set nor a set", async (store) => {
    await fillKinds(store, kinds);
    const before = await contentsOf(store, kinds);
    for (const { type } of kinds) {
      if (type === "set" || type === "zset") continue;
      for (const [name, call] of Object.entries(COMBINING)) {
        await about(`${name} on a ${type}`, () => assertFails(() => call(store, `a ${type}`), "WRONG_TYPE"));
      }
    }
    assertEquals([await contentsOf(store, kinds), await store.size()], [before, kinds.length]);
  }, "sortedSets");
}
