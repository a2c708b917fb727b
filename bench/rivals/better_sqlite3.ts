import type { Contender, Read } from "./contender.ts";
import { importRival } from "./import_rival.ts";
import { openSqlite } from "./sqlite.ts";

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

export async function openBetterSqlite3(): Promise<Contender> {
  const { default: Database } = await importRival<
    { default: new (path: string) => Database }
  >("better-sqlite3");
  return openSqlite("better-sqlite3", (path) => {
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
  });
}
