import process from "node:process";
import { runtimeName } from "../runtime.ts";
import { openBetterSqlite3 } from "./better_sqlite3.ts";
import { openBunSqlite } from "./bun_sqlite.ts";
import { openClassicLevel } from "./classic_level.ts";
import type { Open } from "./contender.ts";
import { openFerrite } from "./ferrite.ts";
import { openKeyv } from "./keyv.ts";
import { openLmdb } from "./lmdb.ts";
import { openLruCache } from "./lru_cache.ts";
import { openMap } from "./map.ts";
import { openNodeSqlite } from "./node_sqlite.ts";
import { openUnstorage } from "./unstorage.ts";

/** Who takes part, in the order of the table. */
export const CONTENDERS: Readonly<Record<string, Open>> = {
  ferrite: openFerrite,
  Map: openMap,
  "lru-cache": openLruCache,
  lmdb: openLmdb,
  "classic-level": openClassicLevel,
  SQLite: runtimeSqlite(),
  keyv: openKeyv,
  unstorage: openUnstorage,
};

/** The SQLite that comes with this runtime. */
function runtimeSqlite(): Open {
  if (runtimeName() === "bun") return openBunSqlite;
  // Node has its own since 22.5, Deno since 2.2.
  const hasNodeSqlite = (process.getBuiltinModule as ((name: string) => unknown) | undefined)?.("node:sqlite");
  return hasNodeSqlite === undefined ? openBetterSqlite3 : openNodeSqlite;
}
