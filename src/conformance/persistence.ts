import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PersistenceOps } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { assertBetween, assertBytes, assertEquals } from "./assert.ts";
import { pattern } from "./bytes.ts";
import type { Check } from "./check.ts";
import { contentsOf, fillKinds } from "./contents.ts";
import type { CollectionStore } from "./face.ts";

type PersistentStore = CollectionStore & PersistenceOps;

/** What `checkpoint`, `restore` and `compact` do: `check` is of the store itself. */
export function checkPersistence(check: Check): void {
  const { assertFails, kinds } = check;
  const checkPersistent = (what: string, run: (store: PersistentStore) => Promise<void>) =>
    check(what, (store) => run(store as PersistentStore), "persistence");

  checkPersistent("restore brings back what there was at a checkpoint", (store) =>
    withPath(async (path) => {
      await fillKinds(store, kinds);
      await store.set("large", pattern(100_000));
      await store.set("expiring", "v", { ttl: 1_000_000 });
      const before = await contentsOf(store, kinds);
      const saved = await store.checkpoint(path);
      await store.set("new", "v");
      await store.set("large", "small");
      await store.del("expiring");
      for (const { type, add } of kinds) await add(store, `a ${type}`, ["more"]);
      const after = await contentsOf(store, kinds);
      try {
        await store.restore(saved);
      } catch (error) {
        // A part of a store cannot be restored without the rest: a wrapper that shows one says so.
        if (!(error instanceof StorageError && error.code === "UNSUPPORTED")) throw error;
        assertEquals([await contentsOf(store, kinds), await store.exists("new")], [after, true]);
        return;
      }
      assertEquals(await contentsOf(store, kinds), before, "what was restored");
      assertBytes(await store.get("large"), pattern(100_000), "a large value that was restored");
      assertEquals([await store.exists("new"), await store.exists("expiring")], [false, true]);
      assertBetween(await store.ttl("expiring"), 900_000, 1_000_001, "ttl after restore");
      await store.set("new", "v");
      assertEquals(await store.size(), kinds.length + 3);
    }));

  checkPersistent("compact changes nothing that can be seen", async (store) => {
    await fillKinds(store, kinds);
    for (let i = 0; i < 200; i++) await store.set(`k${i}`, pattern(1000, i));
    for (let i = 0; i < 200; i += 2) await store.del(`k${i}`);
    const before = await contentsOf(store, kinds);
    await store.compact();
    assertEquals([await contentsOf(store, kinds), await store.size()], [before, kinds.length + 100]);
    for (let i = 1; i < 200; i += 2) assertBytes(await store.get(`k${i}`), pattern(1000, i));
  });

  checkPersistent("answers CLOSED to what saves after close", (store) =>
    withPath(async (path) => {
      await store.close();
      await assertFails(() => store.checkpoint(path), "CLOSED");
      await assertFails(() => store.compact(), "CLOSED");
    }));
}

/** Runs with the path of what is not there, in a folder that is gone afterwards. */
async function withPath(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "ferrite-conformance-"));
  try {
    await run(join(folder, "checkpoint"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
