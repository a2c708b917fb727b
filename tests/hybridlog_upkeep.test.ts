import { assert, assertEquals } from "@std/assert";
import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import type { Log } from "../src/hybridlog/log.ts";
import { Pace } from "../src/hybridlog/pace.ts";
import type { OpenFile } from "../src/runtime/files.ts";
import { pause } from "../src/runtime/pause.ts";
import { pattern, sameBytes, textOf } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { readManifestOf } from "./support/hybridlog/log_reader.ts";
import { type Opened, openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { World } from "./support/hybridlog/world.ts";

// What a store does on its own: it keeps its log from growing for ever, and saves its index; and what it does where it cannot.

const MB = 2 ** 20;
const SEGMENT_BYTES = MB;
/** A log is only compacted on its own from so many segments on. */
const LEAST_SEGMENTS = 4;
/** And only when more than that of it is garbage. */
const GARBAGE_SHARE = 0.6;
const VALUE_BYTES = 1000;
const SIZES = { dataDir: "data", mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB" } as const;
const nameOf = (i: number) => `key:${i}`;
/** What a key has in some round. It is longer than in the round before, in most of them: it cannot be written in its place. */
const valueOf = (i: number, round: number) => pattern(VALUE_BYTES + round % 40 * 8, round + i);

/** Whether it has resolved by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  void promise.then(() => isOver = true);
  for (let i = 0; i < 10; i++) await null;
  return isOver;
}

/** Lets others have their turn until something is so. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 20_000) throw new Error(`${what} has not come to be`);
    await pause();
  }
}

test("nobody waits while the log is about as long as it should be", () => {
  const pace = new Pace();
  assertEquals(pace.wait(1e9), null);
  for (const ratio of [0.1, 1, 1.15]) {
    pace.advance(1000, ratio);
    assertEquals(pace.wait(1e9), null, `a log of ${ratio} times its length`);
  }
});

test("who writes waits until compaction has gone over as many bytes, or more where the log is longer", async () => {
  const factors: [ratio: number, least: number, most: number][] = [[1.3, 0.4, 0.6], [1.6, 1.9, 2.1], [9, 4, 4]];
  for (const [ratio, least, most] of factors) {
    const pace = new Pace();
    pace.advance(5_000, ratio);
    const waits = pace.wait(1000)!;
    pace.advance(least * 1000 - 1, ratio);
    assertEquals(await isOver(waits), false, `a log of ${ratio} times its length`);
    pace.advance((most - least) * 1000 + 1, ratio);
    assertEquals(await isOver(waits), true, `a log of ${ratio} times its length`);
  }
});

test("those who wait go on in the order of what they wait for, and all when compaction ends", async () => {
  const pace = new Pace();
  pace.advance(0, 9);
  const few = pace.wait(10)!;
  const many = pace.wait(1000)!;
  pace.advance(40, 9);
  assertEquals([await isOver(few), await isOver(many)], [true, false]);
  const more = pace.wait(1e6)!;
  pace.release();
  assertEquals([await isOver(many), await isOver(more)], [true, true]);
  assertEquals(pace.wait(1000), null);
});

/** Writes some keys anew with awaited writes, round after round, while time passes and others have their turn. */
async function overwrite(
  store: HybridLogStore,
  world: World,
  { keys, rounds }: { keys: number; rounds: number },
  look: () => void = () => {},
): Promise<void> {
  for (let round = 1, writes = 0; round <= rounds; round++) {
    for (let i = 0; i < keys; i++) {
      await store.set(nameOf(i), valueOf(i, round));
      if (++writes % 100 !== 0) continue;
      world.tick();
      await pause();
      look();
    }
  }
}

/** The same at once, with nobody else having a turn. */
function overwriteSync(store: HybridLogStore, keys: number, rounds: number): void {
  for (let round = 1; round <= rounds; round++) {
    for (let i = 0; i < keys; i++) store.sync.set(nameOf(i), valueOf(i, round));
  }
}

function assertValues(store: HybridLogStore, keys: number, round: number): void {
  for (let i = 0; i < keys; i++) {
    if (!sameBytes(store.sync.get(nameOf(i)), valueOf(i, round))) throw new Error(`${nameOf(i)} is wrong`);
  }
}

/** How long a log with so much live data is left alone. */
function longestLog(liveBytes: number): number {
  return Math.max(LEAST_SEGMENTS * SEGMENT_BYTES, liveBytes / (1 - GARBAGE_SHARE));
}

const WORKLOADS: readonly { keys: number; rounds: number; options: HybridLogOptions }[] = [
  { keys: 300, rounds: 60, options: { durability: "manual" } },
  { keys: 300, rounds: 60, options: { durability: "interval", commitIntervalMs: 1 } },
  { keys: 300, rounds: 25, options: { durability: "always" } },
  { keys: 4000, rounds: 9, options: { durability: "interval", commitIntervalMs: 1, io: "async" } },
];

for (const { keys, rounds, options } of WORKLOADS) {
  test(`a log of ${keys} keys that are written over again and again is kept short, ${options.durability}`, async () => {
    using world = new World();
    const files = new FaultyFiles();
    let log!: Log;
    const store = await HybridLogStore.open({ ...SIZES, ...options }, { files, onLog: (opened) => log = opened });
    let longest = 0;
    await overwrite(store, world, { keys, rounds }, () => longest = Math.max(longest, log.logBytes));
    const { liveBytes, compactions, bytesWritten } = store.stats();
    const limit = longestLog(liveBytes);
    assert(bytesWritten > 2.5 * limit, `no more than ${bytesWritten} bytes were written`);
    assert(longest > limit && longest < 2.5 * limit, `the log became ${longest} bytes long, and should be ${limit}`);
    assert(compactions > 3, `${compactions} compactions`);
    // And when nobody writes, it becomes as short as it should be.
    world.tick();
    await until(() => !log.wantsCompaction, "a log that is short enough");
    assert(log.logBytes <= limit + SEGMENT_BYTES, `the log is ${log.logBytes} bytes long, and should be ${limit}`);
    assertEquals(store.maintenanceError, null);
    assertEquals(store.sync.size(), keys);
    assertValues(store, keys, rounds);
    await store.close();
    const logs = files.paths().filter((path) => path.endsWith(".log"));
    const logBytes = logs.reduce((sum, path) => sum + files.contents(path).length, 0);
    assert(logBytes <= limit + 2 * SEGMENT_BYTES, `its files have ${logBytes} bytes`);
    await using again = await HybridLogStore.open({ ...SIZES, ...options }, { files });
    assertEquals(again.sync.size(), keys);
    assertValues(again, keys, rounds);
  });
}

test("with compaction: false the log is left as it is", async () => {
  using world = new World();
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, { ...QUIET, durability: "interval", compaction: false });
  await overwrite(store, world, { keys: 4000, rounds: 4 });
  assert(log.logBytes > 4 * 4000 * VALUE_BYTES, `the log is ${log.logBytes} bytes long`);
  await store.close();
  assertEquals([log.compactions, log.wantsCompaction], [0, true]);
});

/** Files of which awaited reads can be held up. */
class GatedFiles extends FaultyFiles {
  /** Awaited reads wait for this. */
  gate: Promise<void> | null = null;
  /** How many have come to it. */
  arrivals = 0;

  override async edit(path: string): Promise<OpenFile> {
    return this.#gated(await super.edit(path));
  }

  override createSync(path: string): OpenFile {
    return this.#gated(super.createSync(path));
  }

  #gated(file: OpenFile): OpenFile {
    return {
      ...file,
      read: async (into, position) => {
        this.arrivals++;
        await this.gate;
        return await file.read(into, position);
      },
    };
  }
}

