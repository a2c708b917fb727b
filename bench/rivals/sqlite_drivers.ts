import process from "node:process";
import { runtimeName } from "../runtime.ts";
import { betterSqlite3 } from "./better_sqlite3.ts";
import { bunSqlite } from "./bun_sqlite.ts";
import { nodeSqlite } from "./node_sqlite.ts";
import type { SqliteDriver } from "./sqlite.ts";

/** The SQLite that comes with this runtime. */
export function runtimeSqlite(): Promise<SqliteDriver> {
  if (runtimeName() === "bun") return bunSqlite();
  // Node has its own since 22.5, Deno since 2.2.
  const hasNodeSqlite = (process.getBuiltinModule as ((name: string) => unknown) | undefined)?.("node:sqlite");
  return hasNodeSqlite === undefined ? betterSqlite3() : nodeSqlite();
}
