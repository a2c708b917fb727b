import { assert, assertEquals } from "@std/assert";
import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import { pattern, sameBytes, textOf } from "./support/bytes.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { seeded } from "./support/random.ts";

// What a store refuses: settings that make no sense, keys that its index has no room for, steps that need too much of the memory.

const RIGHT: HybridLogOptions = {
  dataDir: "data",
  mutableSize: "2MB",
  readonlySize: "8MB",
  segmentSize: "1MB",
  durability: "manual",
  compaction: false,
};

/** For each option what it must not be, with words that the message must have beside its name. */
const WRONG: Record<string, readonly [words: string, ...values: unknown[]][]> = {
  dataDir: [["must be the path of a directory", "", 5, null, ["data"]]],
  mutableSize: [
    ["must be a size from 1 MB to 4 GB", "2 XB", "", "MB", "-1MB", NaN, -1, 2.5e6 + 0.5, null, true, [2], {}],
    ["must be a size from 1 MB to 4 GB", 0, "1023KB", "4097MB", Infinity],
  ],
  readonlySize: [
    ["must be a size from 1 MB to 4 GB", "8 XB", "", "MB", "-1MB", NaN, -1, null, true, [8], {}],
    ["must be a size from 1 MB to 4 GB", 0, "1023KB", "4097MB", Infinity],
  ],
  segmentSize: [
    ["must be a size from 1 MB to 1 GB", "1 XB", null, true, {}, 0, "512KB", "2GB"],
    ["must be a power of two", "3MB", 2 ** 20 + 1, "1000MB"],
  ],
  indexSize: [
    ["must be a size from 512 KB to 8 MB", "1 XB", null, true, {}, 0, "511KB", "9MB"],
    // Beside it something must be left for a commit, a step and compaction.
    ["must be 6.8 MB or less", "8MB", "7MB"],
  ],
  durability: [['must be one of "always", "interval", "manual"', "never", "", null, 1, true]],
  commitIntervalMs: [["must be a number from 1 to 3,600,000", 0, -1, 0.5, NaN, Infinity, 3_600_001, "1000", null]],
  io: [['must be one of "adaptive", "blocking", "async"', "sync", "", null, 1]],
  compaction: [["must be true or false", 0, 1, "yes", null]],
  onProgress: [["must be a function", 5, "log", {}, null]],
  module: [["must be a WebAssembly.Module", {}, "core.wasm", new Uint8Array(8), null]],
};

/** Opening must fail, name the option and leave nothing behind. */
async function assertRefused(options: unknown, ...words: string[]): Promise<void> {
  const files = new FaultyFiles();
  for (const word of words) {
    await assertFails(() => HybridLogStore.open(options as HybridLogOptions, { files }), "CONFIG", word);
  }
  assertEquals(files.paths(), [], "files were made");
}

for (const [name, cases] of Object.entries(WRONG)) {
  test(`${name} that makes no sense is refused by its name`, async () => {
    for (const [words, ...values] of cases) {
      for (const value of values) {
        await assertRefused({ ...RIGHT, [name]: value }, `Cannot open storage: ${name} ${words}`, "received");
      }
    }
  });
}

test("options that are none are refused, with a list of those there are", async () => {
  const names = [...Object.keys(WRONG)];
  for (const name of ["mutablesize", "mutable_size", "size", "backend", ""]) {
    await assertRefused({ ...RIGHT, [name]: "2MB" }, `Cannot open storage: ${name} is not an option`, ...names);
  }
  for (const options of [null, 5, "data", true]) await assertRefused(options, "expected an object of options");
});

test("what is not given, or given as undefined, is as documented", async () => {
  const files = new FaultyFiles();
  const names = Object.keys(WRONG).filter((name) => name !== "dataDir");
  const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
  await using store = await HybridLogStore.open({ dataDir: "data", ...nothing }, { files });
  assertEquals(store.stats().maxBytes, 256 * 2 ** 20);
  await store.set("a", "1");
  assertEquals(textOf(await store.get("a")), "1");
});

