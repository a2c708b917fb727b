import type { CollectionOps } from "../collections.ts";
import type {
  StorageEngine,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  TransactionOps,
} from "../engine.ts";

/** A store with all the types, answering at once. */
export type SyncCollectionStore = SyncStorageEngine & SyncCollectionOps & SyncTransactionOps;

/** A store with all the types. A check calls nothing of it that the store says it has not. */
export type CollectionStore = StorageEngine & CollectionOps & TransactionOps;

/** What both have, each method giving its result or a promise of it. */
export type Face = CollectionStore | SyncCollectionStore;
