import { durable } from "./durable/part.ts";
import { memory } from "./memory/part.ts";
import type { Part } from "./part.ts";
import { reopen } from "./reopen/part.ts";
import { resident } from "./resident/part.ts";
import { space } from "./space/part.ts";
import { squeezed } from "./squeezed/part.ts";
import { stalls } from "./stalls/part.ts";
import { ycsb } from "./ycsb.ts";

/** By the names by which they are selected, in the order in which they run. */
export const PARTS: Readonly<Record<string, Part>> = {
  ycsb,
  squeezed,
  resident,
  durable,
  reopen,
  stalls,
  memory,
  space,
};
