import type { EntryOverhead } from "./ferrite/entry_overhead.ts";
import type { FullStore } from "./ferrite/full_store.ts";
import type { GrowthStalls } from "./ferrite/growth_stalls.ts";
import type { Plan } from "./plan.ts";
import type { Absent } from "./runners.ts";
import type { Host } from "./runtime.ts";
import type { Workload } from "./workloads.ts";

/** All that a run found out; what `--json` writes, with the targets. */
export interface Results {
  date: string;
  host: Host;
  plan: Plan;
  /** Nanoseconds of a step of a pointer chase, before the race and after it. */
  hopNs: number[];
  rows: Row[];
  /** Contenders that could not take part, or not to the end, and why. */
  absent: Absent[];
  entryOverhead: EntryOverhead;
  /** Of each run. */
  growthStalls: GrowthStalls[];
  fullStore: FullStore;
}

/** One face of one contender. */
export interface Row {
  label: string;
  isAsync: boolean;
  figures: Partial<Record<Workload, Figure>>;
}

/** Operations a second. */
export interface Figure {
  median: number;
  rounds: number[];
}
