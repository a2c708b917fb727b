/**
 * Which capabilities a store has, at run time and for the type checker.
 *
 * @module
 */
import type { HashOps, ListOps, SetOps, SortedSetOps } from "./collections.ts";
import type {
  Capabilities,
  PersistenceOps,
  StorageEngine,
  SyncCollectionOps,
  SyncTransactionOps,
  TransactionOps,
} from "./engine.ts";

/** A store with lists, on its sync face too if it has one. */
export type WithLists = ListOps & { readonly sync: Pick<SyncCollectionOps, keyof ListOps> | undefined };
/** A store with hashes, on its sync face too if it has one. */
export type WithHashes = HashOps & { readonly sync: Pick<SyncCollectionOps, keyof HashOps> | undefined };
/** A store with sets, on its sync face too if it has one. */
export type WithSets = SetOps & { readonly sync: Pick<SyncCollectionOps, keyof SetOps> | undefined };
/** A store with sorted sets, on its sync face too if it has one. */
export type WithSortedSets = SortedSetOps & { readonly sync: Pick<SyncCollectionOps, keyof SortedSetOps> | undefined };
/** A store with transactions, on its sync face too if it has one. */
export type WithTransactions = TransactionOps & { readonly sync: SyncTransactionOps | undefined };

interface Interfaces {
  lists: WithLists;
  hashes: WithHashes;
  sets: WithSets;
  sortedSets: WithSortedSets;
  transactions: WithTransactions;
  persistence: PersistenceOps;
}

function supports<C extends keyof Interfaces, S extends StorageEngine>(
  store: S,
  capability: C & keyof Capabilities,
): store is S & Interfaces[C] {
  return store.supports[capability];
}

/** Whether the store has lists. */
export function supportsLists<S extends StorageEngine>(store: S): store is S & WithLists {
  return supports(store, "lists");
}

/** Whether the store has hashes. */
export function supportsHashes<S extends StorageEngine>(store: S): store is S & WithHashes {
  return supports(store, "hashes");
}

/** Whether the store has sets. */
export function supportsSets<S extends StorageEngine>(store: S): store is S & WithSets {
  return supports(store, "sets");
}

/** Whether the store has sorted sets. */
export function supportsSortedSets<S extends StorageEngine>(store: S): store is S & WithSortedSets {
  return supports(store, "sortedSets");
}

/** Whether the store has transactions. */
export function supportsTransactions<S extends StorageEngine>(store: S): store is S & WithTransactions {
  return supports(store, "transactions");
}

/**
 * Whether the store can save to files and read them back.
 *
 * @example
 * ```ts
 * import { MemoryStore, type StorageEngine, supportsPersistence } from "@ferrite/storage";
 *
 * async function save(store: StorageEngine): Promise<string | null> {
 *   return supportsPersistence(store) ? await store.checkpoint() : null;
 * }
 *
 * await using store = new MemoryStore({ snapshotPath: "/tmp/ferrite-example.snapshot" });
 * await save(store);
 * ```
 */
export function supportsPersistence<S extends StorageEngine>(store: S): store is S & PersistenceOps {
  return supports(store, "persistence");
}

/** The store as one with lists, or `null`. */
export function asListOps<S extends StorageEngine>(store: S): (S & WithLists) | null {
  return supportsLists(store) ? store : null;
}

/** The store as one with hashes, or `null`. */
export function asHashOps<S extends StorageEngine>(store: S): (S & WithHashes) | null {
  return supportsHashes(store) ? store : null;
}

/** The store as one with sets, or `null`. */
export function asSetOps<S extends StorageEngine>(store: S): (S & WithSets) | null {
  return supportsSets(store) ? store : null;
}

/** The store as one with transactions, or `null`. */
export function asTransactionOps<S extends StorageEngine>(store: S): (S & WithTransactions) | null {
  return supportsTransactions(store) ? store : null;
}

/** The store as one with sorted sets, or `null`. */
export function asSortedSetOps<S extends StorageEngine>(store: S): (S & WithSortedSets) | null {
  return supportsSortedSets(store) ? store : null;
}

/** The store as one that can save to files, or `null`. */
export function asPersistenceOps<S extends StorageEngine>(store: S): (S & PersistenceOps) | null {
  return supportsPersistence(store) ? store : null;
}
