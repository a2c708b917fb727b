import { hotSet, uniform, zipf } from "./data/orders.ts";
import type { Face } from "./rivals/contender.ts";

export type Workload =
  | "load"
  | "uniform"
  | "zipf"
  | "hot"
  | "mget"
  | "update"
  | "resize";

/** In the order in which they run: the reads find the store as the load left it. */
export const WORKLOADS: readonly Workload[] = ["load", "uniform", "zipf", "hot", "mget", "update", "resize"];

export const TITLES: Readonly<Record<Workload, string>> = {
  load: "load",
  uniform: "get uniform",
  zipf: "get zipf",
  hot: "get hot set",
  mget: "mget of 64",
  update: "update",
  resize: "update, size varies",
};

/** Keys in a batch read. */
export const BATCH_KEYS = 64;

export function isRead(workload: Workload): boolean {
  return ["uniform", "zipf", "hot", "mget"].includes(workload);
}

/** Whether a face can do it at all. Where there is no call for many keys, `mget` is a loop. */
export function canDo(face: Face, workload: Workload): boolean {
  if (workload === "mget") {
    if (!face.isAsync && face.borrows) return false;
    return face.getMany !== undefined || face.get !== undefined;
  }
  if (isRead(workload)) return face.get !== undefined;
  return face.set !== undefined || face.setMany !== undefined;
}

/** The indices a timed piece goes through. The load has an order of its own: every key once. */
export function orderFor(workload: Workload, keys: number, count: number, seed: number): Uint32Array {
  switch (workload) {
    case "zipf":
      return zipf(keys, count, seed);
    case "hot":
      return hotSet(keys, count, seed);
    default:
      return uniform(keys, count, seed);
  }
}
