import { assert, assertEquals } from "@std/assert";
import type { Keyspace } from "../src/records/keyspace.ts";
import { SyncStore } from "../src/types/sync_store.ts";
import { ColdSpace } from "./support/cold_space.ts";
import { ForgetfulSpace } from "./support/forgetful_space.ts";
import { test } from "./support/harness.ts";
import type { Subject, SyncFace } from "./support/models/face.ts";
import { checkHashes } from "./support/models/hashes.ts";
import { checkLists } from "./support/models/lists.ts";
import { checkSets } from "./support/models/sets.ts";
import { checkSortedSets } from "./support/models/sorted_sets.ts";
import { Random, SEED, seeded } from "./support/random.ts";
import { compareString, StringModel, stringStep } from "./support/string_steps.ts";

// Every type over records of which a random part is missing, where steps meet conflicts: each operation must take effect
// exactly once, and when all keys are gone no record may be left behind.

/** A store each of whose calls is run again when it has missed records. */
function runningAgain(space: Keyspace & { run<T>(step: () => T): T }): SyncStore {
  const store = new SyncStore(space);
  return new Proxy(store, {
    get: (_, name) => (...args: unknown[]) =>
      space.run(() => (store as unknown as Record<string | symbol, (...args: unknown[]) => unknown>)[name](...args)),
  });
}

let stores = 0;
let loads = 0;
let conflicts = 0;

async function openForgetful(): Promise<Subject> {
  const space = new ForgetfulSpace(new Random(SEED + ++stores));
  return {
    face: runningAgain(space) as unknown as SyncFace,
    [Symbol.asyncDispose]: async () => {
      loads += space.loads;
      conflicts += space.conflicts;
      checkEmpty(space);
    },
  };
}

function checkEmpty(space: ForgetfulSpace): void {
  space.reclaimEverything();
  if (space.stored.size === 0) return;
  const names = [...space.stored.keys()].slice(0, 5).join(", ");
  throw new Error(`${space.stored.size} records are left behind: ${names}`);
}

let coldLoads = 0;

async function openCold(): Promise<Subject> {
  const space = new ColdSpace(new Random(SEED + ++stores));
  return {
    face: runningAgain(space) as unknown as SyncFace,
    [Symbol.asyncDispose]: async () => {
      coldLoads += space.loads;
    },
  };
}

const checks = { lists: checkLists, hashes: checkHashes, sets: checkSets, "sorted sets": checkSortedSets };

for (const [name, check] of Object.entries(checks)) {
  test(`${name} work where records are missing and steps are undone`, async () => {
    await check(openForgetful, { runs: 6 });
    assert(loads > 50 && conflicts > 20, `${loads} loads, ${conflicts} conflicts`);
  });

  test(`${name} work where keys are cold and steps that miss are not undone`, async () => {
    await check(openCold, { runs: 6 });
    assert(coldLoads > 50, `${coldLoads} loads`);
  });
}

test("strings work where records are missing and steps are undone", () =>
  seeded((random) => {
    const space = new ForgetfulSpace(random);
    const store = runningAgain(space);
    const model = checkStrings(store, random, 1000);
    assert(space.loads > 300 && space.conflicts > 100, `${space.loads} loads, ${space.conflicts} conflicts`);
    for (const key of model.values.keys()) store.del(key);
    checkEmpty(space);
  }));

test("strings work where records are cold and steps that miss are not undone", () =>
  seeded((random) => {
    const space = new ColdSpace(random);
    const store = runningAgain(space);
    const model = checkStrings(store, random, 2000);
    assert(space.loads > 1000, `${space.loads} loads`);
    for (const key of model.values.keys()) store.del(key);
    assertEquals(store.size(), 0);
    while (space.core.calls.reclaim(1000) !== 0);
    assertEquals(space.core.stats().liveBytes, 0, "no chunk is left behind");
  }));

test("a read that has missed is counted once it has come to its end", () =>
  seeded((random) => {
    const space = new ColdSpace(random);
    const store = runningAgain(space);
    store.mset([["a", "1"], ["b", new Uint8Array(40_000)], ["c", "3"]]);
    const { hits, misses } = space;
    for (let i = 0; i < 100; i++) {
      store.mget(["a", "b", "absent", "c"]);
      store.get("b");
      store.get("absent");
    }
    assert(space.loads > 100, `${space.loads} loads`);
    assertEquals([space.hits - hits, space.misses - misses], [400, 200]);
  }));

function checkStrings(store: SyncStore, random: Random, steps: number): StringModel {
  const model = new StringModel();
  for (let i = 0; i < steps; i++) {
    if (random.below(10) === 0) transactStrings(store, model, random);
    else stringStep(store, model, random);
    compareString(store, model, random);
  }
  return model;
}

/** Some steps as one, which may run several times: each time with the same choices, and on the model of before. */
function transactStrings(store: SyncStore, model: StringModel, random: Random): void {
  const values = new Map(model.values);
  const expiring = new Set(model.expiring);
  const seed = random.below(2 ** 31);
  store.transact((transaction) => {
    model.restore(values, expiring);
    const own = new Random(seed);
    for (let i = 0; i < 4; i++) stringStep(transaction, model, own);
  });
}
