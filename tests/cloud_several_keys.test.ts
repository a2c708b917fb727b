import { assertEquals } from "@std/assert";
import { type CloudStore, memoryObjects, type ObjectStorage } from "@ferrite/storage/cloud";
import { onStage } from "./support/cloud/stage.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `number ${i}`);

/** What would write to several keys. */
const CALLS: Record<string, (store: CloudStore) => Promise<unknown>> = {
  "mset": (store) => store.mset([["string", "new"], ["new", "new"]]),
  "rename to nothing": (store) => store.rename("string", "new"),
  "rename to something": (store) => store.rename("set", "set 2"),
  "rename if absent": (store) => store.rename("list", "new", { ifAbsent: true }),
  "smove": (store) => store.smove("set", "set 2", "a"),
  "smove of the last": (store) => store.smove("single", "set 2", "a"),
  "smove between large ones": (store) => store.smove("large set", "large set 2", "number 77"),
  "lmove": (store) => store.lmove("list", "list 2", "left", "right"),
  "lmove to nothing": (store) => store.lmove("list", "new", "left", "right"),
  "lmove between large ones": (store) => store.lmove("large list", "large list 2", "left", "left"),
};

async function fill(store: CloudStore): Promise<void> {
  await store.set("string", "value", { ttl: 1e9 });
  await store.sadd("set", ["a", "b"]);
  await store.sadd("set 2", ["c"]);
  await store.sadd("single", ["a"]);
  await store.rpush("list", ["a", "b"]);
  await store.rpush("list 2", ["c"]);
  await store.sadd("large set", numbers(20_000));
  await store.sadd("large set 2", ["x", ...numbers(20_000).filter((_, i) => i !== 77)]);
  await store.rpush("large list", numbers(20_000));
  await store.rpush("large list 2", numbers(20_000));
}

/** All objects with their versions. */
async function versions(objects: ObjectStorage): Promise<unknown[]> {
  const { objects: list } = await objects.list("");
  return await Promise.all(list.map(async ({ name, size }) => {
    const object = await objects.get(name);
    return [name, size, (object as { version: string }).version];
  }));
}

test("what would write to several keys is UNSUPPORTED, and leaves them as they are", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await fill(store);
    const before = await versions(stage.objects);
    for (const [name, call] of Object.entries(CALLS)) {
      await using cold = stage.other();
      for (const caller of [store, cold]) {
        await assertFails(() => call(caller), "UNSUPPORTED", "several keys");
        assertEquals(await versions(stage.objects), before, name);
        assertEquals(await caller.scard("set"), 2);
        assertEquals(await caller.llen("large list"), 20_000);
      }
    }
  }));

test("what turns out to write to one key, or to none, is done", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await fill(store);
    await store.mset([["string", "new"]]);
    await store.mset([]);
    assertEquals(await store.rename("string", "string"), true);
    assertEquals(await store.rename("none", "string"), false);
    assertEquals(await store.rename("list", "set", { ifAbsent: true }), false);
    assertEquals(await store.smove("set", "set 2", "none"), false);
    await store.sadd("set 2", ["a"]);
    assertEquals(await store.smove("set", "set 2", "a"), true); // it is there already
    assertEquals([await store.scard("set"), await store.scard("set 2")], [1, 2]);
    assertEquals(await store.smove("set", "set", "b"), true);
    assertEquals(await store.lmove("none", "list", "left", "right"), null);
    assertEquals((await store.lmove("list", "list", "left", "right"))?.[0], 97);
    assertEquals(await store.sunionStore("union", ["set", "set 2"]), 3);
    assertEquals(await store.copy("large list", "copy"), true);
    assertEquals(await store.llen("copy"), 20_000);
    assertEquals((await store.mget(["string", "none"])).map((value) => value?.length), [3, undefined]);
  }));

test("calls on several keys and on each of them take their turns", async () => {
  await onStage(async (stage) => {
    await using store = stage.store();
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 5 });
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 30; i++) {
      calls.push(store.sadd("a", [`${i}`]), store.sunionStore("b", ["a", "b"]), store.sunionStore("a", ["b", "a"]));
      calls.push(store.scard("b"));
    }
    const results = await Promise.all(calls);
    for (let i = 0; i < 30; i++) assertEquals(results.slice(4 * i, 4 * i + 4), [1, i + 1, i + 1, i + 1]);
  });
  assertEquals((await memoryObjects().list("")).objects, []);
});
