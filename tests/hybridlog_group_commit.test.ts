import { assertEquals } from "@std/assert";
import type { HybridLogStore } from "@ferrite/storage";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { type Random, seeded } from "./support/random.ts";

// How many writes share a commit, where each of them ends when it is on the disk.

const WRITERS = 60;
const ROUNDS = 10;

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
    const { store } = await openSmall(new FaultyFiles(), { ...QUIET, durability: "always" });
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
