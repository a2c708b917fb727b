// A backend of our own: all data types and transactions over the SQLite that comes with the runtime. What a store needs of a database is
// in this one class; docs/writing-a-backend.md goes through it.

import type { RecordChange, RecordTable } from "@ferrite/storage/kernel";

/** What `node:sqlite` (Node from 22.13 on, Deno from 2.2 on) and `bun:sqlite` have in common. */
interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): void;
}

interface Statement {
  all(...values: unknown[]): unknown[];
  get(...values: unknown[]): unknown;
  run(...values: unknown[]): unknown;
  /** Bun keeps a database open as long as there are statements. */
  finalize?(): void;
}

async function openDatabase(path: string): Promise<Database> {
  const isBun = "Bun" in globalThis;
  const module = await import(isBun ? "bun:sqlite" : "node:sqlite");
  return isBun ? new module.Database(path) : new module.DatabaseSync(path);
}

/** The records of a store in a table of SQLite, in the order of their names. */
export class SqliteTable implements RecordTable {
  readonly isSync = true;
  readonly #database: Database;
  readonly #read: Statement;
  readonly #write: Statement;
  readonly #remove: Statement;
  readonly #list: Statement;

  private constructor(database: Database) {
    this.#database = database;
    this.#read = database.prepare("SELECT record FROM records WHERE name = ?");
    this.#write = database.prepare("INSERT OR REPLACE INTO records (name, record) VALUES (?, ?)");
    this.#remove = database.prepare("DELETE FROM records WHERE name = ?");
    this.#list = database.prepare("SELECT name FROM records WHERE name > ? AND name < ? ORDER BY name LIMIT ?");
  }

  /** Opens a database, or makes one. Writes are on the disk when they return; no other process may use it meanwhile. */
  static async open(path: string): Promise<SqliteTable> {
    const database = await openDatabase(path);
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    database.exec(
      "CREATE TABLE IF NOT EXISTS records (name BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID",
    );
    return new SqliteTable(database);
  }

  read(names: readonly Uint8Array[]): (Uint8Array | null)[] {
    return names.map((name) => (this.#read.get(name) as { record: Uint8Array } | null | undefined)?.record ?? null);
  }

  write(changes: readonly RecordChange[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const [name, record] of changes) {
        if (record === null) this.#remove.run(name);
        else this.#write.run(name, record);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  list(prefix: Uint8Array, after: Uint8Array | null, count: number): Uint8Array[] {
    // Names that begin with a prefix come before it with its last byte one higher.
    const end = prefix.slice();
    end[end.length - 1]++;
    const rows = this.#list.all(after ?? prefix, end, count) as { name: Uint8Array }[];
    return rows.map(({ name }) => name);
  }

  clear(): void {
    this.#database.exec("DELETE FROM records");
  }

  close(): void {
    for (const statement of [this.#read, this.#write, this.#remove, this.#list]) statement.finalize?.();
    this.#database.close();
  }
}
