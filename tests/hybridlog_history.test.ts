import { assert, assertEquals, assertRejects } from "@std/assert";
import type { HybridLogStore } from "@ferrite/storage";
import { pattern, textOf } from "./support/bytes.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { contentOf } from "./support/hybridlog/content.ts";
import { openAfterCrash, openWithoutIndex, type Returned } from "./support/hybridlog/crashed.ts";
import { openSmall, PAGES, QUIET } from "./support/hybridlog/small_store.ts";
import { World } from "./support/hybridlog/world.ts";

// What the log that ours descends from did wrong, and what ours has done wrong: each a test.

const NAMES = Array.from({ length: 200 }, (_, i) => `key:${i}`);

/** Ways to come back to what was committed. */
const RETURNS: Record<string, (files: FaultyFiles, store: HybridLogStore) => Promise<Returned>> = {
  "a crash": (files) => openAfterCrash(files),
  "closing": async (files, store) => {
    await store.close();
    return { files, ...await openSmall(files, QUIET) };
  },
  "closing and losing the index": async (files, store) => {
    await store.close();
    return await openWithoutIndex(files);
  },
};

for (const [way, comeBack] of Object.entries(RETURNS)) {
  test(`a deleted key stays deleted after ${way}`, async () => {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    for (const name of NAMES) store.sync.set(name, name);
    store.sync.rpush("list", NAMES);
    store.sync.hmset("hash", NAMES.map((name) => [name, name]));
    store.sync.set("large", pattern(100_000));
    await store.commit();
    log.space.dropAll();
    await store.saveIndex();
    for (const name of NAMES.slice(50)) assertEquals(store.sync.del(name), true);
    assertEquals(store.sync.del("large"), true);
    assertEquals(store.sync.hdel("hash", NAMES), 200); // what becomes empty disappears
    assertEquals(store.sync.rename("list", "other"), true);
    await store.commit();
    const { store: again, files: next } = await comeBack(files, store);
    const names = Array.from(again.sync.keys(), textOf);
    assertEquals(names.sort(), [...NAMES.slice(0, 50), "other"].sort());
    for (const name of [...NAMES.slice(50), "large", "hash", "list"]) assertEquals(again.sync.exists(name), false);
    assertEquals(again.sync.size(), 51);
    // Nor do they come back when what hides them goes.
    await again.compact();
    await again.close();
    const { store: last } = await openWithoutIndex(next);
    assertEquals(Array.from(last.sync.keys(), textOf).sort(), names);
  });

  test(`the newest version wins after ${way}`, async () => {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    for (let version = 0; version < 12; version++) {
      for (const name of NAMES) store.sync.set(name, `${name} ${version} ${"x".repeat(version * 7)}`);
      if (version % 3 === 0) log.space.dropAll();
      if (version === 5) await store.saveIndex();
      if (version === 7) await store.compact();
    }
    await store.commit();
    const { store: again, log: next } = await comeBack(files, store);
    for (const cold of [false, true]) {
      if (cold) next.space.dropAll();
      for (const name of NAMES) assertEquals(textOf(again.sync.get(name)), `${name} 11 ${"x".repeat(77)}`);
    }
    assertEquals(again.sync.size(), NAMES.length);
  });

  test(`compaction keeps what is live, and it is there after ${way}`, async () => {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    store.sync.zadd("scores", NAMES.map((name, i) => [i, name]));
    store.sync.rpush("list", NAMES);
    for (let version = 0; version < 20; version++) {
      for (const name of NAMES.slice(0, 40)) store.sync.set(name, pattern(9000 + version * 8, version));
    }
    const before = store.stats();
    assert(before.segments >= 6, `${before.segments} segments`);
    log.space.dropAll();
    await store.compact();
    const after = store.stats();
    assert(after.logBytes < before.logBytes / 5, `${before.logBytes} bytes became ${after.logBytes}`);
    assertEquals(files.paths().filter((path) => path.endsWith(".log")).length, after.segments);
    const { store: again, log: next } = await comeBack(files, store);
    next.space.dropAll();
    for (const name of NAMES.slice(0, 40)) assertEquals(again.sync.get(name), pattern(9152, 19));
    assertEquals(again.sync.zrank("scores", "key:77"), 77);
    assertEquals(again.sync.lrange("list", 0, -1).map(textOf), NAMES);
    assertEquals(again.sync.size(), 42);
  });

  test(`an expiry survives ${way}`, async () => {
    using world = new World();
    const files = new FaultyFiles();
    const { store } = await openSmall(files, QUIET);
    const start = world.now;
    store.sync.set("short", "1", { ttl: 1000 });
    store.sync.set("long", "2", { ttl: 100_000 });
    store.sync.sadd("set", ["member"]);
    store.sync.expire("set", 50_000);
    store.sync.set("kept", "3", { ttl: 500 });
    store.sync.persist("kept");
    await store.commit();
    world.now = start + 10_000;
    const { store: again } = await comeBack(files, store);
    assertEquals(again.sync.get("short"), null);
    assertEquals(again.sync.ttl("long"), 90_000);
    assertEquals(again.sync.ttl("set"), 40_000);
    assertEquals(again.sync.ttl("kept"), Infinity);
    world.now = start + 50_000;
    assertEquals(again.sync.scard("set"), 0);
    world.now = start + 100_000;
    assertEquals(again.sync.exists("long"), false);
  });
}

