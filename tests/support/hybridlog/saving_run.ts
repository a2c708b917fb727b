import type { HybridLogStore } from "@ferrite/storage";
import { pause } from "../../../src/runtime/pause.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { openAfterCrash, openWithoutIndex } from "./crashed.ts";
import { openOn, rush } from "./order_run.ts";
import { SlowFiles } from "./slow_files.ts";
import { QUIET } from "./small_store.ts";
import { World } from "./world.ts";

/** So many that the index is saved in several slices, and grows meanwhile. */
const KEYS = 40_000;
const MOST_CHANGES = 3000;

/**
 * Saves the index while keys are added, changed and removed, and crashes. Opened with that index or without, the store holds the
 * same: what was committed.
 */
export async function savingRun(seed: number): Promise<void> {
  try {
    using _world = new World();
    rush();
    await run(new Random(seed));
  } catch (error) {
    throw new Error(`saving run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

async function run(random: Random): Promise<void> {
  const setting = { ...QUIET, io: random.pick(["blocking", "async"] as const) };
  const files = new FaultyFiles({ seed: random.below(2 ** 31) });
  const { store, log } = await openOn(new SlowFiles(files, random), setting, "data");
  const values = new Map<string, string>();
  for (let i = 0; i < KEYS / 2; i++) change(store, values, `key:${i}`, `${i}`);
  if (random.below(2) === 0) log.space.dropAll();
  for (let save = 0; save < 2; save++) {
    let isOver = false;
    const ends = Promise.all([store.saveIndex(), random.below(2) === 0 ? store.compact() : null]);
    ends.finally(() => isOver = true).catch(() => {}); // it shows below
    for (let changes = 0; !isOver; changes++) {
      if (changes < MOST_CHANGES) changeOne(store, values, random);
      if (changes >= MOST_CHANGES || random.below(60) === 0) await pause();
    }
    await ends;
  }
  await store.commit();
  const after = await openAfterCrash(files, setting);
  if (!after.store.recovery.usedIndexFile) throw new Error("the index that was saved is not used");
  compare(after.store, values, "with its index");
  await after.store.close();
  compare((await openWithoutIndex(after.files, setting)).store, values, "without an index");
}

function changeOne(store: HybridLogStore, values: Map<string, string>, random: Random): void {
  const key = `key:${random.below(KEYS)}`;
  const value = random.below(4) === 0 ? null : `${random.below(2 ** 31)}`.repeat(1 + random.below(3));
  change(store, values, key, value);
}

function change(store: HybridLogStore, values: Map<string, string>, key: string, value: string | null): void {
  if (value === null) {
    store.sync.del(key);
    values.delete(key);
    return;
  }
  store.sync.set(key, value);
  values.set(key, value);
}

function compare(store: HybridLogStore, values: ReadonlyMap<string, string>, how: string): void {
  const names = Array.from({ length: KEYS }, (_, i) => `key:${i}`);
  for (const [i, value] of store.sync.mget(names).entries()) {
    const found = value === null ? undefined : new TextDecoder().decode(value);
    const expected = values.get(names[i]);
    if (found !== expected) throw new Error(`opened ${how}, ${names[i]} holds ${found}, not ${expected}`);
  }
  const keys = new Set(Array.from(store.sync.keys(), (key) => new TextDecoder().decode(key)));
  if (keys.size !== values.size) throw new Error(`opened ${how}, there are ${keys.size} keys, not ${values.size}`);
}