test("the memory that sizes add up to has its limits", async () => {
  const together = "Cannot open storage: mutableSize and readonlySize must be 8 MB to 4 GB together, received";
  const sums: [mutableSize: string, readonlySize: string, words: string][] = [
    ["1MB", "1MB", "2 MB"],
    ["3MB", "4MB", "7 MB"],
    ["4GB", "1GB", "5 GB"],
    ["1GB", "4GB", "5 GB"],
    ["2049MB", "2048MB", "4.0 GB"],
  ];
  for (const [mutableSize, readonlySize, words] of sums) {
    await assertRefused({ ...RIGHT, mutableSize, readonlySize }, `${together} ${words}`);
  }
});

test("a directory whose pages are too large for the memory is refused, and opens with more as it was", async () => {
  const files = new FaultyFiles();
  const large = { ...RIGHT, mutableSize: "64MB", readonlySize: "192MB" };
  const first = await HybridLogStore.open(large, { files });
  await first.set("a", "1");
  await first.close();
  const paths = files.paths();
  // Pages of 256 KB, of which 44 are needed.
  for (
    const words of ["are 10 MB together", 'the log in "data" needs 11 MB at least', "mutableSize and readonlySize"]
  ) {
    await assertFails(() => HybridLogStore.open(RIGHT, { files }), "CONFIG", words);
  }
  assertEquals(files.paths(), paths);
  for (const options of [{ ...RIGHT, readonlySize: "10MB" }, large]) {
    await using store = await HybridLogStore.open(options, { files });
    assertEquals(textOf(await store.get("a")), "1");
  }
});

test("an index that is too large for a directory is refused, and the directory opens afterwards", async () => {
  const files = new FaultyFiles();
  const first = await HybridLogStore.open(RIGHT, { files });
  await first.set("a", "1");
  await first.close();
  await assertFails(() => HybridLogStore.open({ ...RIGHT, indexSize: "7MB" }, { files }), "CONFIG", "indexSize");
  await using store = await HybridLogStore.open({ ...RIGHT, indexSize: "6MB" }, { files });
  assertEquals(textOf(await store.get("a")), "1");
});

const nameOf = (i: number) => `key:${i}`;
/** More than an index of 512 KB has room for. */
const TOO_MANY = 200_000;

/** Adds keys from `from` on until there is no room for more; returns the number of the first that was refused. */
function addAll(store: HybridLogStore, from: number): number {
  for (let i = from; i < from + TOO_MANY; i++) {
    try {
      store.sync.set(nameOf(i), String(i));
    } catch (error) {
      assertFailsSync(
        () => {
          throw error;
        },
        "OUT_OF_MEMORY",
        "raise indexSize or readonlySize, or remove keys",
      );
      return i;
    }
  }
  throw new Error("nothing was refused");
}

function assertKeys(store: HybridLogStore, from: number, to: number): void {
  assertEquals(store.sync.size(), to - from);
  for (let i = from; i < to; i++) {
    if (textOf(store.sync.get(nameOf(i))) !== String(i)) throw new Error(`${nameOf(i)} is lost`);
  }
}

