import type { StorageStats } from "../engine.ts";
import { Records } from "./records.ts";

/** The records of a whole store: beside what the data types ask for, what concerns all keys at once. */
export abstract class Keyspace extends Records {
  isClosed = false;

  /** A call of a store begins: the time it finds is the same for all that it does, and in a transaction for all calls. */
  abstract stopClock(): void;

  /**
   * Shows about `count` records of keys, some of which may have expired, from `cursor` on, which is `null` at the start. Each
   * is good until `visit` returns, which must not write. Returns the cursor to go on with, or `null` at the end. What is there
   * all the time is shown at least once. `OUT_OF_RANGE` for a cursor that no scan gave.
   */
  abstract scan(cursor: string | null, count: number, visit: (record: number) => void): string | null;

  /** How many keys there are; some may have expired. */
  abstract size(): number;

  /** Drops everything. */
  abstract clear(): void;

  abstract stats(): StorageStats;
}
