import { assertEquals } from "@std/assert";
import { textOf } from "./support/bytes.ts";
import { onStage, type Stage } from "./support/cloud/stage.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const LONG = "long ".repeat(1000);

async function keysOf(stage: Stage): Promise<(string | null)[]> {
  await using store = stage.other();
  const keys: (string | null)[] = [];
  for await (const key of store.keys()) keys.push(textOf(key));
  return keys;
}

for (const key of ["key", LONG]) {
  const what = key === LONG ? "a long key" : "a key";

  test(`del of ${what} says whether there was one, and it is gone`, () =>
    onStage(async (stage) => {
      await using store = stage.store();
      await using other = stage.other();
      assertEquals(await store.del(key), false);
      await store.set(key, "value");
      assertEquals(await keysOf(stage), [key]);
      assertEquals([await store.del(key), await store.del(key), await other.del(key)], [true, false, false]);
      assertEquals([await store.exists(key), await other.exists(key), await other.get(key)], [false, false, null]);
      assertEquals([await other.type(key), await other.ttl(key), await other.strlen(key)], [null, null, 0]);
      assertEquals([await store.size(), await keysOf(stage)], [0, []]);
      assertEquals(await other.set(key, "again", { ifPresent: true }), false);
      assertEquals(await other.set(key, "again", { ifAbsent: true }), true);
      assertEquals(textOf(await store.get(key)), "again");
      assertEquals(await keysOf(stage), [key]);
    }));

  test(`${what} that lost its last element is gone`, () =>
    onStage(async (stage) => {
      await using store = stage.store();
      await store.rpush(key, ["a"]);
      assertEquals((await store.lpop(key)).map(textOf), ["a"]);
      assertEquals([await store.exists(key), await store.del(key), await keysOf(stage)], [false, false, []]);
      await store.sadd(key, ["a"]); // of another type
      assertEquals(await store.type(key), "set");
    }));

  test(`${what} that has expired is gone`, () =>
    onStage(async (stage) => {
      await using store = stage.store();
      await using other = stage.other();
      await store.set(key, "value", { ttl: 5 });
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const reader of [store, other]) {
        assertEquals([await reader.get(key), await reader.del(key), await reader.exists(key)], [null, false, false]);
      }
      assertEquals(await keysOf(stage), []);
      assertEquals(await other.incrBy(key), 1);
      assertEquals([await store.incrBy(key), await store.ttl(key)], [2, Infinity]);
    }));

  test(`clear takes ${what} away, whatever other stores have in their caches`, () =>
    onStage(async (stage) => {
      await using store = stage.store({ cache: { maxStalenessMs: 1e9, negative: true } });
      await using other = stage.other();
      await store.set(key, "value");
      await other.get(key);
      await other.clear();
      assertEquals([await other.get(key), await other.size(), await keysOf(stage)], [null, 0, []]);
      // It has seen it, but what it writes is not based on that.
      assertEquals([await store.del(key), await store.append(key, "!")], [false, 1]);
      assertEquals(await keysOf(stage), [key]);
    }));
}

test("of all who delete a key at the same time one is told that it was there", () =>
  onStage(async (stage) => {
    const stores = Array.from({ length: 8 }, () => stage.store());
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 10, answerMs: 10 });
    for (let round = 0; round < 5; round++) {
      await stores[round].set("key", "value");
      if (round % 2 === 1) await Promise.all(stores.map((store) => store.get("key")));
      const answers = await Promise.all(stores.map((store) => store.del("key")));
      assertEquals(answers.filter((was) => was).length, 1);
    }
    const added = await Promise.all(stores.map((store) => store.set("key", "value", { ifAbsent: true })));
    assertEquals(added.filter((was) => was).length, 1);
    for (const store of stores) await store.close();
  }));

test("clear takes away what is damaged, and leaves alone what this package has not written", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("damaged", "value");
    await store.set("fine", "value");
    const { objects } = await stage.objects.list("");
    const found = await stage.objects.get(objects[0].name);
    if (found === null || found === "unchanged") throw new Error("there is an object");
    found.body[found.body.length - 20] ^= 1;
    found.body[20] ^= 1;
    await stage.objects.put(objects[0].name, found.body, null);
    await assertFails(() => store.get("damaged"), "CORRUPT");
    await store.clear();
    assertEquals([await store.get("damaged"), await store.get("fine"), await store.size()], [null, null, 0]);
    assertEquals(await store.incrBy("damaged"), 1);

    const foreign = new Uint8Array(17).fill(65);
    await stage.objects.put("k/foreign", foreign, null);
    await assertFails(() => store.clear(), "CORRUPT", "k/foreign");
    assertEquals(await store.get("damaged"), null);
    assertEquals((await stage.objects.get("k/foreign") as { body: Uint8Array }).body, foreign);
  }));
