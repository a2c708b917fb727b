const MB = 2 ** 20;

/** What one race of stores on files is about. */
export interface TablePlan {
  readonly keys: number;
  readonly valueBytes: number;
  readonly budgetBytes: number;
  readonly writeBytes: number;
  /** Whether memory is too little for the system to keep the files there. */
  readonly hasColdFiles?: boolean;
}

/** How much is measured. */
export interface HybridLogPlan {
  readonly isQuick: boolean;
  /** Whether others use the machine, so that processor time tells more than time. */
  readonly isBusy: boolean;
  readonly seed: number;
  readonly rounds: number;
  /** Calls in one timed piece at most, and when it ends. */
  readonly operations: number;
  readonly limitMs: number;
  /** For each kind of work, before anything counts: until caches hold what they will. */
  readonly warmUpMs: number;
  readonly tables: readonly TablePlan[];
  /** Whether tables are loaded in random order; in that of their keys, rivals are loaded much faster, and read faster. */
  readonly loadsAtRandom: boolean;
  readonly resident: {
    readonly keys: number;
    readonly elements: number;
    readonly rounds: number;
  };
  readonly durable: {
    readonly writers: number;
    readonly keys: number;
    readonly limitMs: number;
    readonly rounds: number;
    /** Of the pieces in which commits come by the clock: several of them. */
    readonly intervalLimitMs: number;
    readonly intervalRounds: number;
  };
  readonly reopen: {
    readonly keys: number;
    readonly memory: string;
    readonly runs: number;
  };
  readonly stalls: {
    readonly seconds: number;
    readonly keys: number;
    readonly runs: number;
  };
  readonly memory: { readonly budgetBytes: number; readonly times: number };
  readonly squeezed: {
    /** Calls in a piece at most: what they are made of takes of the same memory. */
    readonly operations: number;
    readonly tables: readonly TablePlan[];
  };
  /** `overwriteTimes`: as many overwrites for each key. */
  readonly space: { readonly members: number; readonly zadds: number; readonly overwriteTimes: number };
}

/** Bytes of a record beside key and value, and what its size is rounded up to: see docs/format.md. */
const RECORD_HEADER_BYTES = 16;
const RECORD_ALIGNMENT = 8;
const KEY_BYTES = 14;
/** Data is so many times the memory budget, all records counted. */
const DATA_TIMES = 8;

export function recordBytes(valueBytes: number): number {
  return Math.ceil((RECORD_HEADER_BYTES + KEY_BYTES + valueBytes) / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
}

/** A table of eight times the budget. For values of 100 bytes the index needs three quarters; with larger ones there is more for what was written last. */
export function tablePlan(budgetBytes: number, valueBytes: number, writeShare: number): TablePlan {
  const keys = Math.floor(DATA_TIMES * budgetBytes / recordBytes(valueBytes));
  return { keys, valueBytes, budgetBytes, writeBytes: budgetBytes * writeShare };
}

export function planFor(isQuick: boolean, seed: number, isBusy: boolean): HybridLogPlan {
  const budgetBytes = isQuick ? 16 * MB : 64 * MB;
  const tables = [tablePlan(budgetBytes, 100, 1 / 16), tablePlan(budgetBytes, 1024, 1 / 4)];
  if (isQuick) {
    return {
      isQuick,
      isBusy,
      seed,
      rounds: 3,
      operations: 200_000,
      limitMs: 150,
      warmUpMs: 300,
      tables,
      loadsAtRandom: false,
      resident: { keys: 100_000, elements: 50_000, rounds: 5 },
      durable: {
        writers: 1_000,
        keys: 100_000,
        limitMs: 400,
        rounds: 3,
        intervalLimitMs: 2_000,
        intervalRounds: 2,
      },
      reopen: { keys: 1_000_000, memory: "64MB", runs: 2 },
      stalls: { seconds: 2, keys: 500_000, runs: 1 },
      memory: { budgetBytes: 16 * MB, times: 10 },
      squeezed: { operations: 50_000, tables: tables.slice(1) },
      space: { members: 100_000, zadds: 20_000, overwriteTimes: 4 },
    };
  }
  return {
    isQuick,
    isBusy,
    seed,
    rounds: 5,
    operations: 1_000_000,
    limitMs: 500,
    warmUpMs: 4_000,
    tables,
    loadsAtRandom: true,
    resident: { keys: 1_000_000, elements: 1_000_000, rounds: 7 },
    durable: {
      writers: 1_000,
      keys: 1_000_000,
      limitMs: 2_000,
      rounds: 5,
      intervalLimitMs: 5_000,
      intervalRounds: 5,
    },
    reopen: { keys: 10_000_000, memory: "512MB", runs: 3 },
    stalls: { seconds: 10, keys: 4_000_000, runs: 3 },
    memory: { budgetBytes: 64 * MB, times: 10 },
    squeezed: { operations: 100_000, tables },
    space: { members: 1_000_000, zadds: 200_000, overwriteTimes: 5 },
  };
}
