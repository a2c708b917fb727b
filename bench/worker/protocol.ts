import type { CloudCommands } from "../cloud/worker/protocol.ts";
import type { CollectionCommands } from "../collections/worker/protocol.ts";
import type { EntryOverhead } from "../ferrite/entry_overhead.ts";
import type { FullStore } from "../ferrite/full_store.ts";
import type { GrowthStalls } from "../ferrite/growth_stalls.ts";
import type { ReadersRequest } from "../growth/readers.ts";
import type { HttpCommands } from "../http/worker/protocol.ts";
import type { HybridLogCommands } from "../hybridlog/worker/protocol.ts";
import type { Plan } from "../plan.ts";
import type { ScenarioCommands } from "../scenarios/worker/protocol.ts";
import type { Host } from "../runtime.ts";
import type { Workload } from "../workloads.ts";
import type { Timing } from "./timing.ts";

// A worker holds one contender. It reads one command a line from its standard input and answers each with one line on
// its standard output: this works the same on all runtimes.

/** What a worker is asked to do, with what it answers. */
export interface Commands extends CollectionCommands, HybridLogCommands, CloudCommands, HttpCommands, ScenarioCommands {
  /** Opens a contender, empty. */
  open: {
    arguments: { contender: string; plan: Plan };
    answer: { faces: FaceInfo[] };
  };
  /** Fills a fresh store through a face. */
  load: { arguments: { face: number; round: number }; answer: Timing };
  settle: { arguments: Record<string, never>; answer: null };
  run: {
    arguments: { face: number; workload: Workload; round: number };
    answer: Timing;
  };
  entryOverhead: { arguments: { plan: Plan }; answer: EntryOverhead };
  growthStalls: { arguments: { plan: Plan }; answer: GrowthStalls };
  host: { arguments: Record<string, never>; answer: Host };
  measureReaders: { arguments: ReadersRequest; answer: Record<string, number[]> };
  /** Of each run. */
  pointerChase: { arguments: { plan: Plan }; answer: number[] };
  fullStore: { arguments: { plan: Plan }; answer: FullStore };
}

export interface FaceInfo {
  label: string;
  isAsync: boolean;
  workloads: Workload[];
}

export type CommandName = keyof Commands;

export type Reply = { answer: unknown } | { error: string };

/** Lines of the worker begin with this, so that what a library prints is not taken for an answer. */
export const MARK = "ferrite-bench:";
