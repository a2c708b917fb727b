import type { StorageStats } from "../engine.ts";

/** Figures of a cloud store. Those that every store has are about its local cache, `keys` included. */
export interface CloudStats extends StorageStats {
  /** How often a key was needed and the cache had it, fresh enough. */
  readonly cacheHits: number;
  /** How often a key was needed and had to be read. */
  readonly cacheMisses: number;
  /** Reads that asked the bucket if what was in the cache is current, and found that it is. */
  readonly revalidations: number;
  /** Requests that read an object. */
  readonly reads: number;
  /** Requests that wrote one. */
  readonly writes: number;
  /** Requests that deleted one. */
  readonly deletes: number;
  /** Requests for a part of the list of objects. */
  readonly lists: number;
  /** Requests that were made again because one before had failed. They are counted above, too. */
  readonly retries: number;
  /** Writes that were refused because another writer had come first. */
  readonly conflicts: number;
  /** Bytes of objects that were read. */
  readonly bytesRead: number;
  /** Bytes of objects that were written. */
  readonly bytesWritten: number;
}
