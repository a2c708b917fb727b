/** How much is measured. */
export interface Plan {
  readonly isQuick: boolean;
  readonly seed: number;
  /** Entries in each store. */
  readonly keys: number;
  /** Calls (keys, in batches) in one timed piece. */
  readonly operations: number;
  /** A contender that is slow stops a piece here, and is judged by what it did: the order is the same for all. */
  readonly limitMs: number;
  readonly rounds: number;
  /** Entries to which a store grows while every write is timed. */
  readonly growth: {
    readonly keys: number;
    readonly maxSize: string;
    readonly runs: number;
    readonly controlSeconds: number;
  };
  /** The store that is kept at its limit. */
  readonly full: { readonly maxSize: string; readonly ampleSize: string };
}

export function planFor(isQuick: boolean, seed: number): Plan {
  if (isQuick) {
    return {
      isQuick,
      seed,
      keys: 200_000,
      operations: 100_000,
      limitMs: 90,
      rounds: 3,
      growth: { keys: 2_000_000, maxSize: "1GB", runs: 1, controlSeconds: 1 },
      full: { maxSize: "64MB", ampleSize: "1GB" },
    };
  }
  return {
    isQuick,
    seed,
    keys: 1_000_000,
    operations: 1_000_000,
    limitMs: 400,
    rounds: 5,
    growth: { keys: 10_000_000, maxSize: "3GB", runs: 3, controlSeconds: 5 },
    full: { maxSize: "256MB", ampleSize: "2GB" },
  };
}
