import { assert, assertEquals } from "@std/assert";
import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import type { OnProgress } from "../src/hybridlog/progress.ts";
import { pattern } from "./support/bytes.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { World } from "./support/hybridlog/world.ts";

// What is told of how far something long has come: for each phase, figures that only go up, and at its end all of it.

const OPTIONS: HybridLogOptions = {
  dataDir: "data",
  mutableSize: "4MB",
  readonlySize: "24MB",
  segmentSize: "1MB",
  durability: "manual",
  compaction: false,
  io: "blocking",
};
/** Their index is saved in several blocks, and what they lie in is some eleven segments. */
const KEYS = 40_000;
const VALUE_BYTES = 250;
const nameOf = (i: number) => `key:${i}`;

type Report = Parameters<OnProgress>[0];

/** What a callback was told. */
class Reports {
  readonly all: Report[] = [];
  /** Runs with each report. */
  during: (report: Report) => void = () => {};

  readonly onProgress: OnProgress = (report) => {
    this.all.push({ ...report });
    this.during(report);
  };

  /** These phases were told of, one after another, each from less than all of it up to all of it. */
  assertPhases(...phases: string[]): void {
    assertEquals(this.#check(), phases);
    for (const phase of phases) {
      const more = this.all.filter((report) => report.phase === phase && report.done < report.total);
      assert(more.length > 0, `${phase} has only told of its end`);
    }
  }

  /** Whatever was told makes sense. Returns the phases. */
  #check(): string[] {
    const phases: string[] = [];
    let last: Report | null = null;
    for (const report of this.all) {
      const text = JSON.stringify(report);
      assertEquals(Object.keys(report).sort(), ["done", "phase", "total"]);
      assert(report.done >= 0 && report.done <= report.total, text);
      if (last?.phase === report.phase) {
        assert(report.done >= last.done, `${text} goes back behind ${JSON.stringify(last)}`);
      } else {
        assert(!phases.includes(report.phase), `${text} comes after its phase`);
        this.#assertOver(last);
        phases.push(report.phase);
      }
      last = report;
    }
    this.#assertOver(last);
    return phases;
  }

  #assertOver(last: Report | null): void {
    assert(last === null || last.done === last.total, `${JSON.stringify(last)} was the last of its phase`);
  }
}

async function fill(files: FaultyFiles): Promise<HybridLogStore> {
  const store = await HybridLogStore.open(OPTIONS, { files });
  for (let i = 0; i < KEYS; i++) store.sync.set(nameOf(i), pattern(VALUE_BYTES, i));
  await store.commit();
  return store;
}

function assertFound(store: HybridLogStore, keys: number = KEYS): void {
  assertEquals(store.sync.size(), keys);
  for (let i = 0; i < keys; i += 977) assertEquals(store.sync.get(nameOf(i)), pattern(VALUE_BYTES, i));
}

test("opening tells how far it has read the log, and before that the index", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const store = await fill(files);
  const replayed = new Reports();
  const killed = await HybridLogStore.open({ ...OPTIONS, onProgress: replayed.onProgress }, { files: files.killed() });
  assertFound(killed);
  replayed.assertPhases("recover");
  await store.saveIndex();
  for (let i = 0; i < 10_000; i++) store.sync.set(nameOf(i), pattern(VALUE_BYTES, i));
  await store.commit();
  const loaded = new Reports();
  const indexed = await HybridLogStore.open({ ...OPTIONS, onProgress: loaded.onProgress }, { files: files.killed() });
  assertEquals(indexed.recovery.usedIndexFile, true);
  assertFound(indexed);
  loaded.assertPhases("index", "recover");
});

test("opening tells of the log of several openings as of one", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  for (let run = 0; run < 4; run++) {
    const store = await HybridLogStore.open(OPTIONS, { files });
    for (let i = 0; i < 8_000; i++) store.sync.set(nameOf(run * 8_000 + i), pattern(VALUE_BYTES, run * 8_000 + i));
    await store.close();
  }
  for (const path of files.paths()) if (path.endsWith(".idx")) await files.remove(path);
  const reports = new Reports();
  const store = await HybridLogStore.open({ ...OPTIONS, onProgress: reports.onProgress }, { files });
  assertFound(store, 32_000);
  reports.assertPhases("recover");
});

test("compacting tells how far it has gone over the log", async () => {
  using _ = new World();
  const store = await fill(new FaultyFiles());
  const reports = new Reports();
  await store.compact(reports.onProgress);
  assertFound(store);
  reports.assertPhases("compact");
  // Bytes of the log.
  const { total } = reports.all[0];
  assert(total > KEYS * VALUE_BYTES && total < 1.5 * KEYS * VALUE_BYTES, `${total} bytes`);
});

