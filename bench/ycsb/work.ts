import { freshKeys } from "../data/keys.ts";
import { latest, zipf } from "../data/orders.ts";
import { Random } from "../data/random.ts";
import type { Values } from "./values.ts";
import { stepFor, WRITE_SHARE, type YcsbWorkload } from "./workloads.ts";

/** What a timed piece is made of, all of it made before the clock starts. */
export interface Work {
  readonly order: Uint32Array;
  readonly keys: readonly string[];
  /** Of each call, whether it writes. */
  readonly writes: Uint8Array;
  readonly values: Values;
  /** Calls in a transaction or a batch, and between two looks at the clock. */
  readonly step: number;
  /** Calls come first that do not count, for a quarter of this time. */
  readonly limitMs: number;
}

export interface WorkPlan {
  operations: number;
  limitMs: number;
  seed: number;
}

/** The work on a table of so many keys. */
export function workFor(workload: YcsbWorkload, keys: number, plan: WorkPlan, values: Values): Work {
  const { operations, limitMs, seed } = plan;
  const random = new Random(seed + 1);
  const share = WRITE_SHARE[workload];
  const step = stepFor(values.bytes);
  const writes = Uint8Array.from({ length: operations }, () => random.next() < share ? 1 : 0);
  const order = workload === "D" ? latest(keys, writes, step, seed) : zipf(keys, operations, seed);
  return { order, keys: freshKeys(order), writes, values, step, limitMs };
}
