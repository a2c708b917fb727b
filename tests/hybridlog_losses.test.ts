import { assert, assertEquals } from "@std/assert";
import { HybridLogStore, type Transaction } from "@ferrite/storage";
import { Segments } from "../src/hybridlog/segments.ts";
import type { OpenFile } from "../src/runtime/files.ts";
import { pattern, textOf } from "./support/bytes.ts";
import { changed, fileError } from "./support/changed_files.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { readManifestOf } from "./support/hybridlog/log_reader.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";

// What fails at a bad moment, or is missing: it is told, and nothing else is lost by it.

const SIZES = { mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB" } as const;
const ASYNC = { ...QUIET, io: "async" } as const;

/** Fills a store until it has several segments, and names what is in it. */
function fill(store: HybridLogStore, keys: number): void {
  for (let i = 0; i < keys; i++) store.sync.set(`key:${i}`, pattern(1000, i & 255));
}

test("a log whose last segments are missing is corrupt, and repair keeps the rest", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  fill(store, 3000);
  log.space.dropAll();
  await store.commit();
  await store.saveIndex();
  const found = files.killed();
  const segments = found.paths().filter((path) => path.endsWith(".log"));
  for (const path of segments.slice(-2)) await found.remove(path);
  const sizes = () => found.paths().map((path) => [path, found.contents(path).length]);
  const before = sizes().filter(([path]) => !String(path).includes("LOCK"));
  await assertFails(() => openSmall(found, QUIET), "CORRUPT", "the log ends in");
  assertEquals(sizes().filter(([path]) => !String(path).includes("LOCK")), before);
  const report = await HybridLogStore.repair("data", { dataDir: "new", ...SIZES }, { files: found });
  assert(report.keys > 500, `${report.keys} keys`);
  await store.close();
});

test("a log that was compacted and has lost all behind its begin is corrupt, not empty", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  fill(store, 3000);
  await store.compact();
  const found = files.killed();
  const manifest = readManifestOf(found, "data");
  const beginNumber = Math.floor(manifest.begin * 8 / manifest.segmentBytes);
  for (const path of found.paths().filter((name) => name.endsWith(".log"))) {
    if (parseInt(/-([0-9a-f]+)\.log$/.exec(path)![1], 16) > beginNumber) await found.remove(path);
    else await (await found.edit(path)).truncate(manifest.begin * 8 % manifest.segmentBytes);
  }
  await assertFails(() => openSmall(found, QUIET), "CORRUPT", "the log ends in");
  await store.close();
});

test("a restored checkpoint stays restored when its lock cannot be released", async () => {
  const inner = new FaultyFiles();
  const files = changed(inner, {
    async lock(directory) {
      const lock = await inner.lock(directory);
      if (!directory.includes("saved")) return lock;
      return { release: () => lock.release().then(() => Promise.reject(fileError("EIO"))) };
    },
  });
  const { store } = await openSmall(files, { ...QUIET, durability: "always" });
  await store.set("a", "saved");
  await store.checkpoint("saved");
  await store.set("a", "later");
  await store.restore("saved");
  assertEquals(textOf(await store.get("a")), "saved");
  await store.set("b", "acknowledged");
  const { store: again } = await openSmall(inner.crash("nothing"), QUIET);
  assertEquals([textOf(again.sync.get("a")), textOf(again.sync.get("b"))], ["saved", "acknowledged"]);
  await store.close();
  const { store: last } = await openSmall(inner, QUIET);
  assertEquals(textOf(last.sync.get("b")), "acknowledged");
  await last.close();
});

test("a write that waits for the disk is refused when the log has failed meanwhile", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, ASYNC);
  store.sync.set("n", "1");
  log.space.dropAll();
  await store.commit();
  const waiting = store.incrBy("n");
  log.writer.fail(fileError("EIO"));
  await assertFails(() => waiting, "POISONED");
  await assertFails(() => store.close(), "POISONED");
});

test("a sync that begins while a file is being written does not count for that write", async () => {
  const files = new FaultyFiles({ seed: 3 });
  await files.makeDirectory("log");
  const segments = new Segments(files, "log", 1 << 20, 1);
  segments.writeSync(0, new Uint8Array(512).fill(1));
  await segments.sync();
  const writing = segments.write(64, new Uint8Array(512).fill(2));
  await segments.sync();
  await writing;
  await segments.sync();
  const [path] = files.crash("nothing").paths();
  assertEquals(files.crash("nothing").contents(path)[512], 2);
  await segments.close();
});

