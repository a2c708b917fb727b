import { assert, assertEquals } from "@std/assert";
import { MemoryStore } from "@ferrite/storage";
import { RECORD_STORE } from "@ferrite/storage/conformance";
import { RecordStore } from "@ferrite/storage/kernel";
import { pattern, sameBytes, sleep, textOf } from "./support/bytes.ts";
import { contentOf } from "./support/cloud/content.ts";
import { drawOperation, perform, TYPE_NAMES } from "./support/cloud/operations.ts";
import { conformance } from "./support/conformance.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { share, test } from "./support/harness.ts";
import { MapTable } from "./support/map_table.ts";
import { seeded } from "./support/random.ts";

for (const isSync of [true, false]) {
  const name = `RecordStore over a table that answers ${isSync ? "at once" : "later"}`;
  const open = async () => new RecordStore({ table: new MapTable(isSync), cacheSize: "8MB" });
  conformance({ name, open, capabilities: { ...RECORD_STORE, sync: isSync }, effort: 0.1 });
}

const STORES = [["at once", true], ["later", false]] as const;

for (const [when, isSync] of STORES) {
  const open = (table: MapTable) => new RecordStore({ table, cacheSize: "8MB" });

  test(`over a table that answers ${when}, a store finds what others have left, and goes on with it`, () =>
    seeded(async (random) => {
      const table = new MapTable(isSync);
      await using model = new MemoryStore();
      for (let session = 0; session < 6; session++) {
        await using store = open(table);
        for (let i = 0; i < share(300); i++) {
          const type = random.pick(TYPE_NAMES);
          const key = `${type} ${random.below(3)}`;
          const operation = random.below(15) === 0 ? { method: "del", args: [] } : drawOperation(random, type);
          assertEquals(await perform(store, key, operation), await perform(model, key, operation));
        }
        for await (const key of model.keys()) {
          assertEquals(await contentOf(store, textOf(key)!), await contentOf(model, textOf(key)!));
        }
        assertEquals(await store.size(), await model.size());
      }
    }));

  test(`over a table that answers ${when}, nothing stays of what was dropped, whenever it was closed`, async () => {
    const table = new MapTable(isSync);
    const members = Array.from({ length: 20_000 }, (_, i) => `member ${i}`);
    for (let round = 0; round < 2; round++) {
      {
        await using store = open(table);
        await store.sadd("set", members);
        await store.set("value", pattern(3_000_000));
        assert(table.rows.size > 200, `${table.rows.size} records`);
      }
      {
        await using store = open(table);
        await store.del("set");
        await store.set("value", "short");
        // Closed in the middle: the next one frees the rest.
      }
      await using store = open(table);
      while (table.rows.size > 2) assertEquals(await store.get("value"), new TextEncoder().encode("short"));
      assertEquals([...table.rows.keys()].sort(), ["kvalue", "m"]);
      assertEquals(await store.size(), 1);
    }
  });

  test(`over a table that answers ${when}, a write that fails has not taken place, and the store goes on`, async () => {
    const table = new MapTable(isSync);
    await using store = open(table);
    await store.rpush("list", ["a"]);
    table.before = (method) => {
      if (method === "write") throw new Error("the disk is full");
    };
    await assertFails(() => store.rpush("list", ["b"]), "UNAVAILABLE", "the disk is full");
    await assertFails(() => store.transact((tx) => tx.set("key", "value")), "UNAVAILABLE", "the disk is full");
    assertEquals((await store.lrange("list", 0, -1)).length, 1);
    table.before = (method) => {
      if (method === "read") throw new Error("the line is dead");
    };
    await assertFails(() => store.get("other"), "UNAVAILABLE", "the line is dead");
    table.before = () => {};
    assertEquals(await store.rpush("list", ["b"]), 2);
    assertEquals(await store.get("other"), null);
  });

  test(`over a table that answers ${when}, damage is CORRUPT, and does not spread`, async () => {
    const table = new MapTable(isSync);
    {
      await using store = open(table);
      await store.set("good", "1");
      await store.set("bad", "2");
      await store.set("moved", "3");
      await store.set("large", pattern(200_000));
    }
    table.rows.get("kbad")![20] ^= 1;
    table.rows.set("kmoved", table.rows.get("kgood")!);
    for (const name of table.rows.keys()) if (name.startsWith("n")) table.rows.delete(name);
    await using store = open(table);
    await assertFails(() => store.get("bad"), "CORRUPT", "kbad");
    await assertFails(() => store.get("moved"), "CORRUPT", "kmoved");
    await assertFails(() => store.get("large"), "CORRUPT", "not there");
    assertEquals(await store.incrBy("good"), 2);
  });

  test(`over a table that answers ${when}, what a later release has written is UNSUPPORTED`, async () => {
    const table = new MapTable(isSync);
    {
      await using store = open(table);
      await store.set("key", "value");
    }
    const counts = table.rows.get("m")!;
    counts[0] = 2;
    {
      await using store = open(table);
      await assertFails(() => store.get("key"), "UNSUPPORTED", "version 2");
      await assertFails(() => store.set("key", "other"), "UNSUPPORTED", "version 2");
    }
    counts[0] = 0;
    {
      await using store = open(table);
      await assertFails(() => store.get("key"), "CORRUPT", "damaged");
    }
    counts[0] = 1;
    await using store = open(table);
    assertEquals(textOf(await store.get("key")), "value");
  });
}

