import { defaultModule } from "../src/core/module.ts";
import { assert, assertEquals } from "@std/assert";
import { type Bytes, MemoryStore } from "@ferrite/storage";
import { readFile } from "node:fs/promises";
import { writeSnapshot } from "../src/memory/snapshot.ts";
import { Space } from "../src/memory/space.ts";
import { SyncStore } from "../src/types/sync_store.ts";
import { pattern, textOf } from "./support/bytes.ts";
import { inDirectory, interposed } from "./support/directory.ts";
import { assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";

type Sync = SyncStore | MemoryStore["sync"];

const member = (i: number) => `member:${i}`;
const range = (length: number) => Array.from({ length }, (_, i) => i);

/** One of each type: small, of several levels, and with elements that are records of their own. */
function fill(sync: Sync, size: number, longest: number = 100_000): void {
  for (const [suffix, count] of [["small", 5], ["large", size]] as const) {
    sync.rpush(`list ${suffix}`, range(count).map((i) => `element ${i}`));
    sync.hmset(`hash ${suffix}`, range(count).map((i) => [member(i), `value ${i}`] as const));
    sync.sadd(`set ${suffix}`, range(count).map(member));
    sync.zadd(`zset ${suffix}`, range(count).map((i) => [i * 7919 % count, member(i)] as const));
  }
  sync.rpush("list of long ones", [pattern(600), pattern(longest / 5), pattern(longest)]);
  sync.hset("hash of long ones", pattern(500), pattern(longest - 30_000));
  sync.sadd("set of long ones", range(50).map((i) => pattern(481, i)));
  sync.zadd("zset of long ones", range(50).map((i) => [1, "p".repeat(700) + i] as const));
}

/** All that a store holds, in the plainest form. */
function contentOf(sync: Sync): string[] {
  const text = (bytes: Bytes) => bytes.length > 100 ? `${bytes.length} bytes ${bytes.join(",")}` : bytes.join(",");
  const read: Record<string, (key: Bytes) => string[]> = {
    string: (key) => [text(sync.get(key)!)],
    list: (key) => sync.lrange(key, 0, -1).map(text),
    hash: (key) => sync.hgetall(key).map(([field, value]) => `${text(field)}=${text(value)}`).sort(),
    set: (key) => sync.smembers(key).map(text).sort(),
    zset: (key) => sync.zrangeWithScores(key, 0, -1).map(([bytes, score]) => `${text(bytes)}=${score}`),
  };
  return [...sync.keys()].map((key) => `${textOf(key)}: ${read[sync.type(key)!](key).join(";")}`).sort();
}

test("a snapshot holds collections, and what is restored goes on growing", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "64MB", snapshotPath: path("a") });
    fill(store.sync, 3000);
    store.sync.expire("zset large", 1_000_000);
    const content = contentOf(store.sync);
    await store.checkpoint();
    await using other = new MemoryStore({ maxSize: "64MB" });
    await other.restore(path("a"));
    assertEquals(contentOf(other.sync), content);
    assert(other.sync.ttl("zset large")! > 900_000);
    assertEquals(other.stats().liveBytes, store.stats().liveBytes);
    for (const { sync } of [store, other]) {
      sync.rpush("list large", range(2000).map((i) => `more ${i}`));
      sync.hmset("hash large", range(2000).map((i) => [`more ${i}`, pattern(500)] as const));
      sync.zremRangeByRank("zset large", 10, 2000);
      sync.srem("set large", range(2500).map(member));
    }
    assertEquals(contentOf(other.sync), contentOf(store.sync));
  }));

