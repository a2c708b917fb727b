import { importRival } from "./import_rival.ts";
import type { SqliteDriver } from "./sqlite.ts";

interface Statement {
  get(key: Uint8Array): { value: Uint8Array } | null;
  run(key: Uint8Array, value: Uint8Array): unknown;
}

interface Database {
  run(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export async function bunSqlite(): Promise<SqliteDriver> {
  const { Database } = await importRival<
    { Database: new (path: string) => Database }
  >("bun:sqlite");
  return {
    label: "bun:sqlite",
    connect(path) {
      const db = new Database(path);
      return {
        exec: (sql) => db.run(sql),
        prepareGet(sql) {
          const statement = db.prepare(sql);
          return (key) => statement.get(key)?.value;
        },
        preparePut(sql) {
          const statement = db.prepare(sql);
          return (key, value) => void statement.run(key, value);
        },
        close: () => db.close(),
      };
    },
  };
}
