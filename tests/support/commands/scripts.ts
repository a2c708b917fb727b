import { HASHES } from "./hashes.ts";
import { KEYS } from "./keys.ts";
import { LISTS } from "./lists.ts";
import type { Script } from "./script.ts";
import { SERVER } from "./server.ts";
import { SETS } from "./sets.ts";
import { SORTED_SETS } from "./sorted_sets.ts";
import { STRINGS } from "./strings.ts";

export const SCRIPTS: readonly Script[] = [
  ...STRINGS,
  ...KEYS,
  ...LISTS,
  ...HASHES,
  ...SETS,
  ...SORTED_SETS,
  ...SERVER,
];
