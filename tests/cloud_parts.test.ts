import { assert, assertEquals } from "@std/assert";
import { type CloudOptions, CloudStore, memoryObjects, type ObjectStorage } from "@ferrite/storage/cloud";
import { pattern, sameBytes, textOf } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

// Collections and values that are trees of objects: what happens when parts of them are late, lost, damaged or left behind.

const SMALL = { cutLimits: { rootBytes: 600, partBytes: 3000, chunks: 2 } };

function openStore(storage: ObjectStorage, options: Partial<CloudOptions> = {}): CloudStore {
  return new CloudStore({ storage, graceMs: 0, attempts: 2, ...options }, SMALL);
}

async function namesIn(storage: ObjectStorage, prefix: string): Promise<string[]> {
  return (await storage.list(prefix)).objects.map(({ name }) => name);
}

const members = (count: number) => Array.from({ length: count }, (_, i) => `member ${i}`);

/** A bucket of which some methods are others. */
function changed(storage: ObjectStorage, changes: Partial<ObjectStorage>): ObjectStorage {
  return new Proxy(storage, {
    get: (target, name) =>
      changes[name as keyof ObjectStorage] ??
        (target[name as keyof ObjectStorage] as (() => unknown) | undefined)?.bind?.(target),
  });
}

test("a large collection has parts, of which a change writes few, and none is left when it is gone", async () => {
  const storage = memoryObjects();
  {
    await using store = openStore(storage);
    await store.sadd("set", members(3000));
    const parts = await namesIn(storage, "n/");
    assert(parts.length > 30, `${parts.length} parts`);
    const before = store.stats().writes;
    await store.sadd("set", ["one more"]);
    assert(store.stats().writes - before < 10, `${store.stats().writes - before} writes`);
    await store.del("set");
  }
  assertEquals(await namesIn(storage, "n/"), []);
});

test("a reader whose object of the key is old finds the parts gone, and reads it anew", async () => {
  const storage = memoryObjects();
  await using writer = openStore(storage);
  await using reader = openStore(storage, { cache: { maxStalenessMs: 1e9 } });
  await writer.sadd("set", members(2000));
  assertEquals(await reader.scard("set"), 2000); // which needs no part
  await writer.srem("set", members(1000));
  await writer.sadd("set", ["new"]); // what was replaced is deleted
  assertEquals(await reader.sisMember("set", "member 1500"), true);
  assertEquals(await reader.sisMember("set", "member 5"), false);
  assertEquals((await reader.smembers("set")).length, 1001);
});

test("a part that is not there, though nothing has changed, is CORRUPT and named", async () => {
  const storage = memoryObjects();
  await using writer = openStore(storage);
  await writer.sadd("set", members(2000));
  await writer.set("other", "fine");
  for (const name of await namesIn(storage, "n/")) await storage.delete(name, null);
  await using reader = openStore(storage);
  await assertFails(() => reader.smembers("set"), "CORRUPT", "n/k/set/~");
  assertEquals(textOf(await reader.get("other")), "fine");
});

test("a part of which a bit is flipped is CORRUPT and named, or as good as it was", async () => {
  const storage = memoryObjects();
  await using writer = openStore(storage);
  await writer.sadd("set", members(300));
  const [name] = await namesIn(storage, "n/");
  const { body } = await storage.get(name) as { body: Uint8Array };
  for (let bit = 0; bit < body.length * 8; bit += 41) {
    const damaged = body.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    await storage.put(name, damaged, null);
    await using reader = openStore(storage);
    const read = await reader.smembers("set").catch((error) => error);
    if (Array.isArray(read)) assertEquals(read.length, 300);
    else assertEquals([read.code, read.message.includes(name)], ["CORRUPT", true], read.message);
  }
});

