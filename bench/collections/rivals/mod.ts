import { openBuiltIns } from "./built_ins.ts";
import type { Open } from "./contender.ts";
import { openDenque } from "./denque.ts";
import { openFerrite } from "./ferrite.ts";
import { openJsSdsl } from "./js_sdsl.ts";
import { openRedis } from "./redis.ts";
import { openRedisSortedSet } from "./redis_sorted_set.ts";
import { openSortedBtree } from "./sorted_btree.ts";

/** Who takes part, in the order of the tables. */
export const CONTENDERS: Readonly<Record<string, Open>> = {
  ferrite: openFerrite,
  Redis: openRedis,
  "built-ins": openBuiltIns,
  denque: openDenque,
  "js-sdsl": openJsSdsl,
  "sorted-btree": openSortedBtree,
  "redis-sorted-set": openRedisSortedSet,
};
