import type { PartsPlan } from "../part.ts";

/** How much is measured. */
export interface CloudPlan extends PartsPlan {
  /** Many short ones: what else the machine does falls on both then. */
  readonly rounds: number;
  /** When a timed piece ends. */
  readonly limitMs: number;
  /** How many calls are under way at a time. */
  readonly lanes: readonly number[];
  /** Objects with values of 1 KB, and with values of 100 KB. */
  readonly smallKeys: number;
  readonly largeKeys: number;
  readonly hits: { readonly keys: readonly number[]; readonly calls: number; readonly limitMs: number };
}

export function planFor(isQuick: boolean, seed: number): CloudPlan {
  const lanes = [1, 8, 32];
  if (isQuick) {
    const hits = { keys: [10_000], calls: 200_000, limitMs: 150 };
    return { isQuick, seed, rounds: 3, limitMs: 300, lanes, smallKeys: 6_400, largeKeys: 300, hits };
  }
  const hits = { keys: [10_000, 100_000], calls: 1_000_000, limitMs: 500 };
  return { isQuick, seed, rounds: 9, limitMs: 600, lanes, smallKeys: 6_400, largeKeys: 600, hits };
}
