import { assert, assertEquals } from "@std/assert";
import { HybridLogStore } from "@ferrite/storage";
import { bytesBetween, Grid, isOlder } from "../src/hybridlog/addresses.ts";
import type { HybridLogStats } from "../src/hybridlog/stats.ts";
import { pattern } from "./support/bytes.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { share, test } from "./support/harness.ts";
import { History } from "./support/hybridlog/history.ts";
import { Session } from "./support/hybridlog/session.ts";
import { drawSetting, type Opened, openSmall, PAGES, QUIET, type Setting } from "./support/hybridlog/small_store.ts";
import { drawSteps, showStep } from "./support/hybridlog/steps.ts";
import { World } from "./support/hybridlog/world.ts";
import { Random, SEED } from "./support/random.ts";

// What stats() says of a hybrid log: each figure is brought about, and must be what it then has to be.

const PAGE_BYTES = 2 ** 17;
const SEGMENT_BYTES = 2 ** 20;
const MEMORY_BYTES = 10 * 2 ** 20;

const nameOf = (i: number) => `key:${String(i).padStart(6, "0")}`;

/** What a record of such a key takes, with a value of so many bytes: a header of 16, key and value padded. */
function recordBytes(valueBytes: number): number {
  const value = Math.ceil((16 + nameOf(0).length) / 4) * 4;
  return Math.ceil((value + valueBytes) / 8) * 8;
}

function put(store: HybridLogStore, from: number, to: number, valueBytes: number): void {
  for (let i = from; i < to; i++) store.sync.set(nameOf(i), pattern(valueBytes, i));
}

function read(store: HybridLogStore, from: number, to: number): void {
  for (let i = from; i < to; i++) assert(store.sync.get(nameOf(i)) !== null, nameOf(i));
}

/** Figures by how much they have become more since they were last asked for. */
class Differences {
  readonly #store: HybridLogStore;
  #before: HybridLogStats;

  constructor(store: HybridLogStore) {
    this.#store = store;
    this.#before = store.stats();
  }

  /** Those of `names` that are not the same. */
  take(...names: (keyof HybridLogStats)[]): Partial<Record<keyof HybridLogStats, number>> {
    const stats = this.#store.stats();
    const more = names.map((name) => [name, Number(stats[name]) - Number(this.#before[name])] as const);
    this.#before = stats;
    return Object.fromEntries(more.filter(([, change]) => change !== 0));
  }
}

/** A clock that stands still but for what is to take its time. */
class Clock implements Disposable {
  now = 1000;
  readonly #real = performance.now;

  constructor() {
    performance.now = () => this.now;
  }

  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}

const HITS = ["hits", "misses", "mutableHits", "readonlyHits", "cacheHits", "diskReads"] as const;

test("reads are counted by where the record was", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), QUIET);
  const more = new Differences(store);
  put(store, 0, 10, 5);
  assertEquals(more.take(...HITS), {});
  read(store, 0, 10);
  assertEquals(more.take(...HITS), { hits: 10, mutableHits: 10 });
  await store.commit();
  read(store, 0, 10);
  assertEquals(more.take(...HITS), { hits: 10, readonlyHits: 10 });
  log.space.dropAll();
  read(store, 0, 10);
  assertEquals(more.take(...HITS), { hits: 10, diskReads: 10 });
  read(store, 0, 7);
  assertEquals(more.take(...HITS), { hits: 7, cacheHits: 7 });
  assertEquals(store.sync.get("none"), null);
  assertEquals(more.take(...HITS), { misses: 1 });
  // Those of many keys have no tier.
  store.sync.mget([nameOf(0), nameOf(1), "none"]);
  assertEquals(more.take(...HITS), { hits: 2, misses: 1 });
  store.sync.exists(nameOf(0));
  store.sync.strlen(nameOf(0));
  store.sync.type(nameOf(0));
  assertEquals(more.take(...HITS), {});
  await store.close();
});

test("a read that has waited for the disk counts there and in the cache", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), { ...QUIET, io: "async" });
  put(store, 0, 20, 5);
  log.space.dropAll();
  const more = new Differences(store);
  await Promise.all(Array.from({ length: 20 }, (_, i) => store.get(nameOf(i))));
  assertEquals(more.take(...HITS), { hits: 20, diskReads: 20, cacheHits: 20 });
  await store.close();
});