test("a snapshot shows one moment of collections that change while it is written", () =>
  inDirectory(async (path) => {
    const space = new Space({ maxBytes: 32 * 2 ** 20, evicts: false, tracksReads: false, module: defaultModule });
    const sync = new SyncStore(space);
    fill(sync, 20_000);
    let moment: string[] | undefined;
    let i = 0;
    const files = interposed({
      // The header is written once the checkpoint has begun; each later write comes between two blocks.
      write() {
        moment ??= contentOf(sync);
        for (const end = i + 500; i < end; i++) {
          sync.rpush("list large", ["late"]);
          sync.lpop("list large");
          sync.hset("hash large", member(i), "changed");
          sync.srem("set large", [member(i)]);
          sync.zadd("zset large", [[-i, member(i)]]);
          sync.lset("list of long ones", 0, pattern(700, i));
        }
        if (i === 5000) sync.transact((tx) => tx.del("hash small"));
        if (i === 6000) sync.del("zset large");
      },
      writeSync() {},
    });
    await writeSnapshot(space, files, path("a"));
    assert(i > 8000, `${i} changes were made meanwhile`);
    await using other = new MemoryStore({ maxSize: "64MB" });
    await other.restore(path("a"));
    assertEquals(contentOf(other.sync), moment);
    for (const key of [...sync.keys()]) sync.del(key);
    await space.compact(async () => {});
    assertEquals(sync.stats().liveBytes, 0);
  }));

test("what was being reclaimed when a snapshot was written is reclaimed where it is restored", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "64MB" });
    fill(store.sync, 50_000);
    for (const key of [...store.sync.keys()]) store.sync.del(key);
    assert(store.stats().liveBytes > 1_000_000, "most of it is still there");
    await store.checkpoint(path("a"));
    await using other = new MemoryStore({ maxSize: "64MB" });
    await other.restore(path("a"));
    assertEquals(other.sync.size(), 0);
    assert(other.stats().liveBytes > 1_000_000);
    await other.compact();
    assertEquals(other.stats().liveBytes, 0);
  }));

test("a snapshot of the second format is read", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  await store.restore(new URL("fixtures/snapshot-v2.bin", import.meta.url).pathname);
  await using same = new MemoryStore({ maxSize: "8MB" });
  fill(same.sync, 100, 30_500);
  assertEquals(contentOf(store.sync), contentOf(same.sync));
});

test("a snapshot does not carry what was removed", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "8MB" });
    for (let i = 0; i < 500; i++) store.sync.rpush("list", [`secret ${i}`]);
    store.sync.ltrim("list", 0, 299);
    for (let i = 0; i < 300; i++) store.sync.lset("list", i, "known");
    await store.checkpoint(path("a"));
    assertEquals((await readFile(path("a"))).includes("secret"), false);
  }));

test("a large collection is dropped at once and its memory comes back with the writes that follow", async () => {
  await using store = new MemoryStore({ maxSize: "64MB" });
  const { sync } = store;
  const drops: Record<string, () => unknown> = {
    del: () => sync.del("k"),
    set: () => sync.set("k", "v"),
    rename: () => {
      sync.set("other", "v");
      sync.rename("other", "k");
    },
    sunionStore: () => sync.sunionStore("k", ["none"]),
    ltrim: () => sync.ltrim("k", 1, 0),
  };
  for (const [name, drop] of Object.entries(drops)) {
    sync.rpush("k", range(100_000).map(String));
    const { liveBytes } = store.stats();
    drop();
    const { liveBytes: left } = store.stats();
    assert(left > liveBytes * 0.8, `${name}: most of it is freed later, ${left} of ${liveBytes} bytes are left`);
    for (let i = 0; i < 100; i++) sync.set(`k${i}`, "v");
    assert(store.stats().liveBytes < 20_000, `${name}: ${store.stats().liveBytes} bytes are left`);
    sync.clear();
  }
});

test("a collection that expires or is evicted gives its memory back", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  const { sync } = store;
  for (let round = 0; round < 30; round++) {
    sync.zadd(`z${round}`, range(10_000).map((i) => [i, `${round} ${member(i)}`] as const));
    if (round % 3 === 0) sync.expire(`z${round}`, 1);
  }
  const { liveBytes, evictions } = store.stats();
  assert(evictions > 0 && liveBytes < 8 * 2 ** 20);
  for (const key of [...sync.keys()]) assertEquals(sync.zcard(key), 10_000);
  for (const key of [...sync.keys()]) sync.del(key);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await store.compact();
  assertEquals([store.stats().liveBytes, sync.size()], [0, 0]);
});

