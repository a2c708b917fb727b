import { openClassicLevel } from "./classic_level.ts";
import type { Open } from "./contender.ts";
import { openFerrite } from "./ferrite.ts";
import { openKeyv } from "./keyv.ts";
import { openLmdb } from "./lmdb.ts";
import { openLruCache } from "./lru_cache.ts";
import { openMap } from "./map.ts";
import { openSqlite } from "./sqlite.ts";
import { runtimeSqlite } from "./sqlite_drivers.ts";
import { openUnstorage } from "./unstorage.ts";

/** Who takes part, in the order of the table. */
export const CONTENDERS: Readonly<Record<string, Open>> = {
  ferrite: openFerrite,
  Map: openMap,
  "lru-cache": openLruCache,
  lmdb: openLmdb,
  "classic-level": openClassicLevel,
  SQLite: async () => openSqlite(await runtimeSqlite()),
  keyv: openKeyv,
  unstorage: openUnstorage,
};
