import { freshKeys } from "../../data/keys.ts";
import { zipf } from "../../data/orders.ts";
import { Random } from "../../data/random.ts";
import type { Values } from "../data.ts";
import type { YcsbWorkload } from "./workloads.ts";

/** What a timed piece is made of, all of it made before the clock starts. */
export interface Work {
  readonly order: Uint32Array;
  readonly keys: readonly string[];
  /** Of each call, whether it writes. */
  readonly writes: Uint8Array;
  readonly values: Values;
  /** Calls come first that do not count, for a quarter of this time. */
  readonly limitMs: number;
}

export interface WorkPlan {
  keys: number;
  operations: number;
  limitMs: number;
  seed: number;
}

export function workFor(workload: YcsbWorkload, plan: WorkPlan, values: Values): Work {
  const { keys, operations, limitMs, seed } = plan;
  const order = zipf(keys, operations, seed);
  const random = new Random(seed + 1);
  const writes = Uint8Array.from({ length: operations }, () => workload !== "C" && random.next() < 0.5 ? 1 : 0);
  return { order, keys: freshKeys(order), writes, values, limitMs };
}
