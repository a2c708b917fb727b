import type { Part as PartOf } from "../part.ts";
import type { HybridLogPlan } from "./plan.ts";

export type { Findings } from "../part.ts";

/** A part of the benchmark of the hybrid log. */
export type Part = PartOf<HybridLogPlan>;
