import type { CloudPlan } from "./plan.ts";

export type CloudWorkload = "get 1 KB" | "get 100 KB" | "set 1 KB" | "set 100 KB" | "incr" | "mget of 100, 1 KB";

/** What a workload does. */
export interface Work {
  readonly kind: "get" | "set" | "incr" | "mget";
  /** The keys that it is about, which have values of that length. */
  readonly keys: KeySet;
  /** How many requests a call takes. */
  readonly requests: number;
}

export type KeySet = "small" | "large" | "counter";

/** Keys of a batch read. */
export const BATCH_KEYS = 100;

export const WORKLOADS: Readonly<Record<CloudWorkload, Work>> = {
  "get 1 KB": { kind: "get", keys: "small", requests: 1 },
  "get 100 KB": { kind: "get", keys: "large", requests: 1 },
  "set 1 KB": { kind: "set", keys: "small", requests: 1 },
  "set 100 KB": { kind: "set", keys: "large", requests: 1 },
  // The key is read, and written if nobody else has done so.
  "incr": { kind: "incr", keys: "counter", requests: 2 },
  "mget of 100, 1 KB": { kind: "mget", keys: "small", requests: BATCH_KEYS },
};

export const CLOUD_WORKLOADS = Object.keys(WORKLOADS) as CloudWorkload[];

/** Bytes of the values. */
export const VALUE_BYTES: Readonly<Record<Exclude<KeySet, "counter">, number>> = { small: 1_024, large: 102_400 };

/** How many keys there are in a set. */
export function countOf(set: KeySet, { smallKeys, largeKeys }: CloudPlan): number {
  return set === "large" ? largeKeys : smallKeys;
}
