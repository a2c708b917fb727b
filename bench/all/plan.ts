import type { PartsPlan } from "../part.ts";

/** What is measured for the record. */
export interface AllPlan extends PartsPlan {
  /** The directory for what was found. */
  readonly directory: string;
}
