import { assertEquals } from "@std/assert";
import { HybridLogStore } from "@ferrite/storage";
import { pattern, sameBytes } from "./support/bytes.ts";
import { assertFailsSync } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";

const OPTIONS = {
  dataDir: "data",
  mutableSize: "2MB",
  readonlySize: "8MB",
  segmentSize: "1MB",
  durability: "manual",
  compaction: false,
} as const;
const LONGEST_BYTES = 2 ** 21;
const LARGE = pattern(1_000_000);
const ENTRIES = Array.from({ length: 100 }, (_, i) => [`part:${i}`, pattern(8000, i)] as const);

async function almostFull(): Promise<HybridLogStore> {
  const store = await HybridLogStore.open(OPTIONS, { files: new FaultyFiles(), longestBytes: LONGEST_BYTES });
  for (let i = 0; store.stats().logBytes < LONGEST_BYTES - 60_000; i++) store.sync.set(`fill:${i}`, pattern(1000));
  return store;
}

test("a step that was begun before the log is as long as it may be is done as a whole", async () => {
  const steps: Record<string, [run: (store: HybridLogStore) => unknown, read: (store: HybridLogStore) => unknown]> = {
    mset: [
      ({ sync }) => sync.mset(ENTRIES),
      ({ sync }) => ENTRIES.filter(([key, value]) => !sameBytes(sync.get(key), value)).length,
    ],
    "a large string": [
      ({ sync }) => sync.set("large", LARGE),
      ({ sync }) => sameBytes(sync.get("large"), LARGE) ? 0 : 1,
    ],
    append: [
      ({ sync }) => sync.append("fill:0", LARGE),
      ({ sync }) => sync.strlen("fill:0") - 1000 - LARGE.length,
    ],
  };
  for (const [name, [run, read]] of Object.entries(steps)) {
    const store = await almostFull();
    run(store);
    assertEquals(read(store), 0, name);
    assertFailsSync(() => store.sync.set("one", "more"), "OUT_OF_MEMORY", "segmentSize");
    assertFailsSync(() => store.sync.mset(ENTRIES), "OUT_OF_MEMORY", "segmentSize");
    assertFailsSync(() => store.sync.set("larger", LARGE), "OUT_OF_MEMORY", "segmentSize");
    assertEquals([store.sync.exists("one"), store.sync.exists("larger"), read(store)], [false, false, 0], name);
    await store.close();
  }
});
