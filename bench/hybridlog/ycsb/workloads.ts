import type { Face } from "../contenders/contender.ts";

/** YCSB's: C reads; A reads and overwrites, half and half; F reads, and reads and changes, half and half. */
export type YcsbWorkload = "C" | "A" | "F";

/** In the order in which they run: the reads find the store as the load left it. */
export const YCSB_WORKLOADS: readonly YcsbWorkload[] = ["C", "A", "F"];

/** Calls in a transaction or a batch, and between two looks at the clock. */
export const STEP = 1_000;

/** Whether a face can do it at all. A batch cannot be read, so changes in batches need one for each. */
export function canDo(face: Face, workload: YcsbWorkload): boolean {
  if (face.isAwaited) return workload === "C" || (workload === "A" ? face.set : face.update) !== undefined;
  if (workload === "C") return !face.readsAsAnother;
  if (workload === "A") {
    return face.set !== undefined || face.setMany !== undefined;
  }
  return face.set !== undefined;
}