test("awaited writes are held back while the log is much too long, and compaction does not get on", async () => {
  using world = new World();
  const files = new GatedFiles();
  const { store, log } = await openSmall(files, { ...QUIET, compaction: true });
  overwriteSync(store, 1000, 12);
  assert(log.logBytes > 2.5 * longestLog(store.stats().liveBytes));
  world.tick();
  await until(() => files.arrivals > 2, "a compaction that reads");
  let open!: () => void;
  files.gate = new Promise((resolve) => open = resolve);
  const { arrivals } = files;
  await until(() => files.arrivals > arrivals, "a compaction that waits");
  let writes = 0;
  const writing = (async () => {
    for (let i = 0; i < 2000; i++, writes++) {
      await store.set(nameOf(i % 1000), valueOf(i % 1000, 12 + Math.ceil((i + 1) / 1000)));
    }
  })();
  let turns = 0;
  for (let last = -1; turns < 2000 && (writes !== last || turns < 50); turns++) {
    last = writes;
    for (let i = 0; i < 20; i++) await pause();
  }
  assert(writes < 300, `${writes} writes were not held back`);
  const held = writes;
  // Reads are not, nor is what does not wait.
  assert(await store.get(nameOf(5)) !== null);
  store.sync.set("at once", "1");
  await pause();
  assertEquals(writes, held);
  files.gate = null;
  open();
  await writing;
  await store.compact();
  assertValues(store, 1000, 14);
  await store.close();
});

