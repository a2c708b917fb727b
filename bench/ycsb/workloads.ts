import type { Face } from "./contenders/contender.ts";

/**
 * YCSB's: C reads; B and A read and overwrite; F reads, and reads and changes; D reads what was inserted last, most of all the newest,
 * and inserts.
 */
export type YcsbWorkload = "C" | "B" | "A" | "F" | "D";

/** In the order in which they run: the reads find the store as the load left it, and D, which makes it grow, is the last. */
export const YCSB_WORKLOADS: readonly YcsbWorkload[] = ["C", "B", "A", "F", "D"];

/** How many of the calls write. */
export const WRITE_SHARE: Readonly<Record<YcsbWorkload, number>> = { C: 0, B: 0.05, A: 0.5, F: 0.5, D: 0.05 };

const MOST_CALLS = 1_000;
const LEAST_CALLS = 10;
const MOST_BYTES = 4 * 2 ** 20;

/** Calls in a transaction or a batch, and between two looks at the clock: 1,000, and fewer with values of more than 4 KB. */
export function stepFor(valueBytes: number): number {
  return Math.max(LEAST_CALLS, Math.min(MOST_CALLS, Math.floor(MOST_BYTES / valueBytes)));
}

/** Whether a face can do it at all. A batch cannot be read, so changes in batches need one for each. */
export function canDo(face: Face, workload: YcsbWorkload): boolean {
  if (workload === "C") return face.isAwaited || !face.readsAsAnother;
  if (workload === "F") {
    return (face.isAwaited ? face.update : face.set) !== undefined;
  }
  return face.set !== undefined ||
    (!face.isAwaited && face.setMany !== undefined);
}
