import { MemoryStore } from "../../mod.ts";
import { freshKey, freshKeys } from "../data/keys.ts";
import { shuffled, uniform } from "../data/orders.ts";
import { freshValues, varyingLengths } from "../data/values.ts";
import type { Plan } from "../plan.ts";
import { collectGarbage } from "../runtime.ts";

/** Live data as a share of `maxSize`, at which overwrites are measured. */
const LIVE_SHARE = 0.8;
const OVERWRITES = 500_000;

/** Overwrites in a store that is nearly full, beside the same ones in a store with ample memory. */
export interface FullStore {
  maxSize: string;
  ampleSize: string;
  keys: number;
  /** What live records and index took of `maxSize` in the end, and the records alone. */
  liveShare: number;
  recordShare: number;
  /** Operations a second, of each round. */
  full: number[];
  ample: number[];
}

export async function measureFullStore(plan: Plan): Promise<FullStore> {
  const { maxSize, ampleSize } = plan.full;
  await using full = new MemoryStore({ maxSize });
  await using ample = new MemoryStore({ maxSize: ampleSize });
  const keys = fill(full, plan.seed);
  copyInto(ample, keys, plan.seed);
  const result: FullStore = {
    maxSize,
    ampleSize,
    keys,
    liveShare: 0,
    recordShare: 0,
    full: [],
    ample: [],
  };
  // Every key is overwritten twice before anything counts, so that dead records are everywhere in the log.
  const warmups = Math.ceil((2 * keys) / OVERWRITES);
  for (let round = 0; round < warmups + plan.rounds; round++) {
    const order = uniform(keys, OVERWRITES, plan.seed + round);
    const lengths = varyingLengths(OVERWRITES, plan.seed + round);
    for (const [store, rates] of [[full, result.full], [ample, result.ample]] as const) {
      const rate = overwrite(store, freshKeys(order), freshValues(order, round, lengths));
      if (round >= warmups) rates.push(rate);
    }
  }
  const { liveBytes, indexBytes, maxBytes } = full.stats();
  result.liveShare = (liveBytes + indexBytes) / maxBytes;
  result.recordShare = liveBytes / maxBytes;
  return result;
}

/** Writes keys until live data has its share; returns how many. */
function fill(store: MemoryStore, seed: number): number {
  const order = new Uint32Array(1_000);
  for (let keys = 0;; keys += 1_000) {
    const { liveBytes, indexBytes, maxBytes } = store.stats();
    if (liveBytes + indexBytes >= LIVE_SHARE * maxBytes) return keys;
    const values = freshValues(order, 0, varyingLengths(1_000, seed + keys));
    for (let i = 0; i < 1_000; i++) {
      store.sync.set(freshKey(keys + i), values[i]);
    }
  }
}

function copyInto(store: MemoryStore, keys: number, seed: number): void {
  const order = shuffled(keys, seed);
  overwrite(store, freshKeys(order), freshValues(order, 0, varyingLengths(keys, seed)));
}

function overwrite({ sync }: MemoryStore, keys: string[], values: Uint8Array[]): number {
  collectGarbage();
  const start = performance.now();
  for (let i = 0; i < keys.length; i++) sync.set(keys[i], values[i]);
  const ms = performance.now() - start;
  const last = sync.get(keys[keys.length - 1]);
  if (last === null || last.length !== values[values.length - 1].length) {
    throw new Error("an overwrite is not there");
  }
  return keys.length / ms * 1_000;
}