test("commits are held back in the same way, and closing is not", async () => {
  using world = new World();
  const files = new GatedFiles();
  const { store, log } = await openSmall(files, { ...QUIET, durability: "always", compaction: true });
  for (let round = 1; round <= 12; round++) {
    store.sync.mset(Array.from({ length: 1000 }, (_, i) => [nameOf(i), valueOf(i, round)] as const));
  }
  assert(log.logBytes > 2.5 * longestLog(store.stats().liveBytes));
  world.tick();
  await until(() => files.arrivals > 2, "a compaction that reads");
  let open!: () => void;
  files.gate = new Promise((resolve) => open = resolve);
  const { arrivals } = files;
  await until(() => files.arrivals > arrivals, "a compaction that waits");
  let isDone = false;
  const written = store.set("held", pattern(VALUE_BYTES)).then(() => isDone = true);
  for (let i = 0; i < 300; i++) await pause();
  assertEquals(isDone, false);
  const closed = store.close();
  files.gate = null;
  open();
  await written;
  await closed;
  const { store: again } = await openSmall(files, QUIET);
  assert(again.sync.exists("held"));
  await again.close();
});

test("the index is saved when 64 MB have been written since it was", async () => {
  using world = new World();
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, { ...QUIET, compaction: true });
  const { segments } = log.space;
  let next = 0;
  /** Writes so much, and lets everything that is to be done then be done. */
  const write = async (megabytes: number): Promise<string[]> => {
    const end = segments.bytesWritten + megabytes * MB;
    while (segments.bytesWritten < end) {
      store.sync.set(nameOf(next++ % 20), pattern(100_000));
      if (next % 10 !== 0) continue;
      await store.commit();
      world.tick();
    }
    for (let i = 0; i < 20; i++) {
      world.tick();
      await until(() => !log.wantsCompaction, "a log that is short enough");
      for (let j = 0; j < 20; j++) await pause();
    }
    return files.paths().filter((path) => path.endsWith(".idx"));
  };
  const saved = () => `data/${readManifestOf(files, "data").index?.file}`;
  assertEquals(await write(55 - segments.bytesWritten / MB), []);
  const [first, ...others] = await write(66 - segments.bytesWritten / MB);
  assertEquals([saved(), others], [first, []]);
  const since = segments.bytesWritten;
  assertEquals(await write(50), [first]);
  const [second, ...more] = await write(66 - (segments.bytesWritten - since) / MB);
  assertEquals([second !== first, saved(), more], [true, second, []]);
  const found = await HybridLogStore.open(SIZES, { files: files.killed() });
  assertEquals([found.recovery.usedIndexFile, found.sync.size()], [true, 20]);
  await store.close();
});

