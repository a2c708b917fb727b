import type { Capabilities } from "../engine.ts";

/**
 * What a `RecordStore` can do over a table that answers at once. Over one that answers later it is the same without
 * `sync`: `{ ...RECORD_STORE, sync: false }`.
 */
export const RECORD_STORE: Capabilities = Object.freeze({
  sync: true,
  lists: true,
  hashes: true,
  sets: true,
  sortedSets: true,
  transactions: true,
  persistence: false,
});
