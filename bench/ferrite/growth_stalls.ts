import { MemoryStore } from "../../mod.ts";
import { keyBuffer, putKey } from "../data/keys.ts";
import { VALUE_BYTES } from "../data/values.ts";
import type { Plan } from "../plan.ts";
import { collectGarbage } from "../runtime.ts";
import { control } from "./control.ts";
import { Durations, type DurationSummary } from "./durations.ts";

/** How long single writes take while a store grows, and how long nothing takes on this machine. */
export interface GrowthStalls {
  keys: number;
  seconds: number;
  store: DurationSummary;
  controlSeconds: number;
  /** The same loop with a copy of the bytes in place of the store. */
  control: DurationSummary;
}

/**
 * Measures one run, in a process that has had no other store: giving back the gigabytes of one takes the runtime tens of
 * milliseconds, at a time of its own choosing.
 */
export async function measureGrowthStalls({ growth }: Plan): Promise<GrowthStalls> {
  const noise = control(growth.controlSeconds * 1_000);
  collectGarbage();
  const start = performance.now();
  const store = await grow(growth.keys, growth.maxSize);
  const seconds = (performance.now() - start) / 1_000;
  return { keys: growth.keys, seconds, store, controlSeconds: growth.controlSeconds, control: noise };
}

// The loops make no garbage, so that a pause is the store's or the machine's, never the loop's.

async function grow(count: number, maxSize: string): Promise<DurationSummary> {
  await using store = new MemoryStore({ maxSize });
  const { sync } = store;
  const durations = new Durations();
  const key = keyBuffer();
  const value = new Uint8Array(VALUE_BYTES).fill(7);
  let last = performance.now();
  for (let i = 0; i < count; i++) {
    putKey(key, i);
    sync.set(key, value);
    const now = performance.now();
    durations.add(now - last);
    last = now;
  }
  if (sync.size() !== count) {
    throw new Error(`the store counts ${sync.size()} of ${count} keys`);
  }
  return durations.summary();
}
