import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Capabilities, CollectionOps, StorageEngine } from "@ferrite/storage";
import { argumentConformance } from "./conformance/arguments.ts";
import { CALLS, COMBINING } from "./conformance/calls.ts";
import type { Check, CollectionStore, Face, SyncCollectionStore } from "./conformance/face.ts";
import { hashConformance } from "./conformance/hashes.ts";
import { keyConformance } from "./conformance/keys.ts";
import { multiKeyConformance } from "./conformance/multi_key.ts";
import { listConformance } from "./conformance/lists.ts";
import { rangeConformance } from "./conformance/ranges.ts";
import { scanConformance } from "./conformance/scans.ts";
import { setConformance } from "./conformance/sets.ts";
import { sortedSetConformance } from "./conformance/sorted_sets.ts";
import { transactionConformance } from "./conformance/transactions.ts";
import { assertFails } from "./errors.ts";
import { test } from "./harness.ts";

/**
 * What every store with lists, hashes, sets and sorted sets must do, and those that have transactions with them. It runs on the store itself and,
 * where there is one, on `store.sync`. `effort` and `longestKey` are as in `conformance`.
 */
export function collectionsConformance(
  name: string,
  openStore: () => Promise<StorageEngine & CollectionOps>,
  capabilities: Capabilities,
  effort: number = 1,
  longestKey: number = 65_535,
): void {
  const open = openStore as () => Promise<CollectionStore>;
  const checkWith = (name: string, face: (store: CollectionStore) => Face): Check =>
    Object.assign((what: string, run: (store: Face) => Promise<void>, needs?: keyof Capabilities) => {
      if (needs !== undefined && !capabilities[needs]) return;
      test(`${name}: ${what}`, async () => {
        await using store = await open();
        await run(face(store));
      });
    }, { capabilities, effort, longestKey });
  suite(checkWith(name, (store) => store));
  if (capabilities.sync) suite(checkWith(`${name}.sync`, (store) => store.sync as SyncCollectionStore));

  test(`${name}: takes operations on one collection in the order they are called`, async () => {
    await using store = await open();
    const results = await Promise.all([
      store.rpush("k", ["a", "b"]),
      store.lpush("k", ["c"]),
      store.llen("k"),
      capabilities.transactions ? store.transact((tx) => tx.rpush("k", ["d"])) : store.rpush("k", ["d"]),
      store.del("k"),
      store.zadd("k", [[1, "a"]]),
      store.zcard("k"),
    ]);
    assertEquals(results, [2, 3, 3, 4, true, 1, 1]);
  });

  test(`${name}: rejects a call on a collection whose signal is aborted, and has not done it`, async () => {
    await using store = await open();
    const signal = AbortSignal.abort(new Error("enough"));
    const calls: (() => Promise<unknown>)[] = [
      () => store.rpush("k", ["a"], { signal }),
      () => store.hset("k", "f", "v", { signal }),
      () => store.sadd("k", ["a"], { signal }),
      () => store.zadd("k", [[1, "a"]], { signal }),
    ];
    if (capabilities.transactions) calls.push(() => store.transact((tx) => tx.set("k", "v"), { signal }));
    for (const call of calls) {
      let reason: unknown;
      await call().catch((error: unknown) => reason = error);
      assertStrictEquals((reason as Error).message, "enough");
    }
    assertEquals(await store.exists("k"), false);
  });

  test(`${name}: answers CLOSED on collections after close`, async () => {
    const store = await open();
    await store.rpush("k", ["a"]);
    await store.close();
    for (const calls of [...Object.values(CALLS), COMBINING]) {
      for (const call of Object.values(calls)) await assertFails(() => call(store, "k"), "CLOSED");
    }
    if (capabilities.transactions) await assertFails(() => store.transact((tx) => tx.llen("k")), "CLOSED");
  });
}

function suite(check: Check): void {
  listConformance(check);
  hashConformance(check);
  setConformance(check);
  sortedSetConformance(check);
  scanConformance(check);
  keyConformance(check);
  rangeConformance(check);
  argumentConformance(check);
  if (check.capabilities.transactions) transactionConformance(check);
  else multiKeyConformance(check);
}
