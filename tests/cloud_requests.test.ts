import { assert, assertEquals } from "@std/assert";
import type { CloudStore } from "@ferrite/storage/cloud";
import { textOf } from "./support/bytes.ts";
import { onStage } from "./support/cloud/stage.ts";
import { test } from "./support/harness.ts";

const CACHE = { maxStalenessMs: 3_600_000 };

test("a get of what is not in the cache takes one request, and one of what is takes none", () =>
  onStage(async (stage) => {
    await using other = stage.other();
    await other.mset([["key", "value"]]);
    await using store = stage.store({ cache: CACHE });
    assertEquals(await stage.requestsOf(() => store.get("key")), 1);
    assertEquals(await stage.requestsOf(() => store.get("key")), 0);
    assertEquals(await stage.requestsOf(() => store.get("none")), 1);
    assertEquals(await stage.requestsOf(() => store.get("none")), 1);
    await using believer = stage.store({ cache: { ...CACHE, negative: true } });
    assertEquals(await stage.requestsOf(() => believer.get("none")), 1);
    assertEquals(await stage.requestsOf(() => believer.get("none")), 0);
  }));

test("a get of what is in the cache does not wait for anything", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: CACHE });
    await store.set("key", "value");
    for (let hits = 0; hits < 5; hits++) {
      const value = store.get("key");
      assertEquals(store.stats().hits, hits + 1);
      assertEquals(textOf(await value), "value");
    }
  }));

test("without staleness a get of what is in the cache asks whether it is current, and reads nothing", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "value");
    assertEquals(await stage.requestsOf(() => store.get("key")), 1);
    const { reads, revalidations, bytesRead } = store.stats();
    assertEquals([reads, revalidations, bytesRead], [1, 1, 0]);
  }));

test("a set takes one request, of a new key and of a known one", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    assertEquals(await stage.requestsOf(() => store.set("key", "value")), 1);
    assertEquals(await stage.requestsOf(() => store.set("key", "again")), 1);
    assertEquals(await stage.requestsOf(() => store.set("key", "again", { ifPresent: true })), 1);
    assertEquals(await stage.requestsOf(() => store.set("other", "value", { ifAbsent: true })), 1);
    // The write of a store that did not know it is refused, then it reads what is there.
    await using late = stage.store();
    assertEquals(await stage.requestsOf(() => late.set("key", "value")), 3);
    assertEquals(await stage.requestsOf(() => late.set("key", "value")), 1);
  }));

test("the first write to a hash takes two requests, and later ones take one", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    assertEquals(await stage.requestsOf(() => store.hset("hash", "field", "value")), 2);
    for (const [i, field] of ["a", "b", "field"].entries()) {
      assertEquals(await stage.requestsOf(() => store.hset("hash", field, `${i}`)), 1);
    }
    assertEquals(await stage.requestsOf(() => store.hdel("hash", ["a"])), 1);
    assertEquals(await stage.requestsOf(() => store.incrBy("count")), 2);
    assertEquals(await stage.requestsOf(() => store.incrBy("count")), 1);
  }));

test("del of a known key takes one request", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "value");
    assertEquals(await stage.requestsOf(() => store.del("key")), 1);
    assertEquals(await stage.requestsOf(() => store.del("key")), 1); // whether that is so still
    assertEquals(await stage.requestsOf(() => store.set("key", "value")), 1);
  }));

test("mget reads all keys at the same time", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 10, answerMs: 10 });
    const keys = Array.from({ length: 100 }, (_, i) => `key:${i}`);
    const count = await stage.requestsOf(async () => {
      const values = store.mget(keys);
      await stage.clock.sleep(5);
      assertEquals(stage.bucket.underWay, 100);
      await values;
      assertEquals(stage.clock.now(), 20);
    });
    assertEquals(count, 100);
  }));

test("no more requests are under way than may be", () =>
  onStage(async (stage) => {
    await using store = stage.store({ concurrency: 7 });
    let most = 0;
    stage.bucket.fateOf = () => {
      most = Math.max(most, stage.bucket.underWay);
      return { what: "served", delayMs: 10 };
    };
    await store.mget(Array.from({ length: 50 }, (_, i) => `key:${i}`));
    assertEquals([most, stage.clock.now()], [6, 80]); // beside the one that is beginning
  }));

