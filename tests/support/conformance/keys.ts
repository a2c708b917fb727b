import { assert, assertEquals } from "@std/assert";
import { pattern, sameBytes, sleep, textOf } from "../bytes.ts";
import { assertFails } from "../errors.ts";
import { CALLS, COMBINING } from "./calls.ts";
import { assertTexts, type Check, type Face, texts } from "./face.ts";
import { COLLECTIONS, contentOf, CONTENTS, KINDS } from "./kinds.ts";

/** What collections are as keys: whatever is the same for all types. */
export function keyConformance(check: Check): void {
  wrongTypes(check);
  presence(check);
  expiry(check);
  renaming(check);
  copying(check);
}

/** A key of each type, named after it. */
async function fillAll(store: Face): Promise<void> {
  for (const kind of KINDS) await kind.add(store, `a ${kind.type}`, ["a", "b", "c"]);
}

async function contents(store: Face): Promise<(string | null)[]> {
  const found = [];
  for (const { type } of KINDS) found.push(await contentOf(store, `a ${type}`));
  return found;
}

function wrongTypes(check: Check): void {
  for (const { type } of KINDS) {
    check(`operations on a ${type} refuse keys of every other type, and change nothing`, async (store) => {
      await fillAll(store);
      const before = await contents(store);
      for (const other of KINDS.filter((kind) => kind.type !== type)) {
        for (const [name, call] of Object.entries(CALLS[type])) {
          const run = () => call(store, `a ${other.type}`);
          await assertFails(run, "WRONG_TYPE").catch((error) => {
            throw new Error(`${name} on a ${other.type}: ${error.message}`, { cause: error });
          });
        }
      }
      assertEquals([await contents(store), await store.size()], [before, KINDS.length]);
    });
  }

  check("operations that put sorted sets together refuse what is neither a sorted set nor a set", async (store) => {
    await fillAll(store);
    const before = await contents(store);
    for (const type of ["string", "list", "hash"]) {
      for (const call of Object.values(COMBINING)) await assertFails(() => call(store, `a ${type}`), "WRONG_TYPE");
    }
    assertEquals([await contents(store), await store.size()], [before, KINDS.length]);
  });
}