test("calls that wait share a write, and each record is read once", async () => {
  const table = new MapTable(false);
  await using store = new RecordStore({ table, cacheSize: "8MB" });
  await store.set("a", "1");
  const { write } = table.counts;
  const answers = await Promise.all(Array.from({ length: 500 }, () => store.incrBy("a")));
  assertEquals(answers.at(-1), 501);
  assertEquals(table.counts.write - write, 1);
  const { read } = table.counts;
  for (let i = 0; i < 100; i++) await store.get("a");
  assertEquals(table.counts.read, read);
});

test("more than the cache holds goes through it", async () => {
  const table = new MapTable(true);
  await using store = new RecordStore({ table, cacheSize: "8MB" });
  for (let i = 0; i < 300; i++) await store.set(`key ${i}`, pattern(60_000, i));
  for (let i = 0; i < 300; i++) assert(sameBytes(await store.get(`key ${i}`), pattern(60_000, i)));
  assert(store.stats().memoryBytes <= 8 * 2 ** 20);
  const values = store.mget(Array.from({ length: 300 }, (_, i) => `key ${i}`));
  await assertFails(() => values, "OUT_OF_MEMORY", "cacheSize");
  assertEquals(await store.strlen("key 7"), 60_000);
});

test("what has expired is not seen, and compact() removes it", async () => {
  const table = new MapTable(false);
  await using store = new RecordStore({ table });
  for (let i = 0; i < 50; i++) await store.set(`key ${i}`, "v", { ttl: i % 2 === 0 ? 1 : 100_000 });
  await sleep(5);
  let seen = 0;
  for await (const _ of store.keys()) seen++;
  assertEquals(seen, 25);
  await store.compact();
  assertEquals(await store.size(), 25);
  assertEquals([...table.rows.keys()].filter((name) => name.startsWith("k")).length, 25);
});

test("options that make no sense are CONFIG", () => {
  const table = new MapTable(true);
  assertFailsSync(() => new RecordStore({ table: {} as MapTable }), "CONFIG", "table");
  assertFailsSync(() => new RecordStore({ table, cacheSize: "1KB" }), "CONFIG", "cacheSize");
  for (const wrong of [undefined, null, 5] as never[]) {
    assertFailsSync(() => new RecordStore(wrong), "CONFIG", "expected an object of options");
  }
  assertFailsSync(() => new RecordStore({ table, cachesize: "8MB" } as never), "CONFIG", "cachesize is not an option");
});

test("a table that says it answers at once must", async () => {
  const table = new MapTable(true);
  table.read = async () => [];
  await using store = new RecordStore({ table });
  await assertFails(() => store.sync!.get("key"), "UNAVAILABLE", "isSync");
});

test("what a transaction did that failed is seen by nobody, also not by calls that wait with it", async () => {
  const table = new MapTable(false);
  await using store = new RecordStore({ table });
  await store.set("stock", "2");
  const calls = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0
      ? store.transact((tx) => {
        tx.set(`list ${i + 1}`, "text");
        if (tx.incrBy("stock", -1) < 0) throw new Error("sold out");
        tx.del(`list ${i + 1}`);
      })
      : store.lpush(`list ${i}`, ["element"]));
  const outcomes = await Promise.allSettled(calls);
  const failed = outcomes.map((outcome, i) => outcome.status === "rejected" ? i : -1).filter((i) => i >= 0);
  assertEquals(failed, Array.from({ length: 98 }, (_, i) => 4 + 2 * i));
  assertEquals(textOf(await store.get("stock")), "0");
  assertEquals(await store.size(), 101);
});

test("damage rejects the calls that need what is damaged, and none that wait with them", async () => {
  const table = new MapTable(false);
  const keys = Array.from({ length: 50 }, (_, i) => `key ${i}`);
  {
    await using store = new RecordStore({ table });
    await Promise.all(keys.map((key) => store.set(key, "value")));
  }
  for (const bad of ["key 7", "key 31"]) table.rows.get(`k${bad}`)![20] ^= 1;
  await using store = new RecordStore({ table });
  const outcomes = await Promise.allSettled(keys.map((key) => store.append(key, "!")));
  assertEquals(outcomes.flatMap(({ status }, i) => status === "rejected" ? [i] : []), [7, 31]);
  assertEquals(textOf(await store.get("key 8")), "value!");
});

test("a call is answered that comes while the table does not let what was dropped be freed", async () => {
  const table = new MapTable(false);
  await using store = new RecordStore({ table });
  await store.sadd("set", Array.from({ length: 20_000 }, (_, i) => `member ${i}`));
  const answers: Promise<unknown>[] = [];
  await store.del("set");
  table.before = (method) => {
    if (method !== "write") return;
    if (answers.length === 0) answers.push(store.get("other"));
    throw new Error("no room");
  };
  while (answers.length === 0) await sleep(1);
  assertEquals(await Promise.race([answers[0], sleep(5000)]), null);
  table.before = () => {};
});

test("keys that hold nothing take no room for ever", async () => {
  const table = new MapTable(false);
  await using store = new RecordStore({ table, cacheSize: "8MB" });
  for (let i = 0; i < 300_000; i += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, next) => store.exists(`key ${i + next}`)));
  }
  const { read } = table.counts;
  assertEquals(await store.exists("key 299999"), false); // remembered
  assertEquals(table.counts.read, read);
  assertEquals(await store.exists("key 0"), false); // forgotten
  assertEquals(table.counts.read, read + 1);
});
