import { freshValues } from "../../../data/values.ts";
import type { Face } from "../../rivals/contender.ts";
import type { Workload } from "../../workloads.ts";
import type { Work } from "../work.ts";

/** The parts of a piece of work that differ from workload to workload. */
export type Parts = Partial<Pick<Work, "keys" | "names" | "values" | "positions" | "scores" | "expected">>;

/**
 * What a collection of one contender should hold by now: from it come the calls and the right answers to them. All
 * contenders get the same, as long as they do the same number of calls.
 */
export interface Model {
  /** The order in which a load writes the elements. */
  loadOrder(seed: number): Uint32Array;
  /** Calls that write these elements into an empty collection. */
  load(elements: Uint32Array): Parts;
  /** Some calls for any other workload. */
  work(workload: Workload, count: number, seed: number): Parts;
  /** Takes note that the first `end` calls of `work` were made. */
  done(workload: Workload, work: Work, end: number): void;
  /** Whether a write can be read back. */
  isThere(face: Face, workload: Workload, work: Work, i: number): Promise<boolean>;
  /** How many elements the collection under this key has. */
  count(face: Face, key: string): number | Promise<number>;
}

/** Values of one length, the first bytes of which are those of `stamps`. */
export function valuesOf(stamps: Uint32Array, bytes: number): Uint8Array[] {
  return freshValues(stamps, 0, new Uint8Array(stamps.length).fill(bytes));
}

/** The first byte of each value. */
export function firstBytes(stamps: Uint32Array): Float64Array {
  return Float64Array.from(stamps, (stamp) => stamp & 255);
}
