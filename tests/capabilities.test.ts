import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  asHashOps,
  asListOps,
  asPersistenceOps,
  asSortedSetOps,
  type Capabilities,
  type ListOps,
  MemoryStore,
  type StorageEngine,
  supportsHashes,
  supportsLists,
  supportsPersistence,
  supportsSortedSets,
} from "@ferrite/storage";
import { test } from "./support/harness.ts";

/** A store of which only the manifest matters here. */
function storeWith(supports: Partial<Capabilities>): StorageEngine {
  return { supports: { lists: false, hashes: false, sortedSets: false, persistence: false, ...supports } } as never;
}

test("each question is answered from its own entry of the manifest", () => {
  const questions = {
    lists: [supportsLists, asListOps],
    hashes: [supportsHashes, asHashOps],
    sortedSets: [supportsSortedSets, asSortedSetOps],
    persistence: [supportsPersistence, asPersistenceOps],
  } as const;
  for (const asked of Object.keys(questions) as (keyof typeof questions)[]) {
    for (const given of Object.keys(questions) as (keyof typeof questions)[]) {
      const store = storeWith({ [given]: true });
      const [supports, as] = questions[asked];
      assertEquals(supports(store), asked === given);
      assertStrictEquals(as(store), asked === given ? store : null);
    }
  }
});

test("the answer narrows the type", async () => {
  await using store: StorageEngine = new MemoryStore({ maxSize: "8MB" });
  assert(supportsLists(store));
  const lists: StorageEngine & ListOps = store;
  assertEquals(await lists.rpush("k", ["v"]), 1);
  assertEquals(store.sync?.llen("k"), 1);
  assert(supportsPersistence(store));
  await store.compact();
});
