/** What a timed piece came to. */
export interface Timing {
  /** Where in the order it ended. */
  end: number;
  /** Operations done; of a batch, each key counts. */
  operations: number;
  ms: number;
  /** Reads that gave the right value. */
  right: number;
}

/** The keys, where they come from, and what is written. All made before the clock starts. */
export interface Work {
  order: Uint32Array;
  keys: string[];
  values: Uint8Array[];
  /**
   * Operations that come first and do not count: while the others had their turn, caches went cold, and the collection
   * of garbage just before may have shrunk the young generation.
   */
  leadIn: number;
  /** The piece ends at the first check of the clock after this. */
  limitMs: number;
}

/** Operations between two looks at the clock, and writes in one batch of a store that has batches. */
export const STEP = 1_000;
