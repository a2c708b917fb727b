/**
 * Stores over a database of your own: whatever reads, writes several at once, and lists in order. {@linkcode RecordTable} is what it has
 * to do.
 *
 * @example
 * ```ts
 * import { RecordStore } from "@ferrite/storage/kernel";
 * import { assertEquals } from "@std/assert";
 * import { SqliteTable } from "../../examples/sqlite/sqlite_table.ts";
 *
 * await using store = new RecordStore({ table: await SqliteTable.open(":memory:") });
 * await store.zadd("scores", [[3, "ada"], [1, "bob"]]);
 * assertEquals(await store.zrank("scores", "ada"), 1);
 * ```
 *
 * @module
 */
export { RecordStore, type RecordStoreOptions } from "./store.ts";
export type { Awaitable, RecordChange, RecordTable } from "./table.ts";
