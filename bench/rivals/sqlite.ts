import { Buffer } from "node:buffer";
import { join } from "node:path";
import { KEY_BYTES } from "../data/keys.ts";
import type { Contender, Read, SyncFace } from "./contender.ts";
import { temporaryDirectory } from "./directory.ts";

/** What the bindings of a runtime must do. */
export interface SqliteBinding {
  exec(sql: string): void;
  /** Prepares a statement that reads one blob by one blob. */
  prepareGet(sql: string): (key: Uint8Array) => Read;
  /** Prepares a statement that writes two blobs. */
  preparePut(sql: string): (key: Uint8Array, value: Uint8Array) => void;
  close(): void;
}

/** A SQLite that a runtime has. */
export interface SqliteDriver {
  readonly label: string;
  connect(path: string): SqliteBinding;
}

/** SQLite as a store of keys: WAL, nothing forced to disk, all pages in its cache, statements prepared once. */
export function openSqlite({ label, connect }: SqliteDriver): Contender {
  const directory = temporaryDirectory();
  const db = connect(join(directory.path, "data.db"));
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = OFF");
  db.exec("PRAGMA cache_size = -1048576"); // in KiB
  db.exec("PRAGMA locking_mode = EXCLUSIVE"); // no locks to take for each read
  db.exec("CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
  const get = db.prepareGet("SELECT value FROM entries WHERE key = ?");
  const put = db.preparePut("INSERT OR REPLACE INTO entries VALUES (?, ?)");
  // One buffer for all keys is cheaper than one for each; a statement is done with it when the call returns.
  const bytes = Buffer.alloc(KEY_BYTES);
  const bytesOf = (key: string) => {
    bytes.write(key, "latin1");
    return bytes;
  };
  const face: SyncFace = {
    label,
    isAsync: false,
    get: (key) => get(bytesOf(key)),
    setMany(keys, values, start, end) {
      db.exec("BEGIN");
      for (let i = start; i < end; i++) put(bytesOf(keys[i]), values[i]);
      db.exec("COMMIT");
    },
  };
  return {
    faces: [face],
    close() {
      db.close();
      directory.remove();
    },
  };
}
