import type { Group } from "./workloads.ts";

/** How much is measured. */
export interface CollectionsPlan {
  readonly isQuick: boolean;
  readonly seed: number;
  readonly rounds: number;
  /** Elements in each collection. */
  readonly sizes: readonly number[];
  /** From which size to which one the growth of cost is measured; the first is there for this alone. */
  readonly growth: readonly [from: number, to: number];
  readonly smallHashes: number;
  /** Calls in one timed piece; where each is awaited, a quarter of them. */
  readonly operations: number;
  /** A contender that is slow stops a piece here, and is judged by what it did: the order is the same for all. */
  readonly limitMs: number;
  /** Elements of the collections that are weighed. */
  readonly memoryElements: number;
  readonly stalls: {
    /** To which each type grows while every call is timed. */
    readonly elements: number;
    /** Writes that are timed after the largest was deleted. */
    readonly writesAfterwards: number;
    readonly runs: number;
  };
}

export function planFor(isQuick: boolean, seed: number): CollectionsPlan {
  if (isQuick) {
    return {
      isQuick,
      seed,
      rounds: 3,
      sizes: [100, 10_000, 100_000],
      growth: [1_000, 100_000],
      smallHashes: 20_000,
      operations: 20_000,
      limitMs: 15,
      memoryElements: 100_000,
      stalls: { elements: 100_000, writesAfterwards: 50_000, runs: 2 },
    };
  }
  return {
    isQuick,
    seed,
    rounds: 5,
    sizes: [100, 10_000, 1_000_000],
    growth: [1_000, 1_000_000],
    smallHashes: 100_000,
    operations: 100_000,
    limitMs: 60,
    memoryElements: 1_000_000,
    stalls: { elements: 1_000_000, writesAfterwards: 200_000, runs: 3 },
  };
}

/** A collection of this size is loaded once, its second half piece by piece; smaller ones again and again. */
const LARGE = 50_000;

/** The fields of a small hash. */
export const SMALL_FIELDS: readonly string[] = ["name", "email", "age", "city", "plan"];

/** Sizes of the collections of a group; of small hashes, how many there are. */
export function sizesOf(group: Group, plan: CollectionsPlan): number[] {
  if (group === "small") return [plan.smallHashes];
  return [...new Set([...plan.sizes, plan.growth[0]])].sort((a, b) => a - b);
}

export function isLoadedInPieces(group: Group, size: number): boolean {
  return group === "small" || size >= LARGE;
}