test("calls that write many elements write none where there is no room for all", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const { sync } = store;
  fill(sync, 2000);
  const content = contentOf(sync);
  const { liveBytes } = store.stats();
  const many = range(50_000);
  const long = "x".repeat(200);
  const calls: Record<string, () => unknown> = {
    rpush: () => sync.rpush("list large", many.map((i) => `${long} ${i}`)),
    hmset: () => sync.hmset("hash large", many.map((i) => [`new ${i}`, long] as const)),
    sadd: () => sync.sadd("set large", many.map((i) => `${long} ${i}`)),
    zadd: () => sync.zadd("zset new", many.map((i) => [i, `${long} ${i}`] as const)),
    setRange: () => sync.setRange("string", 6_500_000, "x"),
    "rpush of large ones": () => sync.rpush("list small", many.slice(0, 1000).map(() => pattern(50_000))),
    transact: () =>
      sync.transact((tx) => {
        tx.del("hash large");
        for (const i of many) tx.set(`key ${i}`, long);
      }),
    "transact that looks away": () =>
      sync.transact((tx) => {
        for (const i of many) {
          try {
            tx.rpush("list large", [`${long} ${i}`]);
          } catch {
            // the store must not take this for done
          }
        }
      }),
  };
  for (const [name, call] of Object.entries(calls)) {
    assertFailsSync(call, "OUT_OF_MEMORY");
    assertEquals(store.stats().liveBytes, liveBytes, name);
    assertEquals(contentOf(sync), content, name);
  }
});

test("elements can be removed from a store that is full", async () => {
  const elements = (length: number) => (i: number) => `${i}`.padEnd(length, "x");
  for (const length of [10, 200, 600, 20_000]) {
    await using store = new MemoryStore({ maxSize: "8MB" });
    const { sync } = store;
    const element = elements(length);
    let count = 0;
    try {
      for (;; count++) {
        sync.rpush("list", [element(count)]);
        sync.hset("hash", `${count}`, element(count));
        sync.sadd("set", [element(count)]);
        sync.zadd("zset", [[count, element(count)]]);
      }
    } catch {
      // full
    }
    try {
      for (let i = 0;; i++) sync.set(`string ${i}`, "v");
    } catch {
      // full to the last byte
    }
    let left = count;
    for (; left > 5; left -= 3) {
      sync.ltrim("list", 1, -2);
      assertEquals(sync.lpop("list").length, 1);
      assertEquals(sync.hdel("hash", [`${left - 1}`, `${left - 2}`, `${left - 3}`]), 3);
      assertEquals(sync.spop("set", 3).length, 3);
      assertEquals(sync.zpopMin("zset", 2).length, 2);
      assertEquals(sync.zrem("zset", [element(left - 1)]) <= 1, true);
    }
  }
});

test("writes into a store that is nearly full end, one way or the other", async () => {
  for (const large of [false, true]) {
    await using store = new MemoryStore({ maxSize: "8MB" });
    const { sync } = store;
    const member = (i: number) => `f${i}${"m".repeat(large ? 600 : 200)}`;
    assertFailsSync(() => {
      for (let i = 0;; i++) sync.zadd("k", [[i % 1000, member(i)]]);
    }, "OUT_OF_MEMORY");
    const count = sync.zcard("k");
    assertEquals(sync.zrange("k", 0, -1).length, count);
    for (const value of sync.zrange("k", 0, 9)) assert(sync.zscore("k", value) !== null);
  }
});

test("several elements are written all or none, however little room is left", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const { sync } = store;
  sync.rpush("list", range(2000).map(String));
  for (let i = 0;; i++) {
    try {
      sync.set(`filler ${i}`, "x".repeat(100));
    } catch {
      break;
    }
  }
  for (let i = 0; i < 2000; i++) {
    try {
      sync.rpush("list", ["a", "b"]);
    } catch {
      sync.del(`filler ${i}`);
    }
    assertEquals(sync.llen("list") % 2, 0);
  }
});

test("the score of the only member of what was a large sorted set can be changed", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const { sync } = store;
  sync.zadd("z", range(300).map((n) => [n, `m${n}`] as const));
  sync.zremRangeByRank("z", 1, -1);
  assertEquals(sync.zincrBy("z", 5, "m0"), 5);
  assertEquals([sync.zcard("z"), sync.zrank("z", "m0"), sync.zrange("z", 0, -1).map(textOf)], [1, 0, ["m0"]]);
});