test("reopening never loses what was committed, however often", async () => {
  let files = new FaultyFiles();
  for (let i = 0; i < 30; i++) {
    const { store } = await openSmall(files, QUIET);
    assertEquals(store.sync.size(), i);
    for (let j = 0; j < i; j++) assertEquals(store.sync.get(`key:${j}`), pattern(20_000 + j, j));
    store.sync.set(`key:${i}`, pattern(20_000 + i, i));
    await store.commit();
    store.sync.set("never committed", "x");
    if (i % 3 === 0) {
      store.sync.del("never committed");
      await store.close();
    } else files = i % 3 === 1 ? files.crash() : files.killed();
  }
});

test("what a process that was killed had not synced yet is synced before the next one goes on", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const files = new FaultyFiles({ seed });
    const { store } = await openSmall(files, QUIET);
    store.sync.set("a", pattern(100_000));
    await store.commit();
    store.sync.set("b", pattern(300_000)); // begins another page, and a later commit another segment
    store.sync.set("c", pattern(900_000));
    let found: FaultyFiles | undefined;
    files.fail = ({ kind }) => {
      if (kind === "sync") found ??= files.killed();
    };
    await store.commit();
    const { store: again } = await openSmall(found!, QUIET);
    const names = Array.from(again.sync.keys(), textOf).sort();
    const { store: last } = await openAfterCrash(found!);
    assertEquals(Array.from(last.sync.keys(), textOf).sort(), names);
    assertEquals(last.sync.get("a"), pattern(100_000));
  }
});

test("errors of writing are reported, to every writer from then on", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  store.sync.set("a", "1");
  await store.commit();
  store.sync.set("a", "2");
  files.fail = ({ kind }) => kind === "write" ? Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }) : undefined;
  await assertFails(() => store.commit(), "POISONED", "ENOSPC");
  files.fail = undefined;
  await assertFails(() => store.commit(), "POISONED");
  await assertFails(() => store.set("b", "1"), "POISONED");
  await assertFails(() => store.transact((tx) => tx.set("b", "1")), "POISONED");
  assertFailsSync(() => store.sync.rpush("list", ["1"]), "POISONED");
  assertFailsSync(() => store.sync.clear(), "POISONED");
  await assertFails(() => store.compact(), "POISONED");
  await assertFails(() => store.checkpoint("checkpoint"), "POISONED");
  assertEquals(textOf(await store.get("a")), "2");
  assertEquals(store.sync.size(), 1);
  const { store: again } = await openAfterCrash(files);
  assertEquals(textOf(again.sync.get("a")), "1");
});