test("an index that cannot be saved leaves no file, and a checkpoint that cannot be made no directory", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  fill(store, 1000);
  await store.commit();
  files.fail = ({ kind, path }) => kind === "sync" && path.endsWith(".idx") ? fileError("ENOSPC") : undefined;
  await assertFails(() => store.saveIndex(), "UNAVAILABLE", "ENOSPC");
  assertEquals(files.paths().filter((path) => path.endsWith(".idx")), []);
  files.fail = ({ kind, path }) => kind === "write" && path.includes("copy/") ? fileError("ENOSPC") : undefined;
  await assertFails(() => store.checkpoint("copy"), "UNAVAILABLE", "ENOSPC");
  assertEquals(files.paths().filter((path) => path.includes("copy/")), []);
  files.fail = undefined;
  await store.checkpoint("copy");
  await store.saveIndex();
  await store.close();
  const { store: copy } = await openSmall(files, QUIET, "copy");
  assertEquals(copy.sync.size(), 1000);
  await copy.close();
});

test("a file that cannot be closed does not keep the directory locked", async () => {
  const inner = new FaultyFiles();
  let left = 1;
  const failing = (file: OpenFile): OpenFile => ({
    ...file,
    close: () => file.close().then(() => left-- > 0 ? Promise.reject(fileError("EIO")) : undefined),
  });
  const files = changed(inner, { createSync: (path) => failing(inner.createSync(path)) });
  const { store } = await openSmall(files, QUIET);
  fill(store, 3000);
  await assertFails(() => store.close(), "UNAVAILABLE", "EIO");
  const { store: again } = await openSmall(inner, QUIET);
  assertEquals(again.sync.size(), 3000);
  await again.close();
});

test("thousands of calls that wait for one key are all answered, in their order", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
  store.sync.set("n", "0");
  log.space.dropAll();
  const counts = await Promise.all(Array.from({ length: 20_000 }, () => store.incrBy("n")));
  assertEquals(counts, Array.from({ length: 20_000 }, (_, i) => i + 1));
  await store.close();
});

test("calls that wait for many keys, and for all, keep their order", async () => {
  const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
  const keys = Array.from({ length: 5_000 }, (_, i) => `key:${i}`);
  for (const key of keys) store.sync.set(key, "1");
  log.space.dropAll();
  const first = keys.map((key) => store.incrBy(key));
  const all = store.transact((tx: Transaction) => keys.slice(0, 100).map((key) => textOf(tx.get(key))));
  const second = keys.map((key) => store.incrBy(key));
  const size = store.size();
  assertEquals(await Promise.all(first), keys.map(() => 2));
  assertEquals(await all, keys.slice(0, 100).map(() => "2"));
  assertEquals(await Promise.all(second), keys.map(() => 3));
  assertEquals(await size, keys.length);
  await store.close();
});

test("a transaction reads what is on disk in one run, and a read made beside it is answered", async () => {
  // Where nothing may block, each run reads what the one before has missed, but not for ever.
  for (const [io, mostRuns] of [["blocking", 2], ["async", 12]] as const) {
    const { store, log } = await openSmall(new FaultyFiles(), { ...QUIET, io });
    fill(store, 500);
    log.space.dropAll();
    let runs = 0;
    const beside: Promise<Uint8Array | null>[] = [];
    const { hits } = store.stats();
    const found = await store.transact((tx: Transaction) => {
      runs++;
      beside.push(store.get("key:499"));
      let found = 0;
      for (let i = 0; i < 400; i++) if (tx.get(`key:${i}`) !== null) found++;
      return found;
    });
    assertEquals(found, 400);
    assert(runs <= mostRuns, `${io}: ${runs} runs`);
    for (const value of await Promise.all(beside)) assertEquals(value?.length, 1000);
    assert(store.stats().hits - hits <= 410 + 400 * (runs - 1), `${io}: ${store.stats().hits - hits} hits`);
    await store.close();
  }
});
