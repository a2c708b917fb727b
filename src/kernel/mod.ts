/**
 * Stores over a database of your own: whatever reads, writes several at once, and lists in order.
 *
 * @module
 */
export { RecordStore, type RecordStoreOptions } from "./store.ts";
export type { Awaitable, RecordChange, RecordTable } from "./table.ts";
