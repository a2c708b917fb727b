import { importRival } from "./import_rival.ts";
import type { SqliteDriver } from "./sqlite.ts";

interface Statement {
  get(key: Uint8Array): { value: Uint8Array } | undefined;
  run(key: Uint8Array, value: Uint8Array): unknown;
}

interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** `node:sqlite`, which Deno has too. */
export async function nodeSqlite(): Promise<SqliteDriver> {
  const { DatabaseSync } = await importRival<
    { DatabaseSync: new (path: string) => Database }
  >("node:sqlite");
  return {
    label: "node:sqlite",
    connect(path) {
      const db = new DatabaseSync(path);
      return {
        exec: (sql) => db.exec(sql),
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