function presence(check: Check): void {
  check("type, exists and size know collections, del and clear remove them", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of COLLECTIONS) {
        await add(store, type, content);
        assertEquals([await store.type(type), await store.exists(type)], [type, true]);
      }
      assertEquals(await store.size(), COLLECTIONS.length);
      for (const { type } of COLLECTIONS) {
        assertEquals([await store.del(type), await store.del(type)], [true, false]);
        assertEquals([await store.type(type), await store.exists(type)], [null, false]);
      }
      assertEquals(await store.size(), 0);
      for (const { type, add } of COLLECTIONS) await add(store, type, content);
      await store.clear();
      assertEquals([await store.size(), await store.exists("list")], [0, false]);
    }
  });

  for (const { type, add, read, emptying } of COLLECTIONS) {
    check(`a ${type} disappears with its last element, expiry and all`, async (store) => {
      for (const [method, empty] of Object.entries(emptying)) {
        if (!check.capabilities.transactions && /^[ls]move$/.test(method)) continue;
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

  check("scan and keys tell types apart", async (store) => {
    await fillAll(store);
    for (const { type } of KINDS) {
      const found = [];
      for await (const key of store.keys({ type })) found.push(textOf(key));
      assertEquals(found, [`a ${type}`]);
      assertEquals(texts((await store.scan({ type, count: 1000 })).keys), [`a ${type}`]);
    }
    const all = [];
    for await (const key of store.keys()) all.push(textOf(key));
    assertEquals(all.sort(), KINDS.map(({ type }) => `a ${type}`).sort());
  });

  check("set and mset write over collections, ifPresent sees them", async (store) => {
    for (const { type, add } of COLLECTIONS) {
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
    assertEquals(await store.size(), COLLECTIONS.length);
  });

  check(`a key of a collection has up to ${check.longestKey} bytes`, async (store) => {
    const longest = "k".repeat(check.longestKey);
    for (const { add, read } of COLLECTIONS) {
      await add(store, longest, ["a"]);
      assert((await read(store, longest)).startsWith("a"));
      await assertFails(() => add(store, longest + "k", ["a"]), "TOO_LARGE");
      assertEquals(await store.del(longest), true);
    }
    await store.rpush("", ["a"]);
    assertEquals(await contentOf(store, ""), "list a");
  });

  check("results are copies: neither side's changes reach the other", async (store) => {
    for (const length of [3, 600, 60_000]) {
      const given = pattern(length);
      await store.rpush("l", [given]);
      await store.hset("h", "f", given);
      await store.sadd("s", [given]);
      await store.zadd("z", [[1, given]]);
      given.fill(7);
      const read = async () => [
        (await store.lrange("l", 0, -1))[0],
        (await store.lindex("l", 0))!,
        (await store.hget("h", "f"))!,
        (await store.hgetall("h"))[0][1],
        (await store.smembers("s"))[0],
        (await store.zrange("z", 0, -1))[0],
        (await store.zrangeWithScores("z", 0, -1))[0][0],
      ];
      for (const value of await read()) {
        assert(sameBytes(value, pattern(length)));
        value.fill(9);
      }
      for (const value of await read()) assert(sameBytes(value, pattern(length)));
      await store.clear();
    }
  });

  check("long results stay what they are while the store changes", async (store) => {
    const [, content] = CONTENTS;
    for (const { type, add } of COLLECTIONS) await add(store, type, content);
    const list = await store.lrange("list", 0, -1);
    const hash = await store.hgetall("hash");
    const set = await store.smembers("set");
    const zset = await store.zrangeWithScores("zset", 0, -1);
    await store.clear();
    for (const { type, add } of COLLECTIONS) await add(store, type, content.map((name) => `x${name}`));
    assertTexts(texts(list), content);
    assertTexts(texts(hash.map(([field]) => field)).sort(), content);
    assertTexts(texts(hash.map(([, value]) => value)).sort(), content.map((name) => `v${name}`));
    assertTexts(texts(set).sort(), content);
    assertTexts(texts(zset.map(([member]) => member)), content);
  });
}

function expiry(check: Check): void {
  check("expire, ttl and persist work on collections, and changes keep the expiry", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of COLLECTIONS) {
        assertEquals(await store.expire(type, 1000), false);
        await add(store, type, content);
        const before = await contentOf(store, type);
        assertEquals([await store.ttl(type), await store.persist(type)], [Infinity, false]);
        assertEquals(await store.expire(type, 50_000), true);
        assertEquals(await contentOf(store, type), before);
        await add(store, type, ["one more"]);
        const left = (await store.ttl(type))!;
        assert(left > 40_000 && left <= 50_001, `${left}`);
        assertEquals(await store.expire(type, 9000, { when: "later" }), false);
        assertEquals([await store.persist(type), await store.ttl(type)], [true, Infinity]);
        await store.del(type);
      }
    }
  });

  check("an element that moves within one key does not take the expiry with it", async (store) => {
    await store.rpush("list", ["a"]);
    await store.sadd("set", ["a"]);
    for (const key of ["list", "set"]) await store.expire(key, 60_000);
    await store.lmove("list", "list", "left", "right");
    await store.smove("set", "set", "a");
    for (const key of ["list", "set"]) assert((await store.ttl(key))! < 60_001, key);
  });

  check("a collection whose time has come is gone, and its key can hold another type", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of COLLECTIONS) {
        for (const { type: next } of KINDS) {
          await add(store, `${type} then ${next}`, content);
          await store.expire(`${type} then ${next}`, 20);
        }
      }
      await sleep(40);
      for (const { type, read } of COLLECTIONS) {
        for (const { type: next, add } of KINDS) {
          const key = `${type} then ${next}`;
          assertEquals([await read(store, key), await store.exists(key), await store.ttl(key)], ["", false, null]);
          await add(store, key, ["new"]);
          assertEquals([await store.type(key), await store.ttl(key)], [next, Infinity]);
          assert((await contentOf(store, key))!.startsWith(`${next} new`));
        }
      }
      await store.clear();
    }
  });

  check("what has expired is no source and no obstacle", async (store) => {
    for (const { type, add } of COLLECTIONS) {
      await add(store, type, CONTENTS[1]);
      await store.expire(type, 15);
    }
    await sleep(30);
    assertEquals(await store.lpushx("list", ["a"]), 0);
    assertEquals(await store.lmove("list", "new", "left", "left"), null);
    assertEquals(await store.hsetnx("hash", "e000001", "v"), true);
    assertEquals(await store.sunionStore("new", ["set"]), 0);
    assertEquals(await store.zadd("zset", [[1, "e000001"]], { ifPresent: true }), 0);
    assertEquals([await store.rename("list", "new"), await store.copy("set", "new")], [false, false]);
    await store.rpush("live", ["a"]);
    assertEquals(await store.copy("live", "zset"), true);
    assertEquals([await contentOf(store, "hash"), await contentOf(store, "zset")], ["hash e000001=v", "list a"]);
  });
}

