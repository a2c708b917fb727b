import { assert, assertBetween, assertBytes, assertEquals } from "./assert.ts";
import { bytes, pattern, sleep, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import { contentOf, CONTENTS, keysOf } from "./contents.ts";

/** When keys go, and what tells and changes that. */
export function checkExpiry(check: Check): void {
  const { assertFails } = check;

  check("ttl: null for no key, Infinity for no expiry, else what is left", async (store) => {
    assertEquals(await store.ttl("k"), null);
    await store.set("k", "v");
    assertEquals(await store.ttl("k"), Infinity);
    await store.set("k", "v", { ttl: 10_000 });
    assertBetween(await store.ttl("k"), 9000, 10_001, "ttl");
    await store.set("k", "w", { keepTtl: true });
    assertBetween(await store.ttl("k"), 9000, 10_001, "ttl after keepTtl");
    await store.set("k", "x");
    assertEquals(await store.ttl("k"), Infinity);
  });

  check("a key is gone when its time has come, for every operation", async (store) => {
    const gone = Array.from({ length: 12 }, (_, i) => `gone:${i}`);
    for (const key of gone) await store.set(key, "7", { ttl: 15 });
    await store.set("stays", "7");
    await store.set("big", pattern(50_000), { ttl: 15 });
    await sleep(30);
    assertEquals(await store.get(gone[0]), null, "get of a key that has expired");
    assertEquals(await store.exists(gone[1]), false, "exists of a key that has expired");
    assertEquals(await store.del(gone[2]), false, "del of a key that has expired");
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
    assertEquals(await keysOf(store), ["gone:11", "gone:4", "gone:5", "stays"]);
  });

  check("expire and persist change when a key goes, not what it holds", async (store) => {
    const values: [string, Uint8Array][] = [["small", bytes("v")], ["big", pattern(60_000)]];
    for (const [key, value] of values) {
      assertEquals(await store.expire(key, 1000), false);
      await store.set(key, value);
      assertEquals(await store.persist(key), false);
      assertEquals(await store.expire(key, 50_000), true);
      assertBetween(await store.ttl(key), 40_000, 50_001, "ttl");
      assertEquals(await store.expire(key, 9000), true);
      assertBetween(await store.ttl(key), 1, 9001, "ttl");
      assertEquals(await store.persist(key), true);
      assertEquals(await store.ttl(key), Infinity);
      assertBytes(await store.get(key), value);
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
    assertBetween(await store.ttl("k"), 7001, 8001, "ttl");
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

  if (check.collections.length > 0) checkCollectionExpiry(check);
}

function checkCollectionExpiry(check: Check): void {
  const { collections, kinds, types } = check;

  check("expire, ttl and persist work on collections, and changes keep the expiry", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of collections) {
        assertEquals(await store.expire(type, 1000), false);
        await add(store, type, content);
        const before = await contentOf(store, type);
        assertEquals([await store.ttl(type), await store.persist(type)], [Infinity, false]);
        assertEquals(await store.expire(type, 50_000), true);
        assertEquals(await contentOf(store, type), before);
        await add(store, type, ["one more"]);
        assertBetween(await store.ttl(type), 40_000, 50_001, "ttl");
        assertEquals(await store.expire(type, 9000, { when: "later" }), false);
        assertEquals([await store.persist(type), await store.ttl(type)], [true, Infinity]);
        await store.del(type);
      }
    }
  });

  check("an element that moves within one key does not take the expiry with it", async (store) => {
    const moves = {
      list: () => store.lmove("list", "list", "left", "right"),
      set: () => store.smove("set", "set", "a"),
    };
    for (const { type, add } of collections) {
      if (type !== "list" && type !== "set") continue;
      await add(store, type, ["a"]);
      await store.expire(type, 60_000);
      await moves[type]();
      assertBetween(await store.ttl(type), 50_000, 60_001, `ttl of the ${type}`);
    }
  });

  check("a collection whose time has come is gone, and its key can hold another type", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of collections) {
        for (const { type: next } of kinds) {
          await add(store, `${type} then ${next}`, content);
          await store.expire(`${type} then ${next}`, 20);
        }
      }
      await sleep(40);
      for (const { type, read } of collections) {
        for (const { type: next, add } of kinds) {
          const key = `${type} then ${next}`;
          assertEquals([await read(store, key), await store.exists(key), await store.ttl(key)], ["", false, null]);
          await add(store, key, ["new"]);
          assertEquals([await store.type(key), await store.ttl(key)], [next, Infinity]);
          const content = await contentOf(store, key);
          assert(content?.startsWith(`${next} new`), `${content} is no new ${next}`);
        }
      }
      await store.clear();
    }
  });

  check("what has expired is no source and no obstacle", async (store) => {
    for (const { type, add } of collections) {
      await add(store, type, CONTENTS[1]);
      await store.expire(type, 15);
    }
    await sleep(30);
    if (types.has("list")) {
      assertEquals(await store.lpushx("list", ["a"]), 0);
      assertEquals(await store.lmove("list", "new", "left", "left"), null);
    }
    if (types.has("hash")) {
      assertEquals(await store.hsetnx("hash", "e000001", "v"), true);
      assertEquals(await contentOf(store, "hash"), "hash e000001=v");
    }
    if (types.has("set")) assertEquals(await store.sunionStore("new", ["set"]), 0);
    if (types.has("zset")) assertEquals(await store.zadd("zset", [[1, "e000001"]], { ifPresent: true }), 0);
    for (const { type, add } of collections) {
      if (type === "hash") continue; // which is there anew
      assertEquals([await store.rename(type, "new"), await store.copy(type, "new")], [false, false]);
      await add(store, `live ${type}`, ["a"]);
      assertEquals(await store.copy(`live ${type}`, type), true);
      assertEquals(await contentOf(store, type), await contentOf(store, `live ${type}`));
    }
  });
}
