import { assert, assertBetween, assertBytes, assertEquals } from "./assert.ts";
import { pattern } from "./bytes.ts";
import type { Check } from "./check.ts";
import { contentOf, CONTENTS } from "./contents.ts";

/** What `rename` and `copy` do. */
export function checkNames(check: Check): void {
  const { assertFails, kinds } = check;

  check("rename moves what a key holds, with its expiry, over whatever there was", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of kinds) {
        for (const { type: other, add: addOther } of kinds) {
          await add(store, "from", content);
          const before = await contentOf(store, "from");
          await addOther(store, "to", ["old"]);
          await store.expire("to", 60_000);
          assertEquals(await store.rename("from", "to"), true, `${type} over ${other}`);
          assertEquals([await contentOf(store, "to"), await contentOf(store, "from")], [before, null]);
          assertEquals([await store.ttl("to"), await store.size()], [Infinity, 1]);
          await store.expire("to", 60_000);
          assertEquals(await store.rename("to", "from"), true);
          assertBetween(await store.ttl("from"), 50_000, 60_001, "ttl");
          assertEquals([await store.ttl("to"), await contentOf(store, "from")], [null, before]);
          await store.del("from");
        }
      }
    }
  }, "transactions");

  check("rename needs a key, with ifAbsent a free one too; a key keeps its own name", async (store) => {
    assertEquals([await store.rename("none", "k"), await store.rename("none", "none")], [false, false]);
    for (const { type, add } of kinds) {
      await add(store, type, ["a"]);
      const before = await contentOf(store, type);
      assertEquals(await store.rename(type, type), true);
      assertEquals(await store.rename(type, type, { ifAbsent: true }), false);
      await store.set("taken", "v");
      assertEquals(await store.rename(type, "taken", { ifAbsent: true }), false);
      assertEquals([await contentOf(store, type), await contentOf(store, "taken")], [before, "string v"]);
      assertEquals(await store.rename(type, "free", { ifAbsent: true }), true);
      assertEquals([await contentOf(store, type), await contentOf(store, "free")], [null, before]);
      await store.clear();
    }
    await store.set("k", pattern(200_000));
    await store.rename("k", "other");
    assertBytes(await store.get("other"), pattern(200_000));
    await assertFails(() => store.rename("other", "k".repeat(65_536)), "TOO_LARGE");
    assertEquals(await store.exists("other"), true);
  }, "transactions");

  check("copy makes another of what a key holds, with its expiry", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of kinds) {
        await add(store, "from", content);
        const before = await contentOf(store, "from");
        const { hits, misses } = store.stats();
        assertEquals(await store.copy("from", "to"), true, type);
        assertEquals([store.stats().hits, store.stats().misses], [hits, misses], "it is no read of a value");
        assertEquals([await contentOf(store, "to"), await store.ttl("to")], [before, Infinity]);
        await add(store, "to", ["more"]);
        assertEquals(await contentOf(store, "from"), before);
        const changed = await contentOf(store, "to");
        assert(changed !== before, "what was added to the copy is not there");
        assertEquals(await store.copy("from", "to"), false);
        assertEquals(await contentOf(store, "to"), changed);
        await store.expire("from", 60_000);
        assertEquals(await store.copy("from", "to", { replace: true }), true);
        assertEquals(await contentOf(store, "to"), before);
        assertBetween(await store.ttl("to"), 50_000, 60_001, "ttl of the copy");
        await store.del("from");
        assertEquals(await contentOf(store, "to"), before);
        assertEquals(await store.copy("from", "to", { replace: true }), false);
        assertEquals(await contentOf(store, "to"), before);
        await store.clear();
      }
    }
  });

  check("copy writes over every type only when told to", async (store) => {
    for (const { type, add } of kinds) {
      for (const { type: other, add: addOther } of kinds) {
        await add(store, "from", ["a", "b"]);
        await addOther(store, "to", CONTENTS[1]);
        await store.expire("to", 60_000);
        assertEquals(await store.copy("from", "to"), false);
        assertEquals(await store.type("to"), other);
        assertEquals(await store.copy("from", "to", { replace: true }), true);
        assertEquals([await contentOf(store, "to"), await store.ttl("to")], [await contentOf(store, "from"), Infinity]);
        assertEquals(await store.type("to"), type);
        await store.clear();
      }
    }
    assertEquals(await store.copy("none", "to"), false);
    await store.set("k", pattern(200_000));
    assertEquals([await store.copy("k", "k"), await store.copy("k", "other")], [false, true]);
    await store.setRange("k", 100_000, "changed");
    assertBytes(await store.get("other"), pattern(200_000));
  });
}
