import type { Read } from "../../rivals/contender.ts";

/** Changes a value that was read, in place or not, and gives what is to be written. */
export type Change = (value: Uint8Array) => Uint8Array;

/** One way to use a store that answers reads at once. What it has no call for is left out. */
export interface SyncFace {
  readonly label: string;
  readonly isAwaited: false;
  get(key: string): Read;
  /** Absent where there are only batches. */
  set?(key: string, value: Uint8Array): void;
  /** Reads and writes as one step, where there is such a call. */
  update?(key: string, change: Change): void;
  /** Writes the first `count` of them together. A read sees them only after that. */
  setMany?(keys: string[], values: Uint8Array[], count: number): void | Promise<void>;
  /** Runs calls of `get` and `set` as one transaction, in which reads see the writes before them. */
  transact?(run: () => void): void;
  /** Whether it reads as another face of the same contender does. */
  readsAsAnother?: boolean;
}

/** The same with promises. */
export interface AwaitedFace {
  readonly label: string;
  readonly isAwaited: true;
  /** Calls that are under way at a time; with 1 each is awaited before the next one. */
  readonly lanes: number;
  get(key: string): Promise<Read>;
  set?(key: string, value: Uint8Array): Promise<unknown>;
  /** Writes the first `count` of them, for the load. */
  setMany?(keys: string[], values: Uint8Array[], count: number): Promise<void>;
  update?(key: string, change: Change): Promise<unknown>;
}

export type Face = SyncFace | AwaitedFace;

/** What a store says of itself, where it does. */
export interface OwnFigures {
  /** Bytes written to files so far. */
  bytesWritten: number;
  /** Records that had to be read from files. */
  diskReads: number;
  cacheBytes: number;
  indexBytes: number;
  logBytes: number;
  liveBytes: number;
  stalls: number;
  stalledMs: number;
}

/** A store of one table; its files are in a directory that the caller removes. */
export interface TableContender {
  readonly faces: readonly Face[];
  /** Of the process in which it is, where that is not this one. */
  readonly processId?: number;
  /** Brings the store into the state in which it reads best, after a load. */
  settle?(): void | Promise<void>;
  /** Resolves when nothing is under way any more that would slow the others. */
  rest?(): Promise<void>;
  figures?(): OwnFigures;
  close(): void | Promise<void>;
}

/** What a store may use. */
export interface Means {
  directory: string;
  /** Memory for all that it keeps, in bytes, where it has a setting for that. */
  budgetBytes: number;
  /** The part of it for what was written last. */
  writeBytes: number;
  /** Whether memory is too little for the system to keep the files there. */
  hasColdFiles?: boolean;
}

/** What a store of one table may use, and how many keys it will hold; a few more may come. */
export interface TableMeans extends Means {
  keys: number;
}

/** Throws when the contender cannot run here. */
export type Open = (means: TableMeans) => TableContender | Promise<TableContender>;
