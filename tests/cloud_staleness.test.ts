import { assertEquals } from "@std/assert";
import type { CloudStore } from "@ferrite/storage/cloud";
import { textOf } from "./support/bytes.ts";
import { onStage } from "./support/cloud/stage.ts";
import { test } from "./support/harness.ts";
import { type Plain, plainResult } from "./support/models/plain.ts";

const HOUR_MS = 3_600_000;

test("a read may be as old as it was said, and no older", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: 1000 } });
    await using other = stage.other();
    await other.set("key", "old");
    assertEquals(textOf(await store.get("key")), "old");
    await other.set("key", "new");
    assertEquals(textOf(await store.get("key")), "old");
    await stage.clock.sleep(999);
    assertEquals(textOf(await store.get("key")), "old");
    await stage.clock.sleep(2);
    assertEquals(textOf(await store.get("key")), "new");
  }));

test("age counts from when the bucket was asked, not from when it answered", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: 1000 }, timeoutMs: 10_000 });
    await using other = stage.other();
    await other.set("key", "old");
    stage.next("get", { what: "served", answerMs: 900 });
    assertEquals(textOf(await store.get("key")), "old");
    await other.set("key", "new");
    await stage.clock.sleep(200);
    assertEquals(textOf(await store.get("key")), "new");
  }));

test("without staleness every read sees what was written before it began", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await using other = stage.other();
    for (let i = 0; i < 20; i++) {
      // All of it at the same time, by the clock.
      await other.set("key", String(i));
      assertEquals(textOf(await store.get("key")), String(i));
      assertEquals((await store.mget(["key", "key", "none"])).map(textOf), [String(i), String(i), null]);
    }
  }));

test("a read that began after a write was acknowledged does not share the answer to one that began before", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await using other = stage.other();
    await other.set("key", "old");
    stage.next("get", { what: "served", answerMs: 100 });
    const early = store.get("key");
    await stage.clock.sleep(50);
    await other.set("key", "new");
    assertEquals(textOf(await store.get("key")), "new");
    assertEquals(textOf(await early), "old");
  }));

test("that a key holds nothing is looked up each time, unless it was chosen to be believed", () =>
  onStage(async (stage) => {
    const cache = { maxStalenessMs: HOUR_MS };
    await using store = stage.store({ cache });
    await using believer = stage.store({ cache: { ...cache, negative: true } });
    await using other = stage.other();
    for (const reader of [store, believer]) assertEquals(await reader.get("key"), null);
    await other.set("key", "value");
    assertEquals(textOf(await store.get("key")), "value");
    assertEquals(await believer.get("key"), null);
    await stage.clock.sleep(HOUR_MS + 1);
    assertEquals(textOf(await believer.get("key")), "value");
  }));

test("that a key was deleted, or has expired, is looked up each time too", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: HOUR_MS } });
    await using other = stage.other();
    await store.set("deleted", "old");
    await store.del("deleted");
    await other.set("deleted", "new");
    assertEquals(textOf(await store.get("deleted")), "new");
    await store.set("expired", "old", { ttl: 5 });
    await new Promise((resolve) => setTimeout(resolve, 10));
    await other.set("expired", "new");
    assertEquals(textOf(await store.get("expired")), "new");
  }));

/** What ends without a write because of what is there, when `before` is the last that was seen, and all the same when others have changed that. */
const ENDINGS: Record<
  string,
  {
    before(store: CloudStore): unknown;
    meanwhile(other: CloudStore): unknown;
    call(store: CloudStore): unknown;
    result: Plain;
  }
> = {
  "del of what was not there": {
    before: (store) => store.get("key"),
    meanwhile: (other) => other.set("key", "value"),
    call: (store) => store.del("key"),
    result: true,
  },
  "del of what was deleted": {
    before: async (store) => (await store.set("key", "value"), await store.del("key")),
    meanwhile: (other) => other.set("key", "value"),
    call: (store) => store.del("key"),
    result: true,
  },
  "set if absent of what was there": {
    before: (store) => store.set("key", "value"),
    meanwhile: (other) => other.del("key"),
    call: (store) => store.set("key", "again", { ifAbsent: true }),
    result: true,
  },
  "set if present of what was not there": {
    before: (store) => store.get("key"),
    meanwhile: (other) => other.set("key", "value"),
    call: (store) => store.set("key", "again", { ifPresent: true }),
    result: true,
  },
  "hsetnx of a field that was there": {
    before: (store) => store.hset("key", "field", "value"),
    meanwhile: (other) => other.hdel("key", ["field"]),
    call: (store) => store.hsetnx("key", "field", "again"),
    result: true,
  },
  "lpushx to no list": {
    before: (store) => store.get("key"),
    meanwhile: (other) => other.rpush("key", ["a"]),
    call: (store) => store.lpushx("key", ["b"]),
    result: 2,
  },
  "lpop of no list": {
    before: (store) => store.get("key"),
    meanwhile: (other) => other.rpush("key", ["a"]),
    call: (store) => store.lpop("key"),
    result: ["a"],
  },
  "persist of what would not expire": {
    before: (store) => store.set("key", "value"),
    meanwhile: (other) => other.expire("key", HOUR_MS),
    call: (store) => store.persist("key"),
    result: true,
  },
  "update that leaves what it finds": {
    before: (store) => store.set("key", "old"),
    meanwhile: (other) => other.set("key", "new"),
    call: (store) => store.update("key", (old) => textOf(old) === "old" ? old : "newest"),
    result: "newest",
  },
  "incrBy of what was no number": {
    before: (store) => store.set("key", "none"),
    meanwhile: (other) => other.set("key", "41"),
    call: (store) => store.incrBy("key"),
    result: 42,
  },
  "hset to what was no hash": {
    before: (store) => store.set("key", "string"),
    meanwhile: async (other) => (await other.del("key"), await other.hset("key", "a", "1")),
    call: (store) => store.hset("key", "b", "2"),
    result: true,
  },
  "a copy of what was not there": {
    before: async (store) => (await store.get("source"), await store.get("key")),
    meanwhile: (other) => other.set("source", "value"),
    call: (store) => store.copy("source", "key"),
    result: true,
  },
  "a copy of what was something else": {
    before: async (store) => (await store.set("source", "old"), await store.get("key")),
    meanwhile: (other) => other.set("source", "new"),
    call: async (store) => (await store.copy("source", "key"), await store.get("key")),
    result: "new",
  },
  "an intersection of what did not intersect": {
    before: async (store) => (await store.sadd("a", ["x"]), await store.sadd("b", ["y"])),
    meanwhile: (other) => other.sadd("b", ["x"]),
    call: (store) => store.sinterStore("key", ["a", "b"]),
    result: 1,
  },
};

for (const [name, { before, meanwhile, call, result }] of Object.entries(ENDINGS)) {
  test(`what would write sees what is there, however old its cache may be: ${name}`, () =>
    onStage(async (stage) => {
      await using store = stage.store({ cache: { maxStalenessMs: HOUR_MS, negative: true } });
      await using other = stage.other();
      await before(store);
      await meanwhile(other);
      assertEquals(plainResult(await call(store)), result);
    }));
}

test("what a store has written itself it sees at once", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: HOUR_MS, negative: true } });
    assertEquals(await store.get("key"), null);
    await store.set("key", "1");
    assertEquals(textOf(await store.get("key")), "1");
    await store.append("key", "2");
    assertEquals(textOf(await store.get("key")), "12");
    await store.del("key");
    assertEquals(await store.get("key"), null);
    await store.set("key", "3");
    await store.clear();
    assertEquals(await store.get("key"), null);
  }));