test("gets of one key at the same time share a request", () =>
  onStage(async (stage) => {
    await using other = stage.other();
    await other.set("key", "value");
    await using store = stage.store();
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 10 });
    const count = await stage.requestsOf(async () => {
      const values = await Promise.all(Array.from({ length: 500 }, () => store.get("key")));
      assert(values.every((value) => textOf(value) === "value"));
    });
    assertEquals(count, 1);
  }));

test("fields, members and scores that are asked for together are read together", () =>
  onStage(async (stage) => {
    const names = Array.from({ length: 20_000 }, (_, i) => `name ${i}`);
    {
      await using other = stage.other();
      await other.hmset("hash", names.map((name, i) => [name, `${i}`]));
      await other.sadd("set", names);
      await other.zadd("zset", names.map((name, i) => [i, name]));
    }
    const some = names.filter((_, i) => i % 200 === 0);
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 10 });
    const msOf = async (call: (store: CloudStore) => Promise<unknown>) => {
      await using store = stage.store();
      const start = stage.clock.now();
      await call(store);
      return stage.clock.now() - start;
    };
    // The root, what is below it, and what is below that.
    const most = 40;
    const took = [
      await msOf(async (store) =>
        assertEquals((await store.hmget("hash", some)).map(textOf), some.map((_, i) => `${200 * i}`))
      ),
      await msOf(async (store) => assert((await store.smisMember("set", [...some])).every((isMember) => isMember))),
      await msOf(async (store) => assertEquals(await store.zmscore("zset", some), some.map((_, i) => 200 * i))),
    ];
    assert(took.every((ms) => ms <= most), `${took} ms`);
  }));

test("increments of one counter at the same time take few writes", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 10 });
    const count = await stage.requestsOf(async () => {
      const first = store.incrBy("count");
      await stage.clock.sleep(5);
      const sums = await Promise.all([first, ...Array.from({ length: 999 }, () => store.incrBy("count"))]);
      assertEquals(sums, Array.from({ length: 1000 }, (_, i) => i + 1));
    });
    assert(count <= 3, `${count} requests`);
  }));

test("a scan with a prefix lists what has it, and nothing else", () =>
  onStage(async (stage) => {
    await using store = stage.store({ prefix: "app/" });
    for (const key of ["user:1", "user:2", "group:1", "x".repeat(3000)]) await store.set(key, "value");
    const names: string[] = [];
    stage.bucket.fateOf = ({ name }) => {
      names.push(name);
      return { what: "served" };
    };
    const keys: (string | null)[] = [];
    for await (const key of store.keys({ match: "user:*" })) keys.push(textOf(key));
    assertEquals(keys, ["user:1", "user:2"]);
    const [first, second, ...others] = names;
    assertEquals([first, second], ["app/k/user:", "app/h/"]);
    assertEquals(others.length, 1, "the key that is too long for a name is read");
    names.length = 0;
    for await (const key of store.keys({ match: "user:*", type: "hash" })) assertEquals(textOf(key), null);
    assertEquals(names, ["app/k/user:", "app/h/"]);
  }));

test("counting all keys takes a request for a thousand", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await Promise.all(Array.from({ length: 2500 }, (_, i) => store.set(`key:${i}`, "value")));
    assertEquals(await stage.requestsOf(async () => assertEquals(await store.size(), 2500)), 4);
  }));

test("stats count every request", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "value");
    await store.hset("hash", "field", "value");
    await store.get("key");
    await store.get("none");
    stage.next("put", { what: "fails before" }, { what: "busy" }, { what: "served" }, { what: "conflict" });
    await store.append("key", "!");
    await store.append("key", "!");
    await store.scan();
    await store.size();
    const { reads, writes, deletes, lists, retries, conflicts, bytesRead, bytesWritten } = store.stats();
    const { requests } = stage.bucket;
    assertEquals({ get: reads, put: writes, delete: deletes, list: lists }, requests);
    assertEquals([retries, conflicts], [2, 1]);
    const { objects } = await stage.objects.list("");
    assert(bytesRead > 0 && bytesWritten > objects.reduce((sum, { size }) => sum + size, 0));
  }));

test("what a store is asked tells what was in its cache", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: CACHE });
    await store.set("key", "value");
    await store.get("key");
    await store.mget(["key", "none", "key"]);
    await store.append("key", "!");
    const { hits, misses, cacheHits, cacheMisses, revalidations } = store.stats();
    assertEquals([hits, misses], [3, 1]);
    assertEquals([cacheHits, cacheMisses, revalidations], [4, 1, 0]);
  }));
