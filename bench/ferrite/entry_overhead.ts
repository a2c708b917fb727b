import { MemoryStore } from "../../mod.ts";
import { freshKeys, KEY_BYTES } from "../data/keys.ts";
import { shuffled } from "../data/orders.ts";
import { freshValues, VALUE_BYTES } from "../data/values.ts";
import type { Plan } from "../plan.ts";

/** Bytes per entry beyond its key and value. */
export interface EntryOverhead {
  entries: number;
  /** Records and index. */
  bytesPerEntry: number;
  /** All that the store took from the runtime, free room for what comes next included. */
  memoryBytesPerEntry: number;
}

export async function measureEntryOverhead(plan: Plan): Promise<EntryOverhead> {
  await using store = new MemoryStore({ maxSize: "2GB" });
  const before = store.stats().memoryBytes;
  const order = shuffled(plan.keys, plan.seed);
  const keys = freshKeys(order);
  const values = freshValues(order, 0);
  for (let i = 0; i < keys.length; i++) store.sync.set(keys[i], values[i]);
  const stats = store.stats();
  if (stats.keys !== plan.keys) {
    throw new Error(`the store counts ${stats.keys} of ${plan.keys} keys`);
  }
  return {
    entries: plan.keys,
    bytesPerEntry: (stats.liveBytes + stats.indexBytes) / plan.keys -
      KEY_BYTES - VALUE_BYTES,
    memoryBytesPerEntry: (stats.memoryBytes - before) / plan.keys - KEY_BYTES -
      VALUE_BYTES,
  };
}
