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
/** What is put into a store. */
interface Filling {
  readonly keys: number;
  readonly valueBytes: number;
}

/** Some twelve segments. */
const LONG: Filling = { keys: 30_000, valueBytes: 400 };
/** An index of some dozen blocks. */
const WIDE: Filling = { keys: 100_000, valueBytes: 10 };
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

function put(store: HybridLogStore, { valueBytes }: Filling, from: number, to: number): void {
  for (let i = from; i < to; i++) store.sync.set(nameOf(i), pattern(valueBytes, i));
}

async function fill(files: FaultyFiles, filling: Filling): Promise<HybridLogStore> {
  const store = await HybridLogStore.open(OPTIONS, { files });
  put(store, filling, 0, filling.keys);
  await store.commit();
  return store;
}

function assertFound(store: HybridLogStore, { keys, valueBytes }: Filling): void {
  assertEquals(store.sync.size(), keys);
  for (let i = 0; i < keys; i += 977) assertEquals(store.sync.get(nameOf(i)), pattern(valueBytes, i));
}

test("opening tells how far it has read the log", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  await fill(files, LONG);
  const reports = new Reports();
  const store = await HybridLogStore.open({ ...OPTIONS, onProgress: reports.onProgress }, { files: files.killed() });
  assertFound(store, LONG);
  reports.assertPhases("recover");
});

test("opening tells how far it has read a saved index, and then what was written behind that", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const first = await fill(files, WIDE);
  await first.saveIndex();
  put(first, LONG, 0, 20_000);
  put(first, WIDE, 0, 20_000);
  await first.commit();
  const reports = new Reports();
  const store = await HybridLogStore.open({ ...OPTIONS, onProgress: reports.onProgress }, { files: files.killed() });
  assertEquals(store.recovery.usedIndexFile, true);
  assertFound(store, WIDE);
  reports.assertPhases("index", "recover");
});

test("opening tells of the log of several openings as of one", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  for (let run = 0; run < 4; run++) {
    const store = await HybridLogStore.open(OPTIONS, { files });
    put(store, LONG, run * 6_000, (run + 1) * 6_000);
    await store.close();
  }
  for (const path of files.paths()) if (path.endsWith(".idx")) await files.remove(path);
  const reports = new Reports();
  const store = await HybridLogStore.open({ ...OPTIONS, onProgress: reports.onProgress }, { files });
  assertFound(store, { ...LONG, keys: 24_000 });
  reports.assertPhases("recover");
});

test("compacting tells how far it has gone over the log", async () => {
  using _ = new World();
  const store = await fill(new FaultyFiles(), LONG);
  const reports = new Reports();
  await store.compact(reports.onProgress);
  assertFound(store, LONG);
  reports.assertPhases("compact");
  // Bytes of the log.
  const { total } = reports.all[0];
  const least = LONG.keys * LONG.valueBytes;
  assert(total > least && total < 1.5 * least, `${total} bytes`);
});

test("compacting tells so while the log is written to", async () => {
  using _ = new World();
  const store = await fill(new FaultyFiles(), LONG);
  const reports = new Reports();
  let { keys } = LONG;
  reports.during = () => put(store, LONG, keys, ++keys);
  await store.compact(reports.onProgress);
  reports.assertPhases("compact");
  assertFound(store, { ...LONG, keys });
});

test("saving the index tells how far it has come, also while it grows", async () => {
  using _ = new World();
  const store = await fill(new FaultyFiles(), WIDE);
  const still = new Reports();
  await store.saveIndex(still.onProgress);
  still.assertPhases("index");
  const growing = new Reports();
  let keys = WIDE.keys;
  growing.during = () => {
    put(store, WIDE, keys, keys + 3_000);
    keys += 3_000;
  };
  await store.saveIndex(growing.onProgress);
  growing.assertPhases("index");
  assert(keys > WIDE.keys, "nothing was added");
  assertFound(store, { ...WIDE, keys });
});

test("what a clear overtakes is at its end", async () => {
  using _ = new World();
  for (const operation of ["compact", "saveIndex"] as const) {
    const store = await fill(new FaultyFiles(), operation === "compact" ? LONG : WIDE);
    const reports = new Reports();
    reports.during = ({ done, total }) => {
      if (done > total / 3 && store.sync.size() > 0) store.sync.clear();
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
  const store = await fill(files, LONG);
  const made = new Reports();
  await store.checkpoint("checkpoint", made.onProgress);
  made.assertPhases("checkpoint");
  // Files.
  assertEquals(made.all[0].total, files.paths().filter((path) => /^checkpoint\/.*\.log$/.test(path)).length);
  const restored = new Reports();
  const other = await HybridLogStore.open({ ...OPTIONS, dataDir: "other", onProgress: opening.onProgress }, { files });
  await other.restore("checkpoint", restored.onProgress);
  assertFound(other, LONG);
  // First it is checked.
  restored.assertPhases("recover", "restore");
  // And then opened, of which is told who has asked to be told of opening.
  opening.assertPhases("recover");
});

test("repairing tells how far it has read the log, of several openings too, and how far it has copied it", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const store = await fill(files, LONG);
  await store.close();
  const again = await HybridLogStore.open(OPTIONS, { files });
  put(again, LONG, 0, 10_000);
  await again.close();
  const reports = new Reports();
  const report = await HybridLogStore.repair(
    "data",
    { ...OPTIONS, dataDir: "new", onProgress: reports.onProgress },
    { files },
  );
  assertEquals([report.keys, report.damage], [LONG.keys, []]);
  reports.assertPhases("read", "copy");
});

test("repairing a damaged log tells of all of it", async () => {
  using _ = new World();
  const files = new FaultyFiles();
  const store = await fill(files, LONG);
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
    put(store, LONG, 0, 100);
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