test("keys and live bytes are those of the records that are there", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  const figures = () => {
    const { keys, liveBytes, garbageBytes, logBytes } = store.stats();
    assertEquals(liveBytes + garbageBytes, logBytes);
    return { keys, liveBytes };
  };
  assertEquals(figures(), { keys: 0, liveBytes: 0 });
  put(store, 0, 1000, 5);
  assertEquals(figures(), { keys: 1000, liveBytes: 1000 * recordBytes(5) });
  put(store, 0, 500, 90);
  assertEquals(figures(), { keys: 1000, liveBytes: 500 * recordBytes(5) + 500 * recordBytes(90) });
  for (let i = 0; i < 500; i++) store.sync.del(nameOf(i));
  assertEquals(figures(), { keys: 500, liveBytes: 500 * recordBytes(5) });
  await store.commit();
  assertEquals(figures(), { keys: 500, liveBytes: 500 * recordBytes(5) });
  store.sync.clear();
  assertEquals(figures(), { keys: 0, liveBytes: 0 });
  await store.close();
});

test("compaction leaves what is live and next to no garbage", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), QUIET);
  for (let round = 0; round < 3; round++) {
    put(store, 0, 1500, 1000);
    await store.commit();
  }
  const liveBytes = 1500 * recordBytes(1000);
  const before = store.stats();
  assertEquals([before.keys, before.liveBytes, before.compactions], [1500, liveBytes, 0]);
  assert(before.garbageBytes >= 2 * liveBytes && before.garbageBytes < 2.1 * liveBytes, `${before.garbageBytes} bytes`);
  log.space.dropAll();
  await store.compact();
  const after = store.stats();
  assertEquals([after.keys, after.liveBytes, after.compactions], [1500, liveBytes, 1]);
  assert(after.garbageBytes < 0.05 * liveBytes + 2 * PAGE_BYTES, `${after.garbageBytes} bytes`);
  assert(after.segments < before.segments, `${after.segments} segments`);
  for (let i = 0; i < 2; i++) await store.compact();
  assertEquals(store.stats().compactions, 3);
  await store.close();
});

for (const firstPage of [0, PAGES - 9]) {
  test(`addresses, segments and bytes are those of the log that begins on page ${firstPage}`, async () => {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, { ...QUIET, firstPage });
    const start = store.stats().addresses;
    assertEquals([start.head, start.readOnly, start.tail], [start.begin, start.begin, start.begin]);
    put(store, 0, 1, 5);
    const one = store.stats();
    assertEquals(bytesBetween(start.tail, one.addresses.tail), recordBytes(5));
    assertEquals([one.logBytes, one.mutableBytes, one.diskBytes], [recordBytes(5), recordBytes(5), 0]);
    await store.commit();
    const committed = store.stats();
    assertEquals(committed.addresses.readOnly, committed.addresses.tail);
    assertEquals(committed.addresses.head, start.begin);
    assertEquals([committed.mutableBytes, committed.segments], [0, 1]);
    put(store, 0, 2500, 1000);
    await store.commit();
    const paths = files.paths().filter((path) => path.endsWith(".log"));
    assertEquals(store.stats().segments, paths.length);
    assert(paths.length >= 3 && paths.length <= 4, `${paths.length} segments`);
    log.space.dropAll();
    const dropped = store.stats();
    // Only the page that is being filled is in memory.
    assert(isOlder(committed.addresses.tail, dropped.addresses.head));
    assert(bytesBetween(dropped.addresses.head, dropped.addresses.tail) < PAGE_BYTES);
    assertEquals(dropped.addresses.begin, start.begin);
    assertEquals([dropped.readonlyBytes <= PAGE_BYTES, dropped.cacheBytes, dropped.cachedRecords], [true, 0, 0]);
    assert(dropped.diskBytes > 2500 * recordBytes(1000) - PAGE_BYTES, `${dropped.diskBytes} bytes`);
    await store.compact();
    const compacted = store.stats();
    assert(!isOlder(compacted.addresses.begin, dropped.addresses.head), "the begin has not moved");
    assertEquals(compacted.segments, files.paths().filter((path) => path.endsWith(".log")).length);
    await store.close();
  });
}

test("the read cache counts its records and what it takes", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), QUIET);
  put(store, 0, 1000, 1000);
  log.space.dropAll();
  read(store, 0, 300);
  const { cachedRecords, cacheBytes } = store.stats();
  assertEquals(cachedRecords, 300);
  assertEquals(cacheBytes, Math.ceil(300 * (recordBytes(1000) + 8) / PAGE_BYTES) * PAGE_BYTES);
  log.space.dropAll();
  assertEquals([store.stats().cachedRecords, store.stats().cacheBytes], [0, 0]);
  await store.close();
});