test("a program that opens, sets a key and closes, again and again, keeps its log and its manifest short", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const pages = SEGMENT_BYTES / 2 ** 17;
  let [segments, epochs] = [0, 0];
  for (let run = 0; run < 120; run++) {
    await using store = await HybridLogStore.open(SIZES, { files });
    if (run > 0) assertEquals(textOf(await store.get("run")), String(run - 1));
    await store.set("run", String(run));
    await store.close();
    segments = Math.max(segments, files.paths().filter((path) => path.endsWith(".log")).length);
    epochs = Math.max(epochs, readManifestOf(files, "data").epochs.length);
  }
  // Each run begins a page.
  assert(segments >= LEAST_SEGMENTS && segments <= LEAST_SEGMENTS + 1, `${segments} segments`);
  assert(epochs > pages && epochs <= (LEAST_SEGMENTS + 1) * pages, `${epochs} epochs`);
});

test("a program that overwrites much and is closed before the timer has ever run keeps its log short", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  let longest = 0;
  for (let run = 0; run < 25; run++) {
    const { store, log } = await openSmall(files, { ...QUIET, durability: "interval", compaction: true });
    for (let i = 0; i < 1000; i++) store.sync.set(nameOf(i), valueOf(i, run));
    await store.close();
    longest = Math.max(longest, log.logBytes);
  }
  assert(longest < 2 * longestLog(1000 * (VALUE_BYTES + 32)), `the log was ${longest} bytes long`);
  const { store } = await openSmall(files, QUIET);
  assertValues(store, 1000, 24);
  await store.close();
});

test("compaction has a clock of its own, however seldom there are commits", async () => {
  using world = new World();
  const delays: number[] = [];
  const { setInterval } = globalThis;
  Object.assign(globalThis, {
    setInterval: (run: () => void, ms: number) => {
      delays.push(ms);
      return setInterval(run, ms);
    },
  });
  const options = { ...SIZES, commitIntervalMs: 3_600_000 };
  const store = await HybridLogStore.open(options, { files: new FaultyFiles() });
  assertEquals(delays, [1000]);
  store.sync.set("a", "1");
  world.tick();
  await pause();
  assertEquals(store.stats().commits, 0);
  overwriteSync(store, 500, 16);
  for (let i = 0; i < 4; i++) {
    world.tick();
    await pause();
  }
  await until(() => store.stats().compactions > 0, "a compaction");
  await store.close();
});

