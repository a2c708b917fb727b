import { assert, assertBytes, assertEquals, assertTexts } from "./assert.ts";
import { pattern } from "./bytes.ts";
import type { Check } from "./check.ts";
import { contentOf, CONTENTS } from "./contents.ts";
import { texts } from "./texts.ts";

/** What lists, hashes, sets and sorted sets have in common. */
export function checkCollections(check: Check): void {
  const { assertFails, capabilities, collections, longestKey } = check;
  if (collections.length === 0) return;

  check("type, exists and size know collections, del and clear remove them", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of collections) {
        await add(store, type, content);
        assertEquals([await store.type(type), await store.exists(type)], [type, true]);
      }
      assertEquals(await store.size(), collections.length);
      for (const { type } of collections) {
        assertEquals([await store.del(type), await store.del(type)], [true, false]);
        assertEquals([await store.type(type), await store.exists(type)], [null, false]);
      }
      assertEquals(await store.size(), 0);
      for (const { type, add } of collections) await add(store, type, content);
      await store.clear();
      assertEquals([await store.size(), await store.exists(collections[0].type)], [0, false]);
    }
  });

  for (const { type, add, read, emptying } of collections) {
    check(`a ${type} disappears with its last element, expiry and all`, async (store) => {
      for (const [method, empty] of Object.entries(emptying)) {
        if (!capabilities.transactions && /^[ls]move$/.test(method)) continue;
        await add(store, "k", ["a", "b", "c"]);
        await store.expire("k", 60_000);
        await empty(store, "k");
        assertEquals(
          [await store.exists("k"), await store.type("k"), await store.ttl("k")],
          [false, null, null],
          method,
        );
        assertEquals([await store.size(), await read(store, "k")], [0, ""], method);
        await add(store, "k", ["d"]);
        assertEquals(await store.ttl("k"), Infinity, method);
        await store.del("k");
      }
    });
  }

  check("set and mset write over collections, ifPresent sees them", async (store) => {
    for (const { type, add } of collections) {
      await add(store, type, CONTENTS[1]);
      await store.expire(type, 60_000);
      assertEquals(await store.set(type, "v", { ifAbsent: true }), false);
      assertEquals(await store.type(type), type);
      assertEquals(await store.set(type, "v", { ifPresent: true }), true);
      assertEquals([await contentOf(store, type), await store.ttl(type)], ["string v", Infinity]);
      await store.del(type);
      await add(store, type, CONTENTS[1]);
      await store.mset([[type, "w"]]);
      assertEquals([await contentOf(store, type), await store.ttl(type)], ["string w", Infinity]);
    }
    assertEquals(await store.size(), collections.length);
  });

  check(`a key of a collection has up to ${longestKey} bytes`, async (store) => {
    const longest = "k".repeat(longestKey);
    for (const { add, read } of collections) {
      await add(store, longest, ["a"]);
      const content = await read(store, longest);
      assert(content.startsWith("a"), `the longest key holds ${content}`);
      await assertFails(() => add(store, longest + "k", ["a"]), "TOO_LARGE");
      assertEquals(await store.del(longest), true);
      await add(store, "", ["a"]);
      assertEquals([await read(store, ""), await store.del("")], [content, true]);
    }
  });

  check("results are copies: neither side's changes reach the other", async (store) => {
    for (const { type, put, reads } of collections) {
      for (const length of [3, 600, 60_000]) {
        const given = pattern(length);
        await put(store, type, given);
        given.fill(7);
        // Twice, so that the second time shows what changing the results of the first has done.
        for (let i = 0; i < 2; i++) {
          const results = [];
          for (const read of reads) results.push(await read(store, type));
          for (const [which, values] of results.entries()) {
            assertEquals(values.length, 1);
            assertBytes(values[0], pattern(length), `what ${reads[which]} gives`);
            values[0]!.fill(9);
          }
        }
        await store.clear();
      }
    }
  });

  check("long results stay what they are while the store changes", async (store) => {
    const [, content] = CONTENTS;
    for (const { type, add } of collections) await add(store, type, content);
    const results = [];
    for (const { type, readAll } of collections) results.push(await readAll(store, type));
    const before = results.map(texts);
    const sizes = collections.map(({ type }) => type === "hash" ? 2 * content.length : content.length);
    assertEquals(before.map((found) => found.length), sizes);
    await store.clear();
    for (const { type, add } of collections) await add(store, type, content.map((name) => `x${name}`));
    results.forEach((result, i) => assertTexts(texts(result), before[i]));
  });
}
