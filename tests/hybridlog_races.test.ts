import { assert, assertEquals } from "@std/assert";
import { pattern, textOf } from "./support/bytes.ts";
import { inDirectory } from "./support/directory.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { closingRun } from "./support/hybridlog/closing_run.ts";
import { inTime } from "./support/hybridlog/call_order.ts";
import { crashCallsRun } from "./support/hybridlog/crash_calls_run.ts";
import { MATES } from "./support/hybridlog/draw_deeds.ts";
import { openOn, orderRun, type Place } from "./support/hybridlog/order_run.ts";
import type { Beside } from "./support/hybridlog/order_script.ts";
import { restoreRun } from "./support/hybridlog/restore_run.ts";
import { savingRun } from "./support/hybridlog/saving_run.ts";
import { SlowFiles } from "./support/hybridlog/slow_files.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { twinRun } from "./support/hybridlog/twin_run.ts";
import { World } from "./support/hybridlog/world.ts";
import { Random, SEED } from "./support/random.ts";
import { requireFileSystem } from "../src/runtime/detect.ts";
import { pause } from "../src/runtime/pause.ts";

// Compactions, checkpoints and whatever else takes its time go on while the store is used, and while it is closed. FERRITE_SEED
// repeats runs: the first of each test is the one of that seed.

const COMPACTING: readonly Beside[] = ["compact", "compact", "commit", "dropAll", "tick"];
const EVERYTHING: readonly Beside[] = ["compact", "compact", "saveIndex", "checkpoint", "commit", "dropAll", "tick"];

function inMemory(seed: number): Place {
  return { files: new FaultyFiles({ seed }), directory: "." };
}

/** Runs on the file system of this machine. */
function onDisk(run: (place: Place) => Promise<void>): Promise<void> {
  return inDirectory((path) => run({ files: requireFileSystem("test"), directory: path("") }));
}

async function runs(count: number, run: (seed: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < count; i++) await run(SEED + i);
}

test("writes of all kinds race compaction and commits", () =>
  runs(5, (seed) => orderRun(seed, { beside: COMPACTING, isRestless: true })));

test("a store that is cleared while compaction reads counts from nothing", async () => {
  for (let n = 1, isOver = false; !isOver; n++) {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    store.sync.set("a", "1");
    log.space.dropAll();
    store.sync.set("a", "22"); // what it replaces has not been read
    log.space.dropAll();
    let reads = 0;
    files.fail = ({ kind }) => kind === "read" && ++reads === n ? store.sync.clear() : undefined;
    await store.compact();
    files.fail = undefined;
    isOver = reads < n;
    const { keys, unverified } = store.stats();
    assertEquals({ keys, unverified }, { keys: isOver ? 1 : 0, unverified: 0 });
    store.sync.set("b", "1");
    await store.compact();
    assertEquals(Array.from(store.sync.keys(), textOf).sort(), isOver ? ["a", "b"] : ["b"]);
  }
});

test("writes to keys that share chains race compaction", () =>
  runs(4, (seed) => orderRun(seed, { beside: COMPACTING, isRestless: true, keys: MATES })));

test("writes race everything that goes on beside them, which is called at any time", () =>
  runs(4, (seed) => orderRun(seed, { beside: EVERYTHING, isRestless: true, setting: { compaction: true } })));

test("writes race everything on this machine's files", () =>
  onDisk((place) => orderRun(SEED, { beside: EVERYTHING, isRestless: true, place, batches: 4 })));

test("a checkpoint that is written to and its original do not see each other", () =>
  runs(4, (seed) => twinRun(seed, inMemory(seed))));

test("they do not on this machine's files either, where they share hard links", () =>
  onDisk((place) => twinRun(SEED, place)));

test("calls under way while a checkpoint is restored happen before or after", () => runs(10, restoreRun));

test("a call that waits for a part of what expires and is compacted away meanwhile finds all of it, or nothing", async () => {
  using world = new World();
  for (let seed = 1; seed <= 20; seed++) {
    const files = new SlowFiles(new FaultyFiles({ seed }), new Random(seed));
    const { store, log } = await openOn(files, { ...QUIET, io: "async" }, "data");
    store.sync.rpush("list", Array.from({ length: 3000 }, (_, i) => `element ${i}`));
    store.sync.expire("list", 1000);
    log.space.dropAll();
    const found = store.lrange("list", 100, 2900);
    found.catch(() => {}); // it shows below
    for (let turns = seed; turns > 0; turns--) await pause();
    world.now += 2000;
    const compacted = store.compact();
    for (let i = 0; i < 60; i++) {
      await store.set(`key:${i}`, "1"); // and frees nodes of the list
      await pause();
    }
    const { length } = await inTime(found, "the call");
    assert(length === 0 || length === 2801, `${length} elements`);
    await compacted;
    await store.close();
  }
});

