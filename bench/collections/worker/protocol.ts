import type { Memory, MemoryCase } from "../memory.ts";
import type { CollectionsPlan } from "../plan.ts";
import type { StallCase, Stalls } from "../stalls.ts";
import type { Group, Workload } from "../workloads.ts";
import type { CollectionTiming } from "./run_piece.ts";

/** What a worker is asked to do for the benchmark of collections; see `worker/protocol.ts` of the other one. */
export interface CollectionCommands {
  /** Opens a contender, empty. */
  openCollections: {
    arguments: { contender: string; plan: CollectionsPlan };
    answer: { faces: FaceInfo[]; version: string | null };
  };
  /** Runs a timed piece of a round on the collection of a face. */
  runCollections: { arguments: PieceRequest; answer: CollectionTiming };
  /** Writes the first elements of the collection of a face: this share of them. */
  fillCollections: { arguments: CollectionRequest & { share: number }; answer: null };
  /** Removes what all faces have. */
  clearCollections: { arguments: Record<string, never>; answer: null };
  weighCollections: {
    arguments: { contender: string; memoryCase: MemoryCase; plan: CollectionsPlan };
    answer: Memory;
  };
  collectionStalls: { arguments: { stallCase: StallCase; plan: CollectionsPlan }; answer: Stalls[] };
}

export interface CollectionRequest {
  face: number;
  group: Group;
  size: number;
}

export interface PieceRequest extends CollectionRequest {
  workload: Workload;
  /** From 1. */
  round: number;
}

export interface FaceInfo {
  label: string;
  isAsync: boolean;
  workloads: Workload[];
}
