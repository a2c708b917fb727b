import { assert, assertEquals } from "@std/assert";
import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import { textOf } from "./support/bytes.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

// The index that is saved beside the log: opening with it gives what opening without it gives, whatever happens to the store
// while it is being saved.

const OPTIONS: HybridLogOptions = {
  dataDir: "data",
  mutableSize: "4MB",
  readonlySize: "24MB",
  segmentSize: "1MB",
  durability: "manual",
  compaction: false,
  io: "blocking",
};
/** The index of so many is saved in some twenty blocks. */
const KEYS = 150_000;

const nameOf = (i: number) => `key:${i}`;
const isIndex = (path: string) => path.endsWith(".idx");

interface Filled {
  files: FaultyFiles;
  store: HybridLogStore;
  content: Map<string, string>;
}

async function fill(keys: number = KEYS): Promise<Filled> {
  const files = new FaultyFiles();
  const store = await HybridLogStore.open(OPTIONS, { files });
  const content = new Map<string, string>();
  for (let i = 0; i < keys; i++) put(store, content, i, "first");
  await store.commit();
  return { files, store, content };
}

function put(store: HybridLogStore, content: Map<string, string>, i: number, value: string): void {
  store.sync.set(nameOf(i), value);
  content.set(nameOf(i), value);
}

function remove(store: HybridLogStore, content: Map<string, string>, i: number): void {
  assertEquals(store.sync.del(nameOf(i)), content.delete(nameOf(i)));
}

/** Saves the index and has `race` do something before each block of it is written. */
async function saveWhile(files: FaultyFiles, store: HybridLogStore, race: (block: number) => void): Promise<number> {
  let blocks = 0;
  files.fail = ({ kind, path }) => {
    if (kind === "write" && isIndex(path)) race(blocks++);
  };
  await store.saveIndex();
  files.fail = undefined;
  return blocks;
}

/** Opens what the process leaves when it is killed now. */
async function assertFound(
  files: FaultyFiles,
  content: Map<string, string>,
  usesIndex: boolean,
  options: HybridLogOptions = OPTIONS,
): Promise<void> {
  await using store = await HybridLogStore.open(options, { files: files.killed() });
  assertEquals(store.recovery.usedIndexFile, usesIndex);
  assertEquals(store.sync.size(), content.size);
  for (const [name, value] of content) {
    if (textOf(store.sync.get(name)) !== value) throw new Error(`${name} is not ${value}`);
  }
  let keys = 0;
  for (const key of store.sync.keys()) if (content.has(textOf(key)!)) keys++;
  assert(keys >= content.size, `keys() has given ${keys} of ${content.size}`);
}

test("an index that has grown while it was being saved is loaded with all that has moved", () =>
  seeded(async (random) => {
    const { files, store, content } = await fill();
    let next = KEYS;
    const blocks = await saveWhile(files, store, () => {
      // Growth splits buckets from the first one on: some that are saved, some that are not.
      for (let i = 0; i < 2_000; i++) put(store, content, next++, "new");
      for (let i = 0; i < 500; i++) put(store, content, random.below(KEYS), `over ${i}`);
      for (let i = 0; i < 200; i++) remove(store, content, random.below(next));
    });
    assert(blocks > 10, `the index was saved in ${blocks} blocks`);
    await assertFound(files, content, true);
    await store.commit();
    for (let i = 0; i < 1_000; i++) remove(store, content, random.below(next));
    await store.commit();
    await assertFound(files, content, true);
    await store.close();
    await assertFound(files, content, true);
  }));

test("an index that was emptied while it was being saved gives what was there afterwards", async () => {
  for (const clearAt of [1, 3]) {
    const { files, store, content } = await fill();
    let next = KEYS;
    await saveWhile(files, store, (block) => {
      if (block === clearAt) {
        store.sync.clear();
        content.clear();
        // Smaller than before, and larger than what of it is saved.
        for (let i = 0; i < 60_000; i++) put(store, content, next++, "after");
      }
      for (let i = 0; i < 500; i++) put(store, content, next++, "later");
    });
    await store.commit();
    await assertFound(files, content, false);
    await store.compact(); // what says that nothing before it counts goes
    await store.commit();
    await assertFound(files, content, false);
    await store.saveIndex();
    await assertFound(files, content, true);
  }
});

test("of an index that was saved before a compaction only what is still in the log is loaded", () =>
  seeded(async (random) => {
    const { files, store, content } = await fill();
    await store.saveIndex();
    for (let i = 0; i < KEYS; i++) if (random.below(2) === 0) remove(store, content, i);
    await store.compact();
    await assertFound(files, content, true);
    for (let i = 0; i < KEYS; i += 3) put(store, content, i, "again");
    await store.commit();
    await assertFound(files, content, true);
  }));

test("a large index is loaded into one that has less room", async () => {
  const { files, store, content } = await fill(100_000);
  await store.close();
  await assertFound(files, content, true, { ...OPTIONS, indexSize: "1300KB" });
  await assertFound(files, content, true, { ...OPTIONS, readonlySize: "10MB" });
});

test("an index file that is damaged anywhere is not used", () =>
  seeded(async (random: Random) => {
    const { files, store, content } = await fill(40_000);
    await store.close();
    const path = files.paths().find(isIndex)!;
    const { length } = files.contents(path);
    const places = [0, 9, 12, 17, 22, 24, 28, 32, 36, 40, 48, length - 1, length - 16];
    for (let i = 0; i < 30; i++) places.push(random.below(length));
    for (const place of places) {
      const damaged = files.killed();
      damaged.flip(path, place, 1 << random.below(8));
      await using again = await HybridLogStore.open(OPTIONS, { files: damaged });
      assert(!again.recovery.usedIndexFile, `a flipped bit in byte ${place} of ${length} was not noticed`);
      assertEquals(again.sync.size(), content.size);
    }
    for (const cut of [0, 23, 24, 30, 1_000, length - 16, length - 1]) {
      const damaged = files.killed();
      const file = await damaged.edit(path);
      await file.truncate(cut);
      await file.close();
      await using again = await HybridLogStore.open(OPTIONS, { files: damaged });
      assert(!again.recovery.usedIndexFile, `an index file that was cut at ${cut} was used`);
      assertEquals(again.sync.size(), content.size);
    }
  }));