test("an index that is saved while the store is written to has all that was committed after it", () =>
  runs(2, savingRun));

test("what was acknowledged is there after a crash, with what came before it on its keys, though nobody waited", () =>
  runs(8, crashCallsRun));

test("a store may be closed at any time", () => runs(6, (seed) => closingRun(seed, inMemory(seed))));

test("it may on this machine's files", () => onDisk((place) => closingRun(SEED, place)));

test("a store that is closed while it restores is closed", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  store.sync.set("a", "1");
  await store.checkpoint("checkpoint");
  const restored = store.restore("checkpoint").catch((error) => error);
  await store.close();
  await restored;
  await assertFails(() => store.set("a", "2"), "CLOSED");
  await assertFails(() => store.get("a"), "CLOSED");
  assertFailsSync(() => store.sync.set("a", "2"), "CLOSED");
});

test("everything that takes its time may be called at once", async () => {
  const files = new FaultyFiles({ seed: SEED });
  const { store, log } = await openSmall(files, QUIET);
  const value = (i: number) => pattern(i * 700, i);
  for (let i = 0; i < 100; i++) store.sync.set(`key:${i}`, value(i));
  for (let i = 0; i < 50; i++) store.sync.set(`key:${i}`, value(i + 1));
  log.space.dropAll();
  await inTime(
    Promise.all([
      store.compact(),
      store.checkpoint("first"),
      store.saveIndex(),
      store.compact(),
      store.commit(),
      store.restore("first"),
      store.compact(),
      store.saveIndex(),
      store.checkpoint("second"),
    ]),
    "one of them",
  );
  await store.close();
  for (const directory of ["data", "first", "second"]) {
    const { store: again } = await openSmall(files, QUIET, directory);
    for (let i = 0; i < 100; i++) assertEquals(again.sync.get(`key:${i}`), value(i < 50 ? i + 1 : i), directory);
    assertEquals(again.sync.size(), 100);
    await again.close();
  }
});

test("a checkpoint is not made where there is something", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  for (let i = 0; i < 20; i++) store.sync.set(`a${i}`, pattern(100_000));
  await store.checkpoint("checkpoint");
  const before = files.paths().filter((path) => path.startsWith("checkpoint/"));
  store.sync.clear();
  for (let i = 0; i < 20; i++) store.sync.set(`b${i}`, pattern(100_000));
  for (let i = 0; i < 2; i++) {
    // The second time no file has the name of one that is there.
    await assertFails(() => store.checkpoint("checkpoint"), "UNAVAILABLE");
    assertEquals(files.paths().filter((path) => path.startsWith("checkpoint/")), before);
    await store.compact();
  }
  const { store: copy } = await openSmall(files, QUIET, "checkpoint");
  assertEquals(Array.from(copy.sync.keys(), textOf).sort(), Array.from({ length: 20 }, (_, i) => `a${i}`).sort());
});

for (const way of ["has been killed", "is open"]) {
  test(`restoring from a checkpoint whose user ${way} shares no file that is written`, async () => {
    let files = new FaultyFiles();
    const first = (await openSmall(files, QUIET)).store;
    first.sync.set("a", "1");
    await first.checkpoint("checkpoint");
    await first.close();
    let { store: copy } = await openSmall(files, QUIET, "checkpoint");
    for (let i = 0; i < 400; i++) copy.sync.set(`copy:${i}`, pattern(3000, i));
    await copy.commit();
    if (way === "has been killed") files = files.killed();
    const { store } = await openSmall(files, QUIET);
    if (way === "is open") await assertFails(() => store.restore("checkpoint"), "LOCKED");
    else await store.restore("checkpoint");
    for (let i = 0; i < 100; i++) store.sync.set(`store:${i}`, pattern(3001, i));
    await store.commit();
    if (way === "has been killed") copy = (await openSmall(files, QUIET, "checkpoint")).store;
    for (let i = 0; i < 100; i++) copy.sync.set(`more:${i}`, pattern(3002, i));
    await copy.close();
    await store.close();
    const keys = ["copy", "store", "more"].map((name, i) => [name, pattern(3000 + i, 7)] as const);
    const expected = way === "is open" ? { data: [1], checkpoint: [0, 2] } : { data: [0, 1], checkpoint: [0, 2] };
    for (const [directory, names] of Object.entries(expected)) {
      const { store: again } = await openSmall(files, QUIET, directory);
      for (const [i, [name, value]] of keys.entries()) {
        assertEquals(again.sync.get(`${name}:7`), names.includes(i) ? value : null, `${name} in ${directory}`);
      }
      await again.close();
    }
  });
}
