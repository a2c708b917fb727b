import type { TableMaker } from "../report/table.ts";
import type { Target } from "../report/targets.ts";
import type { HybridLogPlan } from "./plan.ts";

/** What a part has found out, for people, for programs, and beside what was promised. */
export interface Findings {
  text: string;
  json: unknown;
  targets: Target[];
}

/** A benchmark of its own within this one. */
export interface Part {
  readonly title: string;
  measure(plan: HybridLogPlan, table: TableMaker, progress: (text: string) => void): Promise<Findings>;
}
