import type { Part } from "../part.ts";
import { hits } from "./hits/part.ts";
import type { CloudPlan } from "./plan.ts";
import { requests } from "./requests/part.ts";

/** By the names by which they are selected, in the order in which they run. */
export const PARTS: Readonly<Record<string, Part<CloudPlan>>> = { requests, hits };
