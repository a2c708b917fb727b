import { openClassicLevel } from "./classic_level.ts";
import type { Open } from "./contender.ts";
import { openFerrite, openWithoutReadCache } from "./ferrite.ts";
import { openLmdb } from "./lmdb.ts";
import { openRocksDb } from "./rocksdb.ts";
import { openSqlite } from "./sqlite.ts";

/** Stores on files that take part, in the order of the tables. */
export const CONTENDERS: Readonly<Record<string, Open>> = {
  ferrite: openFerrite,
  "ferrite, no read cache": openWithoutReadCache,
  lmdb: openLmdb,
  "classic-level": openClassicLevel,
  rocksdb: openRocksDb,
  SQLite: openSqlite,
};