test("memory is within what may be held, and the log beyond it on disk", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  put(store, 0, 15_000, 1000);
  await store.commit();
  const stats = store.stats();
  assertEquals(stats.maxBytes, MEMORY_BYTES);
  assert(stats.memoryBytes <= MEMORY_BYTES, `${stats.memoryBytes} bytes`);
  const inLog = stats.mutableBytes + stats.readonlyBytes;
  assert(inLog + stats.cacheBytes + stats.indexBytes <= stats.memoryBytes, `${inLog} bytes in memory`);
  assertEquals(stats.diskBytes, stats.logBytes - inLog);
  assert(stats.diskBytes > 15_000 * 1000 - MEMORY_BYTES, `${stats.diskBytes} bytes on disk`);
  assert(stats.indexBytes >= 15_000 * 8, `${stats.indexBytes} bytes of index`);
  await store.close();
});

test("overwrites of what was not read are unverified until it is compacted", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), QUIET);
  put(store, 0, 50, 5);
  log.space.dropAll();
  assertEquals(store.stats().unverified, 0);
  put(store, 0, 20, 6);
  assertEquals([store.stats().unverified, store.stats().keys], [20, 50]);
  put(store, 0, 20, 7); // these are in memory
  assertEquals(store.stats().unverified, 20);
  log.space.dropAll();
  await store.compact();
  assertEquals([store.stats().unverified, store.stats().keys], [0, 50]);
  await store.close();
});

test("commits are counted and timed", async () => {
  using clock = new Clock();
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  const commitFigures = () => {
    const { commits, commitMs, longestCommitMs } = store.stats();
    return [commits, commitMs, longestCommitMs];
  };
  assertEquals(commitFigures(), [0, 0, 0]);
  for (const tookMs of [4, 9, 2]) {
    files.fail = ({ kind }) => {
      if (kind === "sync") clock.now += tookMs;
    };
    put(store, 0, 1, 5);
    await store.commit();
  }
  assertEquals(commitFigures(), [3, 5, 9]);
  await store.commit(); // there is nothing to commit
  assertEquals(commitFigures(), [3, 5, 9]);
  put(store, 0, 1, 5);
  await Promise.all([store.commit(), store.commit(), store.commit()]);
  assertEquals(commitFigures(), [4, 4.25, 9]);
  files.fail = undefined;
  await store.close();
  const { store: again } = await openSmall(files, { ...QUIET, durability: "always" });
  await again.set("a", "1");
  again.sync.set("a", "2");
  assertEquals(again.stats().commits, 2);
  await again.close();
});

test("bytes written and syncs are those of the log's files", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  const start = store.stats();
  let [written, syncs] = [0, 0];
  files.fail = ({ kind, path, length }) => {
    if (!path.endsWith(".log")) return;
    if (kind === "write") written += length;
    if (kind === "sync") syncs++;
  };
  for (let round = 1; round <= 5; round++) {
    put(store, 0, 20, 100); // in one segment, the first
    await store.commit();
    assertEquals([store.stats().syncs - start.syncs, syncs], [round, round]);
  }
  put(store, 0, 3000, 1000);
  log.space.dropAll();
  await store.compact();
  const stats = store.stats();
  assertEquals(stats.bytesWritten - start.bytesWritten, written);
  assert(written > 2 * 3000 * 1000, `${written} bytes`); // once more for what was moved
  await store.close();
});

test("writes that had to wait for files are counted and timed", async () => {
  using clock = new Clock();
  const files = new FaultyFiles();
  // Nearly all is mutable: what is to be made room for has yet to be written.
  const store = await HybridLogStore.open({
    dataDir: "data",
    mutableSize: "8MB",
    readonlySize: "2MB",
    segmentSize: "1MB",
    durability: "manual",
    compaction: false,
  }, { files });
  let writeMs = 0;
  files.fail = ({ kind }) => {
    if (kind !== "write") return;
    clock.now += 3;
    writeMs += 3;
  };
  put(store, 0, 1000, 1000);
  assertEquals([store.stats().stalls, store.stats().stalledMs], [0, 0]);
  put(store, 1000, 12_000, 1000);
  const parts = Array.from({ length: 15 }, (_, i) => [`part:${i}`, pattern(100_000, i)] as const);
  await store.mset(parts);
  const { stalls, stalledMs } = store.stats();
  assert(stalls > 0, "nothing has waited");
  assert(stalledMs >= stalls * 3 && stalledMs <= writeMs, `${stalls} stalls took ${stalledMs} ms of ${writeMs}`);
  files.fail = undefined;
  await store.close();
});

