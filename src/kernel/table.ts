/** A value, or a promise of one. */
export type Awaitable<T> = T | PromiseLike<T>;

/** What happens to the record with a name: it is written, over one that may be there, or removed, where that is `null`. */
export type RecordChange = readonly [name: Uint8Array, record: Uint8Array | null];

/**
 * Where a {@linkcode RecordStore} keeps its records: a table of names and bytes, in a database, a file or a server, that nobody else
 * writes to. Names have up to 65,536 bytes, records up to 81,912: those of a key with its value. What a method returns may be a promise; with `isSync` none is.
 *
 * @example
 * ```ts
 * import { type RecordTable, RecordStore } from "@ferrite/storage/kernel";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = new Map<string, Uint8Array>();
 * const hex = (name: Uint8Array) => Array.from(name, (byte) => byte.toString(16).padStart(2, "0")).join("");
 * const unhex = (name: string) => Uint8Array.from(name.match(/../g) ?? [], (byte) => parseInt(byte, 16));
 * const table: RecordTable = {
 *   isSync: true,
 *   read: (names) => names.map((name) => rows.get(hex(name)) ?? null),
 *   write(changes) {
 *     for (const [name, record] of changes) {
 *       if (record === null) rows.delete(hex(name));
 *       else rows.set(hex(name), record);
 *     }
 *   },
 *   list: (prefix, after, count) =>
 *     [...rows.keys()].filter((name) => name.startsWith(hex(prefix)) && (after === null || name > hex(after)))
 *       .sort().slice(0, count).map(unhex),
 *   clear: () => rows.clear(),
 *   close: () => {},
 * };
 * await using store = new RecordStore({ table });
 * await store.zadd("scores", [[3, "ada"], [1, "bob"]]);
 * assertEquals(await store.zrank("scores", "ada"), 1);
 * ```
 */
export interface RecordTable {
  /** Whether all methods answer at once: then the store has `sync`, too. */
  readonly isSync?: boolean;

  /** The records with these names, in the same order, `null` where there is none. */
  read(names: readonly Uint8Array[]): Awaitable<readonly (Uint8Array | null)[]>;

  /** Makes all of the changes, or none, and then throws. When it is done they are as safe as calls on the store are to be. */
  write(changes: readonly RecordChange[]): Awaitable<void>;

  /** The first `count` names that begin with `prefix` and come after `after`, if that is given, in the order of their bytes. */
  list(prefix: Uint8Array, after: Uint8Array | null, count: number): Awaitable<readonly Uint8Array[]>;

  /** Removes all records. */
  clear(): Awaitable<void>;

  /** The store is being closed, and will not call anything any more. */
  close(): Awaitable<void>;
}
