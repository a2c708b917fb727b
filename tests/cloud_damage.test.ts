import { assert, assertEquals } from "@std/assert";
import { StorageError } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { Core } from "../src/core/core.ts";
import { defaultModule } from "../src/core/module.ts";
import { pattern } from "./support/bytes.ts";
import { contentOf } from "./support/cloud/content.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

/** Objects of all kinds: whole ones of one record, some with more, with what expires, and what was deleted. */
const SAMPLES: Record<string, (store: CloudStore) => Promise<unknown>> = {
  string: (store) => store.set("string", "value"),
  long: (store) => store.set("long", pattern(150_000)),
  expiring: (store) => store.set("expiring", "value", { ttl: 1e9 }),
  deleted: async (store) => (await store.set("deleted", "value"), await store.del("deleted")),
  list: (store) => store.rpush("list", Array.from({ length: 2000 }, (_, i) => `element ${i}`)),
  hash: (store) => store.hmset("hash", [["a", "1"], ["b", pattern(70_000)]]),
  set: (store) => store.sadd("set", ["a", "b", "c"]),
  zset: (store) => store.zadd("zset", Array.from({ length: 500 }, (_, i) => [i, `member ${i}`])),
  ["a long key ".repeat(100)]: (store) => store.set("a long key ".repeat(100), "value"),
};

/** Runs `damage` on the body of the object of each sample, as often as it gives something. */
async function eachDamage(damage: (body: Uint8Array) => Iterable<Uint8Array>): Promise<void> {
  for (const [key, write] of Object.entries(SAMPLES)) {
    const objects = memoryObjects();
    await using store = new CloudStore({ storage: objects, cache: { size: "8MB" } });
    await write(store);
    const content = await contentOf(store, key);
    const [{ name }] = (await objects.list("")).objects;
    const object = await objects.get(name);
    assert(object !== null && object !== "unchanged");
    let corrupt = 0;
    for (const damaged of damage(object.body)) {
      await objects.put(name, damaged, null);
      const found = await contentOf(store, key).catch(codeOf);
      assert(found === content || found === "CORRUPT", `${key}: served ${found.slice(0, 200)}`);
      if (found !== "CORRUPT" || ++corrupt % 10 !== 1) continue;
      await assertFails(() => store.del(key), "CORRUPT", "object");
      await assertFails(() => store.set(key, "new"), "CORRUPT", "object");
    }
    await objects.put(name, object.body, null);
    assertEquals(await contentOf(store, key), content, "it is read again when it is whole");
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof StorageError)) throw error;
  return error.code;
}

test("an object with a flipped bit is CORRUPT, or what it was", () =>
  seeded((random) => eachDamage((body) => flips(body, random))));

function* flips(body: Uint8Array, random: Random): Iterable<Uint8Array> {
  // All bits of what is short, and of every header; some of the others.
  const bits = Array.from({ length: Math.min(body.length, 160) * 8 }, (_, i) => i);
  for (let i = 0; i < 300 && body.length > 160; i++) bits.push(random.below(body.length * 8));
  for (let i = 0; i < 64; i++) bits.push(body.length * 8 - 1 - i);
  for (const bit of bits) {
    const damaged = body.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    yield damaged;
  }
}

test("an object that is shorter or longer than it was written is CORRUPT", () =>
  seeded((random) =>
    eachDamage(function* (body) {
      for (let length = 0; length < Math.min(body.length, 160); length++) yield body.slice(0, length);
      for (let i = 0; i < 100; i++) yield body.slice(0, random.below(body.length));
      for (let i = 1; i < 40; i++) {
        yield body.slice(0, Math.max(0, body.length - i));
        const longer = new Uint8Array(body.length + i);
        longer.set(body);
        yield longer;
      }
    })
  ));

test("an object that was written under another name is CORRUPT", async () => {
  const objects = memoryObjects();
  await using store = new CloudStore({ storage: objects });
  await store.set("a", "1");
  await store.set("b", "2", { ttl: 1e9 });
  await store.set("deleted", "value");
  await store.del("deleted");
  for (const name of ["k/a", "k/deleted"]) {
    const object = await objects.get(name);
    assert(object !== null && object !== "unchanged");
    await objects.put("k/b", object.body, null);
    await using cold = new CloudStore({ storage: objects });
    for (const reader of [store, cold]) await assertFails(() => reader.get("b"), "CORRUPT", "k/b");
  }
});

test("an object of another program is CORRUPT, and left as it is", async () => {
  const objects = memoryObjects();
  await using store = new CloudStore({ storage: objects });
  for (let length = 0; length < 100; length++) {
    const body = pattern(length);
    await objects.put("k/key", body, null);
    await assertFails(() => store.get("key"), "CORRUPT", "k/key");
    await assertFails(() => store.incrBy("key"), "CORRUPT", "k/key");
    await assertFails(() => store.set("key", "value"), "CORRUPT", "k/key");
    assertEquals((await objects.get("k/key") as { body: Uint8Array }).body, body);
  }
});

test("an object of a later release is UNSUPPORTED, says so, and is left as it is", async () => {
  const objects = memoryObjects();
  await using store = new CloudStore({ storage: objects });
  await store.set("key", "value");
  const object = await objects.get("k/key");
  assert(object !== null && object !== "unchanged");
  object.body[4] = 2;
  await objects.put("k/key", sealed(object.body), null);
  await assertFails(() => store.get("key"), "UNSUPPORTED", "version 2");
  await assertFails(() => store.set("key", "other"), "UNSUPPORTED", "version 2");
  assertEquals((await objects.get("k/key") as { body: Uint8Array }).body, object.body);
});

/** An object with the checksum that its header is to have. */
function sealed(object: Uint8Array): Uint8Array {
  const view = new DataView(object.buffer, object.byteOffset);
  const header = object.subarray(0, view.getUint32(8, true));
  view.setUint32(12, 0, true);
  const core = new Core({ maxBytes: 2 ** 23, tracksReads: false, module: defaultModule });
  core.bytes.set(header, core.scratch);
  view.setUint32(12, core.calls.checksum(core.scratch, header.length), true);
  return object;
}

test("what is in the cache is served while its object is damaged, and no longer than it may be", async () => {
  const objects = memoryObjects();
  await using store = new CloudStore({ storage: objects });
  await store.set("key", "value");
  await store.set("other", "value");
  await objects.put("k/key", new Uint8Array(40), null);
  await assertFails(() => store.get("key"), "CORRUPT");
  await assertFails(() => store.mget(["other", "key"]), "CORRUPT");
  assertEquals(await store.strlen("other"), 5);
});
