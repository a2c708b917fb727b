import type { Read } from "./contender.ts";
import { importRival } from "./import_rival.ts";
import type { SqliteDriver } from "./sqlite.ts";

interface Statement {
  pluck(): Statement;
  get(key: Uint8Array): Read;
  run(key: Uint8Array, value: Uint8Array): unknown;
}

interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export async function betterSqlite3(): Promise<SqliteDriver> {
  const { default: Database } = await importRival<
    { default: new (path: string) => Database }
  >("better-sqlite3");
  return {
    label: "better-sqlite3",
    connect(path) {
      const db = new Database(path);
      return {
        exec: (sql) => db.exec(sql),
        prepareGet(sql) {
          const statement = db.prepare(sql).pluck();
          return (key) => statement.get(key);
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
