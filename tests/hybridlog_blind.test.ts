import { assert, assertEquals } from "@std/assert";
import { pattern, sameBytes, textOf } from "./support/bytes.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { share, test } from "./support/harness.ts";
import { MATES } from "./support/hybridlog/draw_deeds.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { World } from "./support/hybridlog/world.ts";
import { seeded } from "./support/random.ts";

// Writes over what is on disk, which is not read for that.

test("strings on disk are written over without being read", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `key:${i}`);
  const { store, log } = await openSmall(new FaultyFiles(), QUIET);
  for (const name of names) store.sync.set(name, "old");
  log.space.dropAll();
  const { diskReads } = store.stats();
  for (const name of names.slice(0, 100)) await store.set(name, "new", { ttl: 1_000_000 });
  store.sync.mset(names.slice(100, 200).map((name) => [name, "new"]));
  await store.mset(names.slice(200).map((name) => [name, "new"]), { ttl: 1_000_000 });
  assertEquals(store.stats().diskReads, diskReads);
  assertEquals(store.stats().keys, 300);
  for (const name of names) assertEquals(textOf(store.sync.get(name)), "new");
  await store.close();
});

test("compaction reads one record for one that was overwritten without being read, however often that was", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `key:${i}`);
  const { store, log } = await openSmall(new FaultyFiles(), QUIET);
  const rounds = 40;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) store.sync.set(name, `value ${round}`);
    log.space.dropAll();
  }
  const { diskReads } = store.stats();
  await store.compact();
  const reads = store.stats().diskReads - diskReads;
  assert(reads <= names.length * rounds, `${reads} reads`);
  assertEquals(store.stats().unverified, 0);
  for (const name of names) assertEquals(textOf(store.sync.get(name)), `value ${rounds - 1}`);
  await store.close();
});

test("keys that share chains are written over together, in whatever memory they are", () =>
  seeded(async (random) => {
    using _ = new World();
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    const keys = MATES.slice(0, 8);
    const model = new Map<string, Uint8Array | number>();
    for (let round = 0; round < share(300); round++) {
      const chosen = keys.filter(() => random.below(2) === 0);
      const deed = random.below(8);
      if (deed === 0) {
        for (const key of chosen) assertEquals(store.sync.del(key), model.delete(key));
      } else if (deed === 1) {
        for (const key of chosen) {
          store.sync.del(key);
          model.set(key, store.sync.rpush(key, ["a", "b"]));
        }
      } else {
        const entries = chosen.map((key) =>
          [key, pattern(random.below(4) === 0 ? 150_000 : random.below(500), random.below(256))] as const
        );
        if (deed < 5) store.sync.mset(entries);
        else await store.mset(entries);
        for (const [key, value] of entries) model.set(key, value);
      }
      if (random.below(3) === 0) log.space.dropAll();
      if (random.below(50) === 0) await store.compact();
      for (const key of keys.filter(() => random.below(4) === 0)) {
        const held = model.get(key);
        if (typeof held === "number") assertEquals(store.sync.llen(key), held);
        else assertEquals(sameBytes(store.sync.get(key), held ?? null), true);
      }
      const { keys: counted, unverified } = store.stats();
      assertEquals(Math.abs(counted - model.size) <= unverified, true, `${counted} of ${model.size} keys`);
    }
    await store.close();
  }));