for (const where of ["memory", "files"]) {
  test(`a full index refuses keys and loses none, and has room where keys in ${where} are removed`, async () => {
    const files = new FaultyFiles();
    const options: HybridLogOptions = { ...RIGHT, indexSize: "512KB", io: "blocking" };
    const store = await HybridLogStore.open(options, { files });
    const end = addAll(store, 0);
    assert(end > 20_000, `only ${end} keys had room`);
    const limit = "the index takes 512 KB, which is its limit";
    await assertFails(() => store.set("another", "1"), "OUT_OF_MEMORY", limit);
    await assertFails(() => store.mset([["another", "1"], ["one more", "2"]]), "OUT_OF_MEMORY", limit);
    await assertFails(() => store.hset("hash", "field", "1"), "OUT_OF_MEMORY", limit);
    await assertFails(() => store.transact((tx) => void tx.set("another", "1")), "OUT_OF_MEMORY", limit);
    assertEquals(store.stats().indexBytes <= 512 * 1024, true);
    assertKeys(store, 0, end);
    if (where === "files") {
      await store.close();
    }
    const again = where === "files" ? await HybridLogStore.open(options, { files }) : store;
    const half = end >> 1;
    for (let i = 0; i < half; i++) assertEquals(again.sync.del(nameOf(i)), true);
    if (where === "files") await again.compact();
    // As many as there were, but for what removed keys leave empty in buckets that others fill.
    const next = addAll(again, end);
    assert(next - end > half / 2, `${half} keys were removed, and ${next - end} had room`);
    assertKeys(again, half, next);
    await again.close();
    await using reopened = await HybridLogStore.open(options, { files });
    assertKeys(reopened, half, next);
  });
}

/** A quarter of what a store of 10 MB has. */
const QUARTER = 2.5 * 2 ** 20;
const PART_BYTES = 100_000;
const partsOf = (bytes: number) =>
  Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, i) => [`part:${i}`, pattern(PART_BYTES, i % 5)] as const);
/** More than that. */
const PARTS = partsOf(QUARTER * 1.2);
/** What a transaction needs is known only when no memory is left: this is more than there is. */
const MOST_PARTS = partsOf(QUARTER * 4.8);

/** Has a step refused by a store that has some of its keys in memory and some on disk, and looks for what it has done. */
async function assertTooLarge(step: (store: HybridLogStore) => Promise<unknown>): Promise<void> {
  for (const isCold of [false, true]) {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    for (let i = 0; i < 5; i++) store.sync.set(`part:${i * 2}`, `old ${i}`);
    store.sync.rpush("list", ["a", "b"]);
    if (isCold) log.space.dropAll();
    store.sync.set("part:1", "old");
    const before = store.stats();
    await assertFails(() => step(store), "TOO_LARGE", "a step may need a quarter of that; raise them");
    const look = ({ sync }: HybridLogStore) => {
      for (let i = 0; i < 5; i++) assertEquals(textOf(sync.get(`part:${i * 2}`)), `old ${i}`);
      assertEquals(textOf(sync.get("part:1")), "old");
      assertEquals(sync.exists("part:3"), false);
      assertEquals(Array.from(sync.lrange("list", 0, -1), textOf), ["a", "b"]);
      assertEquals(sync.size(), 7);
    };
    look(store);
    assertEquals(store.stats().liveBytes, before.liveBytes);
    await store.set("new", "1"); // it goes on
    await store.del("new");
    await store.commit();
    const killed = files.killed();
    await store.close();
    for (const found of [files, killed]) {
      const { store: again } = await openSmall(found, QUIET);
      look(again);
      await again.close();
    }
  }
}

test("a transaction that needs more than a quarter of the memory is refused, and changes nothing", () =>
  assertTooLarge((store) =>
    store.transact((tx) => {
      tx.lpush("list", ["0"]);
      for (const [key, value] of MOST_PARTS) tx.set(key, value);
    })
  ));

test("mset of more than a quarter of the memory is refused, and changes nothing", async () => {
  await assertTooLarge((store) => store.mset(PARTS));
  await assertTooLarge(async (store) => store.sync.mset(PARTS));
});

test("a string of more than a quarter of the memory is refused, and changes nothing", () =>
  assertTooLarge((store) => store.set("part:1", pattern(QUARTER * 1.2))));

test("a transaction that catches the refusal of a write keeps what it has written else", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  const kept = await store.transact((tx) => {
    let count = 0;
    for (const [key, value] of MOST_PARTS) {
      try {
        tx.set(key, value);
        count++;
      } catch (error) {
        assertFailsSync(() => {
          throw error;
        }, "TOO_LARGE");
      }
    }
    return count;
  });
  assert(kept > 0 && kept < MOST_PARTS.length, `${kept} were kept`);
  const found = MOST_PARTS.filter(([key, value]) => sameBytes(store.sync.get(key), value));
  assertEquals([found.length, store.sync.size()], [kept, kept]);
  await store.close();
});

