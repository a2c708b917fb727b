// Requests are made again until they are answered.

import { StorageError } from "../errors.ts";
import { backOff, type Clock } from "./clock.ts";
import { Limit } from "./limit.ts";
import {
  type Abilities,
  type Condition,
  type ListedObject,
  type ObjectStorage,
  RequestError,
  type StoredObject,
} from "./object_storage.ts";

/** How patient to be. */
export interface Patience {
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The most attempts. */
  readonly attempts: number;
  /** How many may be under way at a time. */
  readonly concurrency: number;
}

/** The most objects that a list shows at a time. */
export const MOST_LISTED = 1000;

/** What came of a write. */
export type Written =
  | { readonly version: string }
  /**
   * The condition did not hold, perhaps because of this very write: Deno and Bun send a request again, unasked, when a kept connection
   * breaks. `error` is that of an attempt of which nothing else is known; `null` when none failed.
   */
  | { readonly version: null; readonly error: unknown }
  /** It may have been carried out, and may be so yet: no attempt was answered. */
  | { readonly version: null; readonly error: unknown; readonly isUnanswered: true };

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
  readonly #clock: Clock;
  readonly #limit: Limit;

  constructor(storage: ObjectStorage, patience: Patience, clock: Clock) {
    this.#storage = storage;
    this.#patience = patience;
    this.#clock = clock;
    this.#limit = new Limit(patience.concurrency);
  }

  /** See {@linkcode ObjectStorage.get}. */
  async get(name: string): Promise<StoredObject | null> {
    return await this.getUnless(name, undefined) as StoredObject | null;
  }

  /** The same, but `"unchanged"` when it has this version. */
  async getUnless(name: string, version: string | undefined): Promise<StoredObject | null | "unchanged"> {
    const object = await this.#persist((signal) => {
      this.counts.reads++;
      return this.#storage.get(name, { unlessVersion: version, signal });
    });
    if (object !== null && object !== "unchanged") this.counts.bytesRead += object.body.length;
    return object;
  }

  /**
   * Writes an object. Rejects only when it was not written and never will be. An attempt that reaches the bucket late does no harm: its
   * condition does not hold any more once anything was written.
   */
  async put(name: string, body: Uint8Array, condition: Condition): Promise<Written> {
    let error: unknown = null;
    try {
      const version = await this.#persist(async (signal) => {
        this.counts.writes++;
        this.counts.bytesWritten += body.length;
        try {
          return await this.#storage.put(name, body, condition, { signal });
        } catch (failure) {
          if (mayHaveHappened(failure)) error = failure;
          throw failure;
        }
      });
      if (version !== null) return { version };
      this.counts.conflicts++;
      return { version, error };
    } catch (failure) {
      // What the last attempt says is not all: one before may have been carried out.
      if (error !== null) return { version: null, error, isUnanswered: true };
      throw failure;
    }
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

  /** All objects whose names begin with `prefix`, as many at a time as the bucket gives. */
  async *listAll(prefix: string): AsyncIterableIterator<ListedObject[]> {
    let cursor: string | null = null;
    do {
      const list: Awaited<ReturnType<ObjectStorage["list"]>> = await this.list(prefix, cursor, MOST_LISTED);
      yield list.objects;
      cursor = list.cursor;
    } while (cursor !== null);
  }

  /** See {@linkcode ObjectStorage.probe}. What it writes is nobody's: when it fails, nothing has happened. */
  async probe(prefix: string): Promise<Abilities> {
    const { probe } = this.#storage;
    if (probe === undefined) return { conditionalDelete: true };
    try {
      return await this.#persist((signal) => probe.call(this.#storage, prefix, { signal }));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      throw new RequestError(error.message, { ...error.failure, mayHaveHappened: false });
    }
  }

  async #persist<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let i = 1;; i++) {
      try {
        return await this.#limit.run(() => this.#clock.within(this.#patience.timeoutMs, attempt));
      } catch (error) {
        if (!(error instanceof RequestError) || !error.failure.isTransient || i >= this.#patience.attempts) throw error;
        this.counts.retries++;
        await backOff(this.#clock, i, error.failure.retryAfterMs);
      }
    }
  }
}

/** An error that is none of ours says nothing of what was done. */
function mayHaveHappened(error: unknown): boolean {
  return error instanceof StorageError ? error.outcome === "unknown" : true;
}
