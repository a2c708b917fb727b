import { openKeyv } from "../../rivals/keyv.ts";
import { openLruCache } from "../../rivals/lru_cache.ts";
import { openMap } from "../../rivals/map.ts";
import { openUnstorage } from "../../rivals/unstorage.ts";
import { openClassicLevel } from "./classic_level.ts";
import { openCloud } from "./cloud.ts";
import type { Open } from "./contender.ts";
import { openDenoKv } from "./deno_kv.ts";
import { openFerrite, openWithoutReadCache } from "./ferrite.ts";
import { inMemory } from "./in_memory.ts";
import { openLmdb } from "./lmdb.ts";
import { openMemory } from "./memory.ts";
import { openRedis } from "./redis.ts";
import { openRocksDb } from "./rocksdb.ts";
import { openSqlite } from "./sqlite.ts";

/** All that may take part, in the order of the tables. */
export const CONTENDERS: Readonly<Record<string, Open>> = {
  "ferrite memory": openMemory,
  ferrite: openFerrite,
  "ferrite, no read cache": openWithoutReadCache,
  lmdb: openLmdb,
  "classic-level": openClassicLevel,
  rocksdb: openRocksDb,
  SQLite: openSqlite,
  "Deno KV": openDenoKv,
  Map: inMemory(openMap),
  "lru-cache": inMemory(openLruCache),
  keyv: inMemory(openKeyv),
  unstorage: inMemory(openUnstorage),
  Redis: openRedis,
  "ferrite cloud": openCloud,
};

/** Those that keep to a memory budget and have everything else in files. */
export const ON_FILES: readonly string[] = ["ferrite", "lmdb", "classic-level", "rocksdb", "SQLite"];