function renaming(check: Check): void {
  check("rename moves what a key holds, with its expiry, over whatever there was", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of KINDS) {
        for (const { type: other, add: addOther } of KINDS) {
          await add(store, "from", content);
          const before = await contentOf(store, "from");
          await addOther(store, "to", ["old"]);
          await store.expire("to", 60_000);
          assertEquals(await store.rename("from", "to"), true, `${type} over ${other}`);
          assertEquals([await contentOf(store, "to"), await contentOf(store, "from")], [before, null]);
          assertEquals([await store.ttl("to"), await store.size()], [Infinity, 1]);
          await store.expire("to", 60_000);
          assertEquals(await store.rename("to", "from"), true);
          assert((await store.ttl("from"))! < 60_001);
          assertEquals([await store.ttl("to"), await contentOf(store, "from")], [null, before]);
          await store.del("from");
        }
      }
    }
  }, "transactions");

  check("rename needs a key, with ifAbsent a free one too; a key keeps its own name", async (store) => {
    assertEquals([await store.rename("none", "k"), await store.rename("none", "none")], [false, false]);
    for (const { type, add } of KINDS) {
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
    assert(sameBytes(await store.get("other"), pattern(200_000)));
    await assertFails(() => store.rename("other", "k".repeat(65_536)), "TOO_LARGE");
    assertEquals(await store.exists("other"), true);
  }, "transactions");
}

function copying(check: Check): void {
  check("copy makes another of what a key holds, with its expiry", async (store) => {
    for (const content of CONTENTS) {
      for (const { type, add } of KINDS) {
        await add(store, "from", content);
        const before = await contentOf(store, "from");
        assertEquals(await store.copy("from", "to"), true, type);
        assertEquals([await contentOf(store, "to"), await store.ttl("to")], [before, Infinity]);
        await add(store, "to", ["more"]);
        assertEquals(await contentOf(store, "from"), before);
        assert(await contentOf(store, "to") !== before);
        assertEquals(await store.copy("from", "to"), false);
        assert(await contentOf(store, "to") !== before);
        await store.expire("from", 60_000);
        assertEquals(await store.copy("from", "to", { replace: true }), true);
        assertEquals(await contentOf(store, "to"), before);
        assert((await store.ttl("to"))! < 60_001);
        await store.del("from");
        assertEquals(await contentOf(store, "to"), before);
        assertEquals(await store.copy("from", "to", { replace: true }), false);
        assertEquals(await contentOf(store, "to"), before);
        await store.clear();
      }
    }
  });

  check("copy writes over every type only when told to", async (store) => {
    for (const { type, add } of KINDS) {
      for (const { type: other, add: addOther } of KINDS) {
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
    assert(sameBytes(await store.get("other"), pattern(200_000)));
  });
}