test("keys whose time has come are counted when it is noticed", async () => {
  using world = new World();
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  for (let i = 0; i < 10; i++) store.sync.set(nameOf(i), "1", { ttl: 1000 });
  put(store, 10, 20, 5);
  const live = store.stats().liveBytes;
  assertEquals(live, 10 * (recordBytes(1) + 8) + 10 * recordBytes(5));
  world.now += 2000;
  for (let i = 0; i < 20; i++) store.sync.get(nameOf(i));
  const { expirations, hits, misses, keys, liveBytes } = store.stats();
  assertEquals([expirations, hits, misses, keys, liveBytes], [10, 10, 10, 10, 10 * recordBytes(5)]);
  await store.close();
});

test("figures of what has been done begin anew when the log is opened", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  put(store, 0, 100, 100);
  await store.commit();
  await store.compact();
  read(store, 0, 100);
  const before = store.stats();
  await store.close();
  const { store: again } = await openSmall(files, QUIET);
  const after = again.stats();
  for (const name of [...HITS, "commits", "commitMs", "longestCommitMs", "compactions", "stalls"] as const) {
    assertEquals([name, after[name]], [name, 0]);
  }
  assertEquals([after.keys, after.liveBytes], [before.keys, before.liveBytes]);
  await again.close();
});

/** Figures that only go up while a log is open. */
const COUNTERS = [
  "mutableHits",
  "readonlyHits",
  "cacheHits",
  "diskReads",
  "commits",
  "longestCommitMs",
  "bytesWritten",
  "syncs",
  "compactions",
  "stalls",
  "stalledMs",
  "movedBytes",
] as const;

/** What holds whatever has been done. */
function problemWith(stats: HybridLogStats, before: HybridLogStats | null): string | null {
  for (const [name, figure] of Object.entries(stats)) {
    if (typeof figure === "number" && !(figure >= 0 && figure < Infinity)) return `${name} is ${figure}`;
  }
  const { addresses: { begin, head, readOnly, tail }, logBytes, liveBytes, garbageBytes, segments } = stats;
  // Nothing of what was in memory may be left, so that the log begins behind its head.
  if (isOlder(readOnly, head) || isOlder(tail, readOnly) || isOlder(tail, begin)) return "addresses are out of order";
  if (logBytes !== bytesBetween(begin, tail)) return `the log has ${bytesBetween(begin, tail)} bytes`;
  if (garbageBytes !== Math.max(0, logBytes - liveBytes)) return `${garbageBytes} bytes are garbage`;
  const grid = new Grid(SEGMENT_BYTES);
  const count = bytesBetween(grid.startOf(begin), grid.startOf(tail)) / SEGMENT_BYTES + 1;
  if (segments !== count) return `there are ${count} segments`;
  if (stats.mutableBytes !== bytesBetween(readOnly, tail)) return `${bytesBetween(readOnly, tail)} bytes are mutable`;
  if (stats.memoryBytes > stats.maxBytes || stats.maxBytes !== MEMORY_BYTES) return "it is too much memory";
  const inMemory = stats.mutableBytes + stats.readonlyBytes + stats.cacheBytes + stats.indexBytes;
  if (inMemory > stats.memoryBytes) return `${inMemory} bytes are in ${stats.memoryBytes}`;
  if (stats.commitMs > stats.longestCommitMs) return "a commit takes more on average than at most";
  for (const name of COUNTERS) if (before !== null && stats[name] < before[name]) return `${name} went back`;
  return null;
}

async function runOf(seed: number): Promise<void> {
  using world = new World();
  const random = new Random(seed);
  const setting: Setting = drawSetting(random);
  const files = new FaultyFiles({ seed });
  const opened: Opened = await openSmall(files, setting);
  const session = new Session(files, setting, new History(world), world, opened);
  let before: HybridLogStats | null = null;
  for (const [i, step] of drawSteps(random, { count: 60, weight: "light" }).entries()) {
    world.now += step.afterMs;
    await session.take(step, `step ${i}`);
    if (step.what === "reopen") before = null;
    const stats = session.store.stats();
    const problem = problemWith(stats, before);
    if (problem !== null) {
      throw new Error(`seed ${seed}, step ${i}, ${showStep(step)}: ${problem}: ${JSON.stringify(stats)}`);
    }
    before = stats;
  }
  await session.store.close();
}

test("figures agree with each other after each step of random ones", async () => {
  for (let i = 0; i < share(12); i++) await runOf(SEED + i);
});
