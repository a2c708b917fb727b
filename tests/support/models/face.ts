import type { CollectionOps, StorageEngine, SyncCollectionOps, SyncStorageEngine } from "@ferrite/storage";

/** What the models know of keys, beside what they hold. */
export type KeyMethod = "del" | "exists" | "type" | "copy" | "rename" | "expire" | "persist" | "ttl";

export type SyncFace = Pick<SyncStorageEngine, KeyMethod> & SyncCollectionOps;

/** What a model is compared with: operations that give their result, or a promise of it. */
export type Face = SyncFace | (Pick<StorageEngine, KeyMethod> & CollectionOps);

/** A store for one run. */
export interface Subject extends AsyncDisposable {
  readonly face: Face;
}

export type Open = () => Promise<Subject>;
