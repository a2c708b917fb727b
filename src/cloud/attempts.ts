// Requests are made again until they are answered.

import { sleep } from "./sleep.ts";
import { type Condition, type ObjectStorage, RequestError, type StoredObject } from "./object_storage.ts";

/** How patient to be. */
export interface Patience {
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The most attempts. */
  readonly attempts: number;
}

/** What came of a write. */
export type Written =
  | { readonly version: string }
  /** The condition did not hold, `mayBeOurs` because an attempt before did the same without our having been told. */
  | { readonly version: null; readonly mayBeOurs: boolean };

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 10_000;
/** A server may ask for more. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Counts of what was asked of a bucket. */
export interface RequestCounts {
  reads: number;
  writes: number;
  deletes: number;
  lists: number;
  /** Attempts after the first. */
  retries: number;
  /** Writes that were refused because another writer came first. */
  conflicts: number;
  bytesRead: number;
  bytesWritten: number;
}

/** A bucket that is asked again. */
export class Attempts {
  readonly counts: RequestCounts = {
    reads: 0,
    writes: 0,
    deletes: 0,
    lists: 0,
    retries: 0,
    conflicts: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
  readonly #storage: ObjectStorage;
  readonly #patience: Patience;

  constructor(storage: ObjectStorage, patience: Patience) {
    this.#storage = storage;
    this.#patience = patience;
  }

  /** See {@linkcode ObjectStorage.get}. */
  async get(name: string, unlessVersion?: string): Promise<StoredObject | null | "unchanged"> {
    const object = await this.#persist((signal) => {
      this.counts.reads++;
      return this.#storage.get(name, { unlessVersion, signal });
    });
    if (object !== null && object !== "unchanged") this.counts.bytesRead += object.body.length;
    return object;
  }

  /**
   * Writes an object. Rejects with `outcome: "unknown"` when it may have been written. An attempt that is answered late does no harm where
   * there is a condition: it does not hold any more.
   */
  async put(name: string, body: Uint8Array, condition: Condition | null): Promise<Written> {
    let mayBeOurs = false;
    const version = await this.#persist(async (signal) => {
      this.counts.writes++;
      this.counts.bytesWritten += body.length;
      try {
        return await this.#storage.put(name, body, condition, { signal });
      } catch (error) {
        mayBeOurs ||= !(error instanceof RequestError) || error.failure.mayHaveHappened;
        throw mayBeOurs && error instanceof RequestError ? error.asUnknown() : error;
      }
    });
    if (version !== null) return { version };
    this.counts.conflicts++;
    return { version, mayBeOurs };
  }

  /** See {@linkcode ObjectStorage.delete}. */
  async delete(name: string, condition: Condition | null): Promise<boolean> {
    return await this.#persist((signal) => {
      this.counts.deletes++;
      return this.#storage.delete(name, condition, { signal });
    });
  }

  /** See {@linkcode ObjectStorage.list}. */
  async list(prefix: string, cursor: string | null, limit: number): ReturnType<ObjectStorage["list"]> {
    return await this.#persist((signal) => {
      this.counts.lists++;
      return this.#storage.list(prefix, { cursor, limit, signal });
    });
  }

  async #persist<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let i = 1;; i++) {
      try {
        return await attempt(AbortSignal.timeout(this.#patience.timeoutMs));
      } catch (error) {
        if (!(error instanceof RequestError) || !error.failure.isTransient || i >= this.#patience.attempts) throw error;
        this.counts.retries++;
        await sleep(delayOf(i, error.failure.retryAfterMs));
      }
    }
  }
}

/** How long to wait after attempt `i`: any time up to a limit that doubles, so that many who failed together do not come back together. */
export function delayOf(i: number, retryAfterMs: number = 0): number {
  const limit = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (i - 1));
  return Math.min(MAX_RETRY_AFTER_MS, retryAfterMs) + Math.random() * limit;
}