test("compacting tells so while the log is written to", async () => {
  using _ = new World();
  const store = await fill(new FaultyFiles());
  const reports = new Reports();
  let next = KEYS;
  reports.during = () => store.sync.set(nameOf(next), pattern(VALUE_BYTES, next++));
  await store.compact(reports.onProgress);
  reports.assertPhases("compact");
  assertFound(store, next);
});

test("saving the index tells how far it has come, also while it grows", async () => {
  using _ = new World();
  const store = await fill(new FaultyFiles());
  const still = new Reports();
  await store.saveIndex(still.onProgress);
  still.assertPhases("index");
  const growing = new Reports();
  let next = KEYS;
  growing.during = () => {
    for (let i = 0; i < 3_000; i++) store.sync.set(nameOf(next), pattern(VALUE_BYTES, next++));
  };
  await store.saveIndex(growing.onProgress);
  growing.assertPhases("index");
  assert(next > KEYS, "nothing was added");
  assertFound(store, next);
});

test("what a clear overtakes is at its end", async () => {
  using _ = new World();
  for (const operation of ["compact", "saveIndex"] as const) {
    const store = await fill(new FaultyFiles());
    const reports = new Reports();
    reports.during = ({ done, total }) => {
      if (done > total / 3 && reports.all.filter((report) => report.done > report.total / 3).length === 1) {
        store.sync.clear();
      }
    };
    await store[operation](reports.onProgress);
    assertEquals(store.sync.size(), 0);
    reports.assertPhases(operation === "compact" ? "compact" : "index");
    await store.close();
  }
});

test("making a checkpoint and restoring it tell how far they have come", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const opening = new Reports();
  const store = await fill(files);
  const made = new Reports();
  await store.checkpoint("checkpoint", made.onProgress);
  made.assertPhases("checkpoint");
  // Files.
  assertEquals(made.all[0].total, files.paths().filter((path) => /^checkpoint\/.*\.log$/.test(path)).length);
  const restored = new Reports();
  const other = await HybridLogStore.open({ ...OPTIONS, dataDir: "other", onProgress: opening.onProgress }, { files });
  await other.restore("checkpoint", restored.onProgress);
  assertFound(other);
  // First it is checked.
  restored.assertPhases("recover", "restore");
  // And then opened, of which is told who has asked to be told of opening.
  opening.assertPhases("recover");
});

test("repairing tells how far it has read the log, of several openings too, and how far it has copied it", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const store = await fill(files);
  await store.close();
  const again = await HybridLogStore.open(OPTIONS, { files });
  for (let i = 0; i < 15_000; i++) again.sync.set(nameOf(i), pattern(VALUE_BYTES, i));
  await again.close();
  const reports = new Reports();
  const report = await HybridLogStore.repair(
    "data",
    { ...OPTIONS, dataDir: "new", onProgress: reports.onProgress },
    { files },
  );
  assertEquals([report.keys, report.damage], [KEYS, []]);
  reports.assertPhases("read", "copy");
});

test("repairing a damaged log tells of all of it", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const store = await fill(files);
  await store.close();
  const paths = files.paths().filter((path) => path.endsWith(".log"));
  for (const path of paths) files.flip(path, 500_000, 1);
  const reports = new Reports();
  const report = await HybridLogStore.repair(
    "data",
    { ...OPTIONS, dataDir: "new", onProgress: reports.onProgress },
    { files },
  );
  assert(report.damage.length > 0);
  reports.assertPhases("read", "copy");
});

test("work that takes no time tells at least of its end", async () => {
  const { now } = performance;
  performance.now = () => 5;
  try {
    const files = new FaultyFiles();
    const store = await HybridLogStore.open(OPTIONS, { files });
    for (let i = 0; i < 100; i++) store.sync.set(nameOf(i), pattern(VALUE_BYTES, i));
    const told: Report[] = [];
    const onProgress: OnProgress = (report) => void told.push(report);
    await store.commit();
    await store.saveIndex(onProgress);
    await store.checkpoint("checkpoint", onProgress);
    await store.compact(onProgress);
    await store.restore("checkpoint", onProgress);
    await store.close();
    const again = await HybridLogStore.open({ ...OPTIONS, onProgress }, { files });
    await again.close();
    await HybridLogStore.repair("data", { ...OPTIONS, dataDir: "new", onProgress }, { files });
    const phases = told.map(({ phase }) => phase);
    const wanted = ["index", "checkpoint", "compact", "recover", "restore", "recover", "read", "copy"];
    assertEquals(phases.filter((phase, i) => phase !== phases[i - 1]), wanted);
    for (const report of told) assertEquals(report.done, report.total, report.phase);
  } finally {
    performance.now = now;
  }
});
