import type { Read } from "../../rivals/contender.ts";
import type { Values } from "../../ycsb/values.ts";

export const DURABLE_VALUE_BYTES = 100;

/** Writes that are made before the clock starts. */
export interface DurableWork {
  order: Uint32Array;
  keys: string[];
  values: Values;
  writers: number;
  limitMs: number;
}

/** Somebody who writes, and says when that is on the disk. */
export interface DurableContender {
  /** Writes in order until the time is over, and gives how many it did; all of them are on the disk then, where that is promised. */
  write(work: DurableWork): number | Promise<number>;
  /** Absent where there is nothing but bytes. */
  get?(key: string): Read | Promise<Read>;
  figures?(): { bytesWritten: number; syncs: number };
  close(): void | Promise<void>;
}
