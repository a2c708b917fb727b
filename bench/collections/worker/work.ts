/** What one timed piece is made of, all of it made before the clock starts. Call `i` uses what stands at `i`. */
export interface Work {
  readonly count: number;
  readonly keys: readonly string[];
  /** Fields or members. */
  readonly names: readonly string[];
  readonly values: readonly Uint8Array[];
  /** Positions or ranks. */
  readonly positions: Uint32Array;
  /** Scores or increments. */
  readonly scores: Float64Array;
  /** What a right answer is: the first byte of a value, the last one of a member, a number, 1 for true. */
  readonly expected: Float64Array;
  /** After so many inserts a list is cut back to the size it had, so that it stays about as long as it is said to be. */
  readonly cutAfter: number;
  readonly cutTo: number;
  /** Calls that come first and do not count; see `timing.ts`. */
  readonly leadIn: number;
  /** Calls between two looks at the clock. */
  readonly step: number;
  /** The piece ends at the first look at the clock after this. */
  readonly limitMs: number;
}

/** What a timed piece came to. */
export interface Piece {
  /** Calls made, those of the lead-in included. */
  end: number;
  /** Calls that count. */
  operations: number;
  ms: number;
  /** Answers that were right, of `end`. */
  right: number;
}