test("what needs less than a quarter of the memory is done", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  const few = partsOf(QUARTER / 2);
  await store.mset(few);
  await store.transact((tx) => {
    for (const [key] of few) tx.set(key, pattern(PART_BYTES, 77));
  });
  for (const [key] of few) assertEquals(sameBytes(await store.get(key), pattern(PART_BYTES, 77)), true);
  await store.close();
});

const MEMBERS = 24_000;
const memberOf = (set: number, i: number) => `a member of set ${set} that is as long as this one, number ${i}`;

test("the union of sets that is more than a quarter of the memory is refused, and changes nothing", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  for (const set of [1, 2]) {
    for (let i = 0; i < MEMBERS; i += 1000) {
      store.sync.sadd(`set:${set}`, Array.from({ length: 1000 }, (_, j) => memberOf(set, i + j)));
    }
  }
  store.sync.sadd("result", ["what", "it", "was"]);
  for (const isCold of [false, true]) {
    if (isCold) log.space.dropAll();
    await assertFails(() => store.sunionStore("result", ["set:1", "set:2"]), "TOO_LARGE", "a quarter of");
    await assertFails(() => store.sunionStore("set:1", ["set:1", "set:2"]), "TOO_LARGE", "a quarter of");
    assertEquals([await store.scard("set:1"), await store.scard("set:2")], [MEMBERS, MEMBERS]);
    assertEquals((await store.smembers("result")).map(textOf).sort(), ["it", "was", "what"]);
    for (let i = 0; i < MEMBERS; i += 997) {
      assertEquals([1, 2].map((set) => store.sync.sisMember(`set:${set}`, memberOf(1, i))), [true, false]);
    }
    assertEquals(store.sync.size(), 3);
  }
  await store.close();
  const { store: again } = await openSmall(files, QUIET);
  assertEquals([await again.scard("set:1"), await again.scard("set:2"), await again.scard("result")], [
    MEMBERS,
    MEMBERS,
    3,
  ]);
  await again.close();
});

/** What a step needs may be read twice, if it has to begin again, and each time with two looks at a file. */
const MOST_READS = 4;
/** A member is written to a leaf of members and to one of scores. */
const NODES_PER_MEMBER = 2;

test("a step does not read the same again and again, whether there is memory for it or not", () =>
  seeded(async (random) => {
    for (const io of ["blocking", "async"] as const) {
      const files = new FaultyFiles();
      const { store } = await openSmall(files, { ...QUIET, io });
      const scores = new Map<string, number>();
      const add = async (count: number): Promise<void> => {
        const added = new Map<string, number>();
        while (added.size < count) added.set(`member:${random.below(2 ** 30)}`, random.below(2 ** 30));
        const most = files.reads + count * NODES_PER_MEMBER * MOST_READS;
        files.fail = ({ kind, count }) => kind === "read" && count > most ? new Error("too many reads") : undefined;
        const adding = store.zadd("z", Array.from(added, ([name, score]) => [score, name] as const));
        await adding.finally(() => files.fail = undefined);
        for (const [name, score] of added) scores.set(name, score);
      };
      while (scores.size < 60_000) await add(500);
      for (let round = 0; round < 4; round++) await add(600);
      // Of these it depends on how nodes happen to be filled.
      for (const count of [700, 800, 900, 1_000, 1_500]) {
        await add(count).catch((error) => assertEquals(error.code, "TOO_LARGE", error.message));
      }
      await assertFails(() => add(6_000), "TOO_LARGE", "a quarter of");
      assertEquals(await store.zcard("z"), scores.size);
      for (const [name, score] of scores) assertEquals(await store.zscore("z", name), score);
      await store.close();
    }
  }));
