import type { StorageStats } from "../engine.ts";
import type { Records } from "./records.ts";

/** The records of a whole store: beside what the data types ask for, what concerns all keys at once. */
export interface Keyspace extends Records {
  isClosed: boolean;

  /** A call of a store begins: the time it finds is the same for all that it does, and in a transaction for all calls. */
  stopClock(): void;

  /**
   * Shows about `count` records of keys, some of which may have expired, from `cursor` on, which is `null` at the start. Each
   * is good until `visit` returns, which must not write. Returns the cursor to go on with, or `null` at the end. What is there
   * all the time is shown at least once. `OUT_OF_RANGE` for a cursor that no scan gave.
   */
  scan(cursor: string | null, count: number, visit: (record: number) => void): string | null;

  /** How many keys there are; some may have expired. */
  size(): number;

  /** Drops everything. */
  clear(): void;

  stats(): StorageStats;
}
