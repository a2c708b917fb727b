import { growth } from "../growth/part.ts";
import { matrix } from "../matrix/part.ts";
import type { Part } from "../part.ts";
import type { AllPlan } from "./plan.ts";
import { suite } from "./suite.ts";

/** By the names by which they are selected, in the order in which they run. */
export const PARTS: Readonly<Record<string, Part<AllPlan>>> = {
  matrix,
  growth,
  keys: suite("keys", "Plain values in memory"),
  collections: suite("collections", "Lists, hashes, sets and sorted sets"),
  hybridlog: suite("hybridlog", "The store on files"),
  cloud: suite("cloud", "The store in a bucket"),
  edge: suite("edge", "At the edge"),
  middleware: suite("middleware", "What wrappers cost"),
  http: suite("http", "Over HTTP"),
  scenarios: suite("scenarios", "The scenarios of ADR-0016"),
};