test("a score changed in a transaction, or under a snapshot, keeps its member", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const { sync } = store;
  for (let n = 0; n < 100; n++) sync.zadd("k", [[n, `m${n}${n === 60 ? "abc" : ""}`]]);
  sync.transact((tx) => tx.zadd("k", [[1099.5, "m99"]]));
  assertEquals([sync.zcard("k"), sync.zscore("k", "m99")], [100, 1099.5]);
  for (let i = 0; i < 2000; i++) sync.zadd(`z${i}`, range(20).map((n) => [n, `member ${n}`] as const));
  sync.transact((tx) => {
    for (let i = 0; i < 2000; i++) {
      tx.zadd(`z${i}`, [[100, "member 0"]]);
      assertEquals(tx.zcard(`z${i}`), 20);
    }
  });
  for (let i = 0; i < 2000; i++) assertEquals([sync.zcard(`z${i}`), sync.zrank(`z${i}`, "member 0")], [20, 19]);
});

test("a key does not expire in the middle of a call", async () => {
  await using store = new MemoryStore({ maxSize: "256MB" });
  const { sync } = store;
  for (let i = 0; i < 10; i++) {
    sync.del("list");
    sync.rpush("list", ["old"]);
    sync.expire("list", 3 * (i + 1));
    const length = sync.rpush("list", range(60_000).map(String));
    // Either it had expired before, or it is all there until the call is over; what is left may be gone after it.
    const left = sync.llen("list");
    assert(length === 60_001 && left === 0 || length === 60_000 || left === length, `${length}, ${left}`);
  }
  sync.hmset("hash", range(100_000).map((n) => [`${n}`, "v"] as const));
  sync.expire("hash", 5);
  const entries = sync.hgetall("hash").length;
  assert(entries === 0 || entries === 100_000, `${entries}`);
});

test("members with the same score and long common beginnings do not make trees deep", async () => {
  await using store = new MemoryStore({ maxSize: "512MB" });
  const { sync } = store;
  // Always behind the first, so that nodes are split in their middle.
  sync.zadd("z", [[0, "a"]]);
  const name = (i: number) => "p".repeat(470) + `${i}`.padStart(6, "0");
  for (let i = 60_000; i > 0; i--) sync.zadd("z", [[0, name(i)]]);
  for (let i = 1; i <= 60_000; i += 977) assertEquals(sync.zrank("z", name(i)), i);
  assertEquals(sync.zlexCount("z", "b", null), 60_000);
  sync.zremRangeByLex("z", name(10), name(59_990));
  assertEquals(sync.zrange("z", 0, -1).length, 20);
  sync.del("z");
  await store.compact();
  assertEquals(store.stats().liveBytes, 0);
});

test("a small collection that had long elements takes no more short ones than a leaf of a tree", async () => {
  await using store = new MemoryStore({ maxSize: "16MB" });
  const { sync } = store;
  for (const length of [450, 460, 470]) {
    const key = `set ${length}`;
    sync.set(`neighbour ${length}`, pattern(1000));
    sync.sadd(key, range(3).map((i) => pattern(length, i)));
    sync.srem(key, range(2).map((i) => pattern(length, i)));
    sync.hmset(`hash ${length}`, range(3).map((i) => [`${i}`, pattern(length, i)] as const));
    sync.hdel(`hash ${length}`, ["0", "1"]);
    for (let i = 0; i < 256; i++) {
      sync.sadd(key, [new Uint8Array([i])]);
      sync.hset(`hash ${length}`, new Uint8Array([i]), "");
    }
    for (let i = 0; i < 50; i++) sync.sadd(key, [`${i}`.padEnd(27, "x")]);
    assertEquals([sync.scard(key), sync.smembers(key).length], [307, 307]);
    assertEquals(sync.hlen(`hash ${length}`), sync.hgetall(`hash ${length}`).length);
    assertEquals(sync.get(`neighbour ${length}`), pattern(1000));
  }
});

test("a collection under the longest of keys takes many elements at once", async () => {
  await using store = new MemoryStore({ maxSize: "64MB" });
  const { sync } = store;
  const key = "K".repeat(65_535);
  assertEquals(sync.rpush(key, range(400).map(String)), 400);
  assertEquals(sync.lrange(key, 0, -1).map(textOf), range(400).map(String));
  sync.rename(key, "short");
  assertEquals(sync.llen("short"), 400);
});
