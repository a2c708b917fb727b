import type { Timing } from "../../worker/timing.ts";
import type { Means, OwnFigures } from "../../ycsb/contenders/contender.ts";
import type { DurableRequest, DurableTiming } from "../durable/actor.ts";
import type { MemoryFindings, MemoryRequest } from "../memory/actor.ts";
import type { Piece } from "../../worker/piece.ts";
import type { TablePlan } from "../plan.ts";
import type { ProcessMemory } from "../../ycsb/process.ts";
import type { Reopening, ReopenRequest } from "../reopen/actor.ts";
import type { ResidentPlan, ResidentRequest } from "../resident/actor.ts";
import type { SpaceFindings, SpaceRequest, ZaddFindings, ZaddRequest } from "../space/actor.ts";
import type { StallFindings, StallsRequest } from "../stalls/actor.ts";
import type { CallTimes } from "../../ycsb/time_each.ts";
import type { WorkPlan } from "../../ycsb/work.ts";
import type { YcsbWorkload } from "../../ycsb/workloads.ts";

/** What a worker is asked to do for the benchmark of the hybrid log; see `worker/protocol.ts` of the first one. */
export interface HybridLogCommands {
  /** Opens a contender on a directory, which may hold its data. */
  openTable: { arguments: { contender: string; directory: string; plan: TablePlan }; answer: TableInfo };
  /** Writes every key once, in an order that the seed decides, or in that of the keys, and has the contender put that in order. */
  loadTable: { arguments: { seed: number | null }; answer: Timing };
  runTable: {
    arguments: { label: string; workload: YcsbWorkload; plan: WorkPlan };
    answer: TablePiece;
  };
  timeEach: { arguments: { plan: WorkPlan }; answer: CallTimes };
  weighTable: { arguments: Record<string, never>; answer: TableWeight };
  openResident: { arguments: { contender: string; means: Means; plan: ResidentPlan }; answer: null };
  runResident: { arguments: ResidentRequest; answer: Piece };
  openDurable: { arguments: { contender: string; directory: string; request: DurableRequest }; answer: null };
  runDurable: { arguments: DurableRequest; answer: DurableTiming };
  fillForReopen: { arguments: ReopenRequest; answer: null };
  reopen: { arguments: ReopenRequest; answer: Reopening };
  measureStalls: { arguments: StallsRequest; answer: StallFindings[] };
  watchMemory: { arguments: MemoryRequest; answer: MemoryFindings };
  measureZadds: { arguments: ZaddRequest; answer: ZaddFindings[] };
  measureSpace: { arguments: SpaceRequest; answer: SpaceFindings };
}

export interface TableInfo {
  faces: { label: string; isAwaited: boolean; lanes: number; workloads: YcsbWorkload[] }[];
}

export interface TablePiece {
  timing: Piece;
  /** Records that had to be read from files, where the store tells. */
  diskReads: number | null;
  /** To files, where the system tells. */
  bytesWritten: number | null;
}

/** What a table takes. */
export interface TableWeight extends ProcessMemory {
  /** Of the process before it had a table. */
  before: ProcessMemory;
  diskBytes: number;
  /** By the load, where the system tells. */
  bytesWritten: number | null;
  figures: OwnFigures | null;
}
