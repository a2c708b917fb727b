/**
 * Which capabilities a store has, at run time and for the type checker.
 *
 * @module
 */
import type { Capabilities, HashOps, ListOps, PersistenceOps, SortedSetOps, StorageEngine } from "./engine.ts";

interface Interfaces {
  lists: ListOps;
  hashes: HashOps;
  sortedSets: SortedSetOps;
  persistence: PersistenceOps;
}

function supports<C extends keyof Interfaces, S extends StorageEngine>(
  store: S,
  capability: C & keyof Capabilities,
): store is S & Interfaces[C] {
  return store.supports[capability];
}

/** Whether the store has lists. */
export function supportsLists<S extends StorageEngine>(store: S): store is S & ListOps {
  return supports(store, "lists");
}

/** Whether the store has hashes. */
export function supportsHashes<S extends StorageEngine>(store: S): store is S & HashOps {
  return supports(store, "hashes");
}

/** Whether the store has sorted sets. */
export function supportsSortedSets<S extends StorageEngine>(store: S): store is S & SortedSetOps {
  return supports(store, "sortedSets");
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
export function asListOps<S extends StorageEngine>(store: S): (S & ListOps) | null {
  return supportsLists(store) ? store : null;
}

/** The store as one with hashes, or `null`. */
export function asHashOps<S extends StorageEngine>(store: S): (S & HashOps) | null {
  return supportsHashes(store) ? store : null;
}

/** The store as one with sorted sets, or `null`. */
export function asSortedSetOps<S extends StorageEngine>(store: S): (S & SortedSetOps) | null {
  return supportsSortedSets(store) ? store : null;
}

/** The store as one that can save to files, or `null`. */
export function asPersistenceOps<S extends StorageEngine>(store: S): (S & PersistenceOps) | null {
  return supportsPersistence(store) ? store : null;
}