test("a clear counts from its commit on, and not before", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  for (const name of NAMES) store.sync.set(name, pattern(3000));
  await store.commit();
  store.sync.clear();
  store.sync.set("after", "1");
  assertEquals(Array.from(store.sync.keys(), textOf), ["after"]);
  const before = await openAfterCrash(files);
  assertEquals(before.store.sync.size(), NAMES.length);
  await store.commit();
  const after = await openAfterCrash(files);
  assertEquals(Array.from(after.store.sync.keys(), textOf), ["after"]);
  assertEquals(after.store.sync.size(), 1);
});

test("a clear that compaction has passed already does not bring the begin of the log back", async () => {
  using world = new World();
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  for (const name of NAMES) store.sync.set(name, pattern(3000));
  await store.commit();
  store.sync.clear();
  for (const name of NAMES.slice(0, 40)) store.sync.set(name, pattern(100_000));
  await store.compact();
  world.tick();
  await store.commit();
  await store.compact();
  assertEquals(store.maintenanceError, null);
  store.sync.set("last", "1");
  await store.commit();
  const { store: again } = await openAfterCrash(files);
  assertEquals(contentOf(again.sync, world.now), contentOf(store.sync, world.now));
});

test("a commit that ends where addresses wrap counts", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, { ...QUIET, firstPage: PAGES - 1 });
  let keys = 0;
  // Leaves less than a sector, which the commit fills.
  while (store.stats().addresses.tail < 2 ** 40 - 64) store.sync.set(`key:${keys++}`, pattern(100));
  await store.commit();
  assertEquals(store.stats().addresses.tail, 0);
  const { store: again } = await openAfterCrash(files);
  assertEquals(again.sync.size(), keys);
  again.sync.set("one more", "1");
  await again.commit();
});

test("a scan goes on where addresses wrap, whatever its steps", async () => {
  const { store } = await openSmall(new FaultyFiles(), { ...QUIET, firstPage: PAGES - 1 });
  let keys = 0;
  while (store.stats().addresses.tail > 2 ** 39) store.sync.set(`key:${keys++}`, pattern(100));
  for (let i = 0; i < 50; i++) store.sync.set(`key:${keys++}`, pattern(100));
  for (let count = keys - 60; count < keys; count++) {
    const found = new Set<string>();
    for (let cursor: string | null = null;;) {
      const step = store.sync.scan({ cursor, count });
      for (const key of step.keys) found.add(textOf(key)!);
      cursor = step.cursor;
      if (cursor === null) break;
    }
    assertEquals(found.size, keys, `steps of ${count}`);
  }
});

test("a directory that has lost its manifest is not taken for an empty one", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  store.sync.set("a", pattern(10_000));
  await store.close();
  const before = files.contents("data/1-00000.log");
  await files.remove("data/MANIFEST");
  for (let i = 0; i < 2; i++) {
    await assertFails(() => openSmall(files, QUIET), "CORRUPT", "MANIFEST");
    assertEquals(files.contents("data/1-00000.log"), before);
  }
});

test("what is not committed is cut, and said so", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  store.sync.set("a", "1");
  await store.commit();
  assertEquals(store.recovery.cutBytes, 0);
  store.sync.set("b", pattern(5000));
  log.space.dropAll(); // writes it, without a commit
  const { store: again } = await openSmall(files.killed(), QUIET);
  assert(again.recovery.cutBytes >= 5000, `${again.recovery.cutBytes} bytes were cut`);
  assertEquals(again.sync.exists("b"), false);
  assertEquals(textOf(again.sync.get("a")), "1");
});

test("two stores never have a directory at once", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  await assertFails(() => openSmall(files, QUIET), "LOCKED");
  await store.close();
  const { store: again } = await openSmall(files, QUIET);
  await again.close();
  await assertRejects(() => again.get("a"));
});