test("parts that a writer has left behind are found by compact, and nothing else is taken away", async () => {
  const storage = memoryObjects();
  await using store = openStore(storage);
  await store.sadd("set", members(1000));
  const crashing = openStore(changed(storage, {
    put: (name, body, condition) => name.startsWith("n/") ? storage.put(name, body, condition) : new Promise(() => {}),
    delete: () => new Promise(() => {}),
  }));
  const names = await namesIn(storage, "n/");
  void crashing.sadd("set", members(500).map((name) => `lost ${name}`));
  void crashing.sadd("another", members(500));
  while (
    (await namesIn(storage, "n/k/another/")).length === 0 || (await namesIn(storage, "n/")).length < names.length + 20
  ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  await store.compact();
  assertEquals(await namesIn(storage, "n/"), names);
  assertEquals(await store.scard("set"), 1000);
  assertEquals((await store.smembers("set")).length, 1000);
  assertEquals(await store.exists("another"), false);
});

test("a writer that is paused between its parts and the object that refers to them begins anew after compact", async () => {
  const storage = memoryObjects();
  await using store = openStore(storage);
  await store.rpush("list", members(1000));
  let goOn!: () => void;
  const paused = new Promise<void>((resolve) => goOn = resolve);
  let isThere!: () => void;
  const arrived = new Promise<void>((resolve) => isThere = resolve);
  await using slow = openStore(changed(storage, {
    async put(name, body, condition) {
      if (!name.startsWith("n/")) {
        isThere();
        await paused;
      }
      return await storage.put(name, body, condition);
    },
  }));
  const pushed = slow.rpush("list", members(500));
  await arrived;
  await store.compact();
  goOn();
  assertEquals(await pushed, 1500);
  assertEquals((await store.lrange("list", 0, -1)).map(textOf), [...members(1000), ...members(500)]);
});

/** A bucket of which the first write of this object, from `hold()` on, waits for `goOn()`. */
function holding(storage: ObjectStorage, objectName: string) {
  let isDue = false;
  let isThere!: () => void;
  let goOn!: () => void;
  const arrived = new Promise<void>((resolve) => isThere = resolve);
  const paused = new Promise<void>((resolve) => goOn = resolve);
  const bucket = changed(storage, {
    async put(name, body, condition) {
      if (name === objectName && isDue) {
        isDue = false;
        isThere();
        await paused;
      }
      return await storage.put(name, body, condition);
    },
  });
  return { bucket, arrived, goOn, hold: () => isDue = true };
}

test("a write that its own store's compact comes before begins anew", async () => {
  const { bucket, arrived, goOn, hold } = holding(memoryObjects(), "k/list");
  await using store = openStore(bucket);
  await store.rpush("list", members(1000));
  hold();
  const pushed = store.rpush("list", members(500));
  await arrived;
  await store.compact();
  goOn();
  assertEquals(await pushed, 1500);
  assertEquals((await store.lrange("list", 0, -1)).map(textOf), [...members(1000), ...members(500)]);
});

test("a write of an expired key that its own store's compact takes away meanwhile begins anew", async () => {
  const { bucket, arrived, goOn, hold } = holding(memoryObjects(), "k/key");
  await using store = openStore(bucket);
  await store.set("key", "old", { ttl: 10 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  hold();
  const appended = store.append("key", "new");
  await arrived;
  await store.compact();
  goOn();
  assertEquals(await appended, 3);
  assertEquals(textOf(await store.get("key")), "new");
});

test("compact takes away marks of deleted keys once they are old, and keys that have expired with all their parts", async () => {
  const storage = memoryObjects();
  await using store = openStore(storage, { graceMs: 1000 });
  await store.sadd("set", members(1000));
  await store.expire("set", 20);
  await store.set("b", "1", { ttl: 60_000 });
  await store.set("a", "1");
  await store.del("a");
  await store.compact();
  assert((await namesIn(storage, "k/")).includes("k/a"), "too young");
  await new Promise((resolve) => setTimeout(resolve, 1050));
  await store.compact();
  await new Promise((resolve) => setTimeout(resolve, 1050));
  await store.compact();
  assertEquals(await namesIn(storage, ""), ["k/b"]);
});

test("marks of deleted keys stay where deletes take no conditions", async () => {
  const storage = memoryObjects();
  await using store = openStore(changed(storage, { probe: async () => ({ conditionalDelete: false }) }));
  await store.set("a", "1");
  await store.del("a");
  await new Promise((resolve) => setTimeout(resolve, 5));
  await store.compact();
  assertEquals(await namesIn(storage, ""), ["k/a"]);
});

test("writers share a large list, whose parts all of them cut", async () => {
  const storage = memoryObjects();
  const stores = Array.from({ length: 6 }, () => openStore(storage));
  await Promise.all(stores.map(async (store, writer) => {
    for (let i = 0; i < 25; i++) await store.rpush("list", [`${writer}:${i}:${"x".repeat(i * 40)}`]);
  }));
  const all = (await stores[0].lrange("list", 0, -1)).map((value) => textOf(value)!);
  assertEquals(all.length, 150);
  for (let writer = 0; writer < stores.length; writer++) {
    const own = all.filter((text) => text.startsWith(`${writer}:`)).map((text) => Number(text.split(":")[1]));
    assertEquals(own, Array.from({ length: 25 }, (_, i) => i));
  }
  await Promise.all(stores.map((store) => store.close()));
  await using last = openStore(storage);
  await last.compact();
  const parts = await namesIn(storage, "n/");
  await last.compact();
  assertEquals(await namesIn(storage, "n/"), parts);
  assertEquals((await last.lrange("list", 0, -1)).length, 150);
});

test("a large value is written and read by its chunks", async () => {
  const storage = memoryObjects();
  await using store = openStore(storage);
  const value = pattern(1_000_000);
  await store.set("value", value);
  const before = store.stats();
  await store.setRange("value", 500_000, "here");
  value.set(new TextEncoder().encode("here"), 500_000);
  assert(store.stats().bytesWritten - before.bytesWritten < 100_000, "all of it was written");
  await using reader = openStore(storage);
  assert(sameBytes(await reader.getRange("value", 499_990, 500_010), value.subarray(499_990, 500_011)));
  assert(reader.stats().bytesRead < 150_000, `${reader.stats().bytesRead} bytes were read`);
  for (let i = 0; i < 20; i++) await store.append("value", pattern(9000, i));
  assert(sameBytes((await reader.get("value"))!.subarray(0, 1_000_000), value));
  assertEquals(await reader.strlen("value"), 1_180_000);
});

/** The longest string that is in the object of its key: 16 chunks. */
const LONGEST_WHOLE = 16 * 16_352;

for (const length of [65_408, 65_409, LONGEST_WHOLE, LONGEST_WHOLE + 1]) {
  const parts = length > LONGEST_WHOLE ? 1 : 0;

  test(`a string of ${length} bytes is ${parts + 1} objects, whole or in pieces`, async () => {
    const storage = memoryObjects();
    const value = pattern(length);
    await using store = new CloudStore({ storage });
    await store.set("value", value);
    assertEquals(store.stats().writes, parts + 1);
    assertEquals((await namesIn(storage, "n/")).length, parts);
    await using reader = new CloudStore({ storage });
    assert(sameBytes(await reader.getRange("value", 40_000, 40_009), value.subarray(40_000, 40_010)));
    assertEquals(reader.stats().reads, parts + 1);
    assertEquals(await reader.append("value", "more"), length + 4);
    assert(sameBytes((await store.get("value"))!.subarray(0, length), value));
    assertEquals(await store.expire("value", 60_000), true);
    assert(sameBytes((await reader.get("value"))!.subarray(0, length), value));
  });
}
