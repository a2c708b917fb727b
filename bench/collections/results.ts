import type { Absent } from "../runners.ts";
import type { Host } from "../runtime.ts";
import type { Figure } from "../results.ts";
import type { Memory } from "./memory.ts";
import type { CollectionsPlan } from "./plan.ts";
import type { Stalls } from "./stalls.ts";
import type { Group, Workload } from "./workloads.ts";

/** All that a run found out; what `--json` writes, with the targets. */
export interface CollectionsResults {
  date: string;
  host: Host;
  /** How many processes wanted a processor before the first of ours did. */
  loadBefore: number;
  plan: CollectionsPlan;
  /** The Redis server's version, where it took part. */
  redisVersion: string | null;
  rows: Row[];
  /** Contenders that could not take part, or not to the end, and why. */
  absent: Absent[];
  memory: Memory[];
  /** Of each run. */
  stalls: Stalls[][];
}

/** One face of one contender, on collections of one size. */
export interface Row {
  label: string;
  isAsync: boolean;
  group: Group;
  size: number;
  figures: Partial<Record<Workload, CollectionFigure>>;
}

/** Calls a second. */
export interface CollectionFigure extends Figure {
  /** What a call takes within the server, in nanoseconds: the median, where there is a server. */
  serverNs?: number;
  serverRounds?: number[];
}
