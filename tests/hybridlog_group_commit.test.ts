import { assert, assertEquals } from "@std/assert";
import type { HybridLogStore } from "@ferrite/storage";
import { textOf } from "./support/bytes.ts";
import { changed } from "./support/changed_files.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { type Random, seeded } from "./support/random.ts";

// How many writes share a commit, where each of them ends when it is on the disk.

const WRITERS = 60;
const ROUNDS = 10;
/** Longer than all writers together need for one write each: else it would be faster to halve them. */
const SYNC_MS = 30;

/** Files of which a sync takes its time. */
function slowlySynced(): FaultyFiles {
  const files = new FaultyFiles();
  return changed(files, {
    createSync(path) {
      const file = files.createSync(path);
      return {
        ...file,
        async sync() {
          await new Promise((resolve) => setTimeout(resolve, SYNC_MS));
          await file.sync();
        },
      };
    },
  });
}

/** Ways by which callers come to a store, each by way of more promises than the one before. */
const WAYS: readonly ((write: () => Promise<unknown>) => Promise<unknown>)[] = [
  (write) => write(),
  async (write) => await write(),
  // deno-lint-ignore no-async-promise-executor -- as it is found
  (write) => new Promise(async (resolve) => resolve(await write())),
  (write) => write().then((value) => value).finally(() => {}),
  async (write) => await WAYS[1](() => WAYS[3](() => WAYS[2](write))),
];

function writes(store: HybridLogStore, random: Random): () => Promise<unknown> {
  return random.pick<() => Promise<unknown>>([
    () => store.set(`key:${random.below(100)}`, "value"),
    () => store.zadd("z", [[random.below(100), `member:${random.below(100)}`]]),
    () => store.rpush("list", ["element"]),
    () => store.transact((tx) => tx.set("key", "value")),
  ]);
}

test("whoever writes in one turn shares a commit, by way of however many promises", () =>
  seeded(async (random) => {
    const { store } = await openSmall(slowlySynced(), { ...QUIET, durability: "always" });
    const before = store.stats().commits;
    const writer = async (_: unknown, i: number) => {
      for (let round = 0; round < ROUNDS; round++) await WAYS[i % WAYS.length](writes(store, random));
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
    assertEquals(store.stats().commits - before, ROUNDS);
    await store.close();
  }));

test("those that had to wait for a commit share the next one with those that it was for", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, { ...QUIET, durability: "always" });
  const before = store.stats().commits;
  const writer = async (name: string) => {
    for (let round = 0; round < ROUNDS; round++) await store.set(name, String(round));
  };
  let others: Promise<unknown> | null = null;
  files.fail = ({ kind }) => {
    if (kind === "sync") others ??= Promise.all(["second", "third"].map(writer));
  };
  await writer("first");
  await others;
  assertEquals(store.stats().commits - before, ROUNDS + 1);
  await store.close();
});

test("where syncs take no time, each write is on the disk when it is answered all the same", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, { ...QUIET, durability: "always" });
  const before = store.stats().commits;
  const acknowledged = new Map<string, number>();
  let found = new FaultyFiles();
  let expected = new Map<string, number>();
  const writer = async (_: unknown, i: number) => {
    for (let round = 0; round < ROUNDS; round++) {
      await store.set(`key:${i}`, String(round));
      acknowledged.set(`key:${i}`, round);
      if (i !== 499 || round !== ROUNDS - 3) continue;
      found = files.crash("nothing");
      expected = new Map(acknowledged);
    }
  };
  await Promise.all(Array.from({ length: 1_000 }, writer));
  assert(store.stats().commits - before >= ROUNDS);
  await store.close();
  const { store: again } = await openSmall(found, QUIET);
  assert(expected.size > 400);
  for (const [key, round] of expected) assert(Number(textOf(again.sync.get(key))) >= round, key);
  await again.close();
});
