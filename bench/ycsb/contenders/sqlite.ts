import { Buffer } from "node:buffer";
import { join } from "node:path";
import { KEY_BYTES } from "../../data/keys.ts";
import type { SqliteBinding } from "../../rivals/sqlite.ts";
import { runtimeSqlite } from "../../rivals/sqlite_drivers.ts";
import type { Means, TableContender } from "./contender.ts";

/** A table of keys and values, with WAL, statements prepared once, and `budgetBytes` of pages in memory. */
export async function connectSqlite({ directory, budgetBytes }: Means, synchronous: "OFF" | "FULL"): Promise<
  { label: string; db: SqliteBinding; bytesOf: (key: string) => Uint8Array }
> {
  const { label, connect } = await runtimeSqlite();
  const db = connect(join(directory, "data.db"));
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec(`PRAGMA cache_size = -${Math.floor(budgetBytes / 1024)}`); // in KiB
  db.exec("PRAGMA locking_mode = EXCLUSIVE"); // no locks to take for each read
  db.exec("CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
  // One buffer for all keys is cheaper than one for each; a statement is done with it when the call returns.
  const bytes = Buffer.alloc(KEY_BYTES);
  const bytesOf = (key: string) => {
    bytes.write(key, "latin1");
    return bytes;
  };
  return { label, db, bytesOf };
}

export const SQLITE_GET = "SELECT value FROM entries WHERE key = ?";
export const SQLITE_PUT = "INSERT OR REPLACE INTO entries VALUES (?, ?)";

/** Nothing is forced to disk. */
export async function openSqlite(means: Means): Promise<TableContender> {
  const { label, db, bytesOf } = await connectSqlite(means, "OFF");
  const read = db.prepareGet(SQLITE_GET);
  const write = db.preparePut(SQLITE_PUT);
  const get = (key: string) => read(bytesOf(key));
  const set = (key: string, value: Uint8Array) => write(bytesOf(key), value);
  return {
    faces: [
      {
        label,
        isAwaited: false,
        get,
        set,
        transact(run) {
          db.exec("BEGIN");
          run();
          db.exec("COMMIT");
        },
      },
      { label: `${label}, each call`, isAwaited: false, readsAsAnother: true, get, set },
    ],
    close: () => db.close(),
  };
}