test("the real clock runs, too", async () => {
  const options = { ...SIZES, commitIntervalMs: 3_600_000 };
  await using store = await HybridLogStore.open(options, { files: new FaultyFiles() });
  overwriteSync(store, 500, 16);
  assertEquals(store.stats().compactions, 0);
  const start = Date.now();
  while (store.stats().compactions === 0) {
    assert(Date.now() - start < 20_000, "no compaction began");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

const FULL = "copy the store to one with a larger segmentSize";

test("a log of its greatest length refuses writes, lets keys be removed, and accepts writes once it is compacted", async () => {
  const files = new FaultyFiles();
  const options: HybridLogOptions = { ...SIZES, durability: "manual", compaction: false };
  const hidden = { files, longestBytes: 4 * MB };
  let store = await HybridLogStore.open(options, hidden);
  await store.hset("hash", "field", "1");
  await store.zadd("zset", [[1, "member"]]);
  await store.lpush("list", ["element"]);
  let keys = 0;
  await assertFails(
    async () => {
      for (; keys < 10_000; keys++) await store.set(nameOf(keys), pattern(VALUE_BYTES, keys));
    },
    "OUT_OF_MEMORY",
    FULL,
  );
  assert(keys * VALUE_BYTES > 3.8 * MB && keys * VALUE_BYTES < 4 * MB, `${keys} keys`);
  const check = (from: number) => {
    assertEquals(store.sync.size(), keys - from + 3);
    for (let i = from; i < keys; i++) {
      if (!sameBytes(store.sync.get(nameOf(i)), pattern(VALUE_BYTES, i))) throw new Error(`${nameOf(i)} is lost`);
    }
    assertEquals(textOf(store.sync.hget("hash", "field")), "1");
    assertEquals([store.sync.zscore("zset", "member"), store.sync.zcard("zset")], [1, 1]);
    assertEquals(store.sync.lrange("list", 0, -1).map(textOf), ["element"]);
  };
  const refused = async () => {
    const writes: (() => Promise<unknown>)[] = [
      () => store.set("another", "1"),
      () => store.mset([["another", "1"], ["one more", "2"]]),
      () => store.hset("another hash", "field", "1"),
      () => store.hset("hash", "another field", "2"),
      () => store.zadd("another zset", [[1, "member"]]),
      () => store.zadd("zset", [[2, "another member"]]),
      () => store.lpush("another list", ["element"]),
      () => store.lpush("list", ["another element"]),
      () => store.sadd("set", ["member"]),
      () => store.append("another", "1"),
      () => store.incrBy("counter"),
      () => store.set("large", pattern(300_000)),
      () => store.copy(nameOf(keys - 1), "copied"),
      () => store.transact((tx) => void tx.set("another", "1")),
    ];
    for (const write of writes) await assertFails(write, "OUT_OF_MEMORY", FULL);
  };
  await refused();
  check(0);
  // It stays so.
  await store.close();
  store = await HybridLogStore.open(options, hidden);
  await refused();
  check(0);
  const gone = keys >> 1;
  for (let i = 0; i < gone; i++) assertEquals(await store.del(nameOf(i)), true);
  check(gone);
  await refused();
  await store.compact();
  check(gone);
  await store.mset([["another", "1"], ["one more", "2"]]);
  await store.hset("another hash", "field", "1");
  await store.zadd("another zset", [[1, "member"]]);
  await store.lpush("another list", ["element"]);
  await store.del("another");
  for (const name of ["one more", "another hash", "another zset", "another list"]) {
    assertEquals(await store.del(name), true, name);
  }
  check(gone);
  // As much as has gone has room again, and then no more.
  let more = 0;
  await assertFails(
    async () => {
      for (; more < 10_000; more++) await store.set(`new:${more}`, pattern(VALUE_BYTES, more));
    },
    "OUT_OF_MEMORY",
    FULL,
  );
  assert(more > 0.8 * gone && more < 1.2 * gone, `${more} keys had room where ${gone} were removed`);
  await store.close();
  store = await HybridLogStore.open(options, hidden);
  for (let i = 0; i < more; i++) assertEquals(await store.del(`new:${i}`), true);
  check(gone);
  await store.close();
});

type Sync = HybridLogStore["sync"];

/** Opens a store whose log may become 2 MB long, has `prepare` write to it, and fills it up to `left` bytes less than that. */
async function almostFull(left: number, prepare: (sync: Sync) => void): Promise<Opened> {
  let log!: Log;
  const store = await HybridLogStore.open(
    { ...SIZES, durability: "manual", compaction: false },
    { files: new FaultyFiles(), longestBytes: 2 * MB, onLog: (opened) => log = opened },
  );
  prepare(store.sync);
  for (let i = 0; log.logBytes <= 2 * MB - left; i++) store.sync.set(`filling:${i}`, pattern(500));
  return { store, log };
}

const ELEMENTS = Array.from({ length: 1000 }, (_, i) => `element ${i} ${".".repeat(50)}`);

test("a log of its greatest length lets elements be removed, and everything", async () => {
  for (const isCold of [false, true]) {
    const { store, log } = await almostFull(0, (sync) => {
      sync.rpush("list", ELEMENTS);
      sync.sadd("set", ELEMENTS);
      sync.hmset("hash", ELEMENTS.map((field) => [field, "1"] as const));
      sync.zadd("zset", ELEMENTS.map((member, i) => [i, member] as const));
    });
    if (isCold) log.space.dropAll();
    await assertFails(() => store.rpush("list", ["more"]), "OUT_OF_MEMORY", FULL);
    for (let i = 0; i < 500; i++) await store.lpop("list");
    assertEquals(await store.srem("set", ELEMENTS.slice(0, 500)), 500);
    assertEquals(await store.hdel("hash", ELEMENTS.slice(0, 500)), 500);
    assertEquals(await store.zrem("zset", ELEMENTS.slice(0, 500)), 500);
    const left = ELEMENTS.slice(500);
    assertEquals((await store.lrange("list", 0, -1)).map(textOf), left);
    assertEquals((await store.smembers("set")).map(textOf).sort(), left.toSorted());
    assertEquals((await store.hkeys("hash")).map(textOf).sort(), left.toSorted());
    assertEquals((await store.zrange("zset", 0, -1)).map(textOf), left);
    await assertFails(() => store.rpush("list", ["more"]), "OUT_OF_MEMORY", FULL);
    await store.clear();
    await store.set("a", "1");
    assertEquals([await store.size(), textOf(await store.get("a"))], [1, "1"]);
    await store.close();
  }
});

/** Steps of much in one, and how much of it there is: 0, or 1000 where all of it has been done. */
const STEPS: Record<string, readonly [step: (sync: Sync) => unknown, done: (sync: Sync) => number]> = {
  rpush: [(sync) => sync.rpush("new", ELEMENTS), (sync) => sync.llen("new")],
  lpush: [(sync) => sync.lpush("new", ELEMENTS), (sync) => sync.llen("new")],
  sadd: [(sync) => sync.sadd("new", ELEMENTS), (sync) => sync.scard("new")],
  hmset: [(sync) => sync.hmset("new", ELEMENTS.map((field) => [field, "1"] as const)), (sync) => sync.hlen("new")],
  zadd: [(sync) => sync.zadd("new", ELEMENTS.map((member, i) => [i, member] as const)), (sync) => sync.zcard("new")],
  sunionStore: [(sync) => sync.sunionStore("new", ["set"]), (sync) => sync.scard("new")],
  copy: [(sync) => sync.copy("set", "new"), (sync) => sync.scard("new")],
  transact: [
    (sync) =>
      sync.transact((tx) => {
        for (const element of ELEMENTS) tx.set(element, "1");
      }),
    (sync) => ELEMENTS.filter((element) => sync.exists(element)).length,
  ],
};

test("a step during which the log becomes as long as it may is done, or changes nothing", async () => {
  const outcomes = new Set<boolean>();
  for (const [name, [step, done]] of Object.entries(STEPS)) {
    for (const left of [1, 30_000, 150_000]) {
      const { store } = await almostFull(left, (sync) => sync.sadd("set", ELEMENTS));
      const size = store.sync.size();
      let isDone = true;
      try {
        step(store.sync);
      } catch (error) {
        isDone = false;
        await assertFails(() => Promise.reject(error), "OUT_OF_MEMORY");
      }
      outcomes.add(isDone);
      assertEquals([name, left, done(store.sync)], [name, left, isDone ? ELEMENTS.length : 0]);
      if (!isDone) assertEquals(store.sync.size(), size);
      await store.close();
    }
  }
  assertEquals(outcomes.size, 2, "all steps ended alike");
});

test("a small log that is opened again and again keeps its manifest short", async () => {
  const files = new FaultyFiles();
  let epochs = 0;
  for (let run = 0; run < 125; run++) {
    const store = await HybridLogStore.open({ ...SIZES, segmentSize: "64MB" }, { files });
    store.sync.set(nameOf(run), valueOf(run, 1));
    await store.close();
    epochs = Math.max(epochs, readManifestOf(files, "data").epochs.length);
  }
  assert(epochs > 50 && epochs <= 101, `${epochs} epochs`);
  const store = await HybridLogStore.open({ ...SIZES, segmentSize: "64MB" }, { files });
  assertValues(store, 125, 1);
  await store.close();
});

test("a commit ends while a loop of awaited writes goes on", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  let isDone = false;
  let writes = 0;
  for (; !isDone && writes < 60_000; writes++) {
    // Each is longer than the one before it: it is appended, so there is always more to flush.
    await store.set(nameOf(writes % 300), pattern(1000 + Math.floor(writes / 300) % 40 * 8, writes));
    if (writes === 5_000) void store.commit().then(() => isDone = true);
  }
  assert(isDone, `it has not ended after ${writes} writes`);
  await store.close();
});
