// First, and apart, so that it stays first: it brings the text of the core, which a bundle is to have before the rest of the code. See mod.ts.
import { checkCloudOptions, type CloudOptions, type Hidden } from "./options.ts";

import type {
  Bytes,
  CallOptions,
  Capabilities,
  Change,
  Key,
  KeysOptions,
  ReadOptions,
  ScanOptions,
  ScanResult,
  SetOptions,
  StorageEngine,
  Value,
} from "../engine.ts";
import { checkOptions } from "../arguments.ts";
import type { CollectionOps } from "../collections.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import type { Records } from "../records/records.ts";
import { toArray } from "../types/arguments.ts";
import { toEntries } from "../types/string_batches.ts";
import * as strings from "../types/strings.ts";
import type { CallKind } from "./call.ts";
import { Calls } from "./calls.ts";
import { Catalog } from "./catalog.ts";
import { Cleaner } from "./cleaner.ts";
import { keysOf } from "./keys_of.ts";
import { OPERATIONS, READS } from "./operations.ts";
import type { CloudStats } from "./stats.ts";

/** A longer value is not sent before it is known what the key holds: it might have to be sent again. */
const MOST_BLIND_BYTES = 65_536;

/** Methods that are not in the class are put on its prototype below. */
export interface CloudStore extends CollectionOps, StorageEngine {}

/**
 * A store in a bucket of S3, Google Cloud Storage or Azure Blob Storage, by `fetch` alone: it runs wherever that does, on the edge and in
 * browsers too. A key is an object. Any number of stores, in any number of processes, share a bucket: what they write at the same time
 * comes one after another, by conditional writes.
 *
 * Each operation on one key is atomic, and when its promise resolves, what it wrote is in the bucket. What would write to several keys at
 * once (`mset`, `rename`, `smove` and `lmove` between two keys) is `UNSUPPORTED`: object storage cannot do it. Beside the errors that all stores
 * have, calls reject with `UNAVAILABLE` when the bucket cannot be reached; with `outcome: "unknown"` when a write may have
 * taken place, or may do so yet; and with `CONFLICT` when others wrote to the key again and again.
 *
 * Making one does no work, and closing one lets go of its cache. On Cloudflare's Workers, where what waits for the network belongs to the
 * request in which it began, each request needs a store of its own; elsewhere one store serves all.
 *
 * @example
 * ```ts
 * import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
 * import { assertEquals } from "@std/assert";
 *
 * const bucket = memoryObjects(); // or s3({ … }), gcs({ … }), azure({ … })
 * await using store = new CloudStore({ storage: bucket, prefix: "app/" });
 * await using other = new CloudStore({ storage: bucket, prefix: "app/" });
 * await Promise.all([store.incrBy("visits"), other.incrBy("visits")]);
 * assertEquals(await store.incrBy("visits"), 3);
 * ```
 */
export class CloudStore implements StorageEngine {
  /** What this store can do. */
  readonly supports: Capabilities = Object.freeze({
    sync: false,
    lists: true,
    hashes: true,
    sets: true,
    sortedSets: true,
    transactions: false,
    persistence: false,
  });
  /** It has to wait for the bucket. */
  readonly sync: undefined = undefined;
  readonly #calls: Calls;
  readonly #catalog: Catalog;
  readonly #cleaner: Cleaner;
  /** Scans and the like that are under way. */
  readonly #surveys = new Set<Promise<unknown>>();
  /** While a function that was given to `update` runs: it must not write. */
  #isChanging = false;
  #closing: Promise<void> | null = null;

  /** Sets up a store. `CONFIG` for options that make no sense. */
  constructor(options: CloudOptions, hidden: Hidden = {}) {
    const checked = checkCloudOptions(options);
    this.#calls = new Calls(checked, hidden);
    const { bucket } = this.#calls;
    this.#catalog = new Catalog(bucket);
    this.#cleaner = new Cleaner(bucket, this.#catalog, checked.graceMs);
  }

  /** See {@linkcode StorageEngine.get}. */
  get(key: Key, options?: ReadOptions): Promise<Bytes | null> {
    try {
      options?.signal?.throwIfAborted();
      this.#assertOpen();
      const kept = this.#calls.getShort(key, options?.own === true);
      if (kept !== undefined) return Promise.resolve(kept);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#call([key], (records) => strings.get(records, key, options), options?.signal, "read");
  }

  /** See {@linkcode StorageEngine.set}. */
  set(key: Key, value: Value, options?: SetOptions): Promise<boolean> {
    // Where the key turns out to hold something, it is read, and this is done again.
    const isBlind = options?.keepTtl !== true && options?.ifPresent !== true &&
      (value?.length ?? 0) <= MOST_BLIND_BYTES;
    const step = (records: Records) => strings.set(records, key, value, options);
    return this.#call([key], step, options?.signal, isBlind ? "blind" : "write");
  }

  /** See {@linkcode StorageEngine.mget}. All keys are read at the same time, each for itself; it rejects as a whole when one of them cannot be. */
  async mget(keys: readonly Key[], options?: ReadOptions): Promise<(Bytes | null)[]> {
    return await Promise.all(toArray(keys, "keys").map((key) => this.get(key, options)));
  }

  /** See {@linkcode StorageEngine.mset}. `UNSUPPORTED` for more than one key. */
  async mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<void> {
    const list = toEntries(entries);
    const step = (records: Records) => list.forEach(([key, value]) => strings.set(records, key, value, options));
    await this.#call(list.map(([key]) => key), step, options?.signal, "write");
  }

  /** See {@linkcode StorageEngine.update}. */
  update(key: Key, change: Change, options?: Pick<SetOptions, "ttl" | "signal">): Promise<Bytes | null> {
    const step = (records: Records) => {
      this.#isChanging = true;
      try {
        return strings.update(records, key, change, options);
      } finally {
        this.#isChanging = false;
      }
    };
    return this.#call([key], step, options?.signal, "write");
  }

  /** See {@linkcode StorageEngine.scan}. One request, and one for each key found that may have expired or is longer than some 900 bytes. */
  async scan(options: ScanOptions = {}): Promise<ScanResult> {
    return await this.#survey(() => this.#catalog.scan(options), options?.signal);
  }

  /** See {@linkcode StorageEngine.keys}. */
  async *keys(options: KeysOptions = {}): AsyncIterableIterator<Bytes> {
    checkOptions(options);
    let cursor: string | null = null;
    do {
      const step: ScanResult = await this.scan({ ...options, cursor, count: 1000 });
      yield* step.keys;
      cursor = step.cursor;
    } while (cursor !== null);
  }

  /** See {@linkcode StorageEngine.size}. All objects are listed: O(keys), a request for every thousand. */
  async size(options?: CallOptions): Promise<number> {
    return await this.#survey(() => this.#catalog.size(), options?.signal);
  }

  /** See {@linkcode StorageEngine.clear}. Key after key: what others write meanwhile may stay. O(keys), two requests for each. */
  async clear(options?: CallOptions): Promise<void> {
    await this.#survey(() => this.#calls.changeAll(() => this.#catalog.clear()), options?.signal);
  }

  /**
   * Takes away what crashes have left behind, keys that have expired, and, where the bucket honours conditions on deletes, the marks of keys
   * that were deleted more than `graceMs` ago. Others may use the bucket meanwhile. All parts of large values are read: O(their data).
   */
  async compact(options?: CallOptions): Promise<void> {
    await this.#survey(() => this.#cleaner.clean(), options?.signal);
  }

  /** Figures of the store: its cache, and what it has asked of the bucket. */
  stats(): CloudStats {
    this.#assertOpen();
    return this.#calls.stats();
  }

  /** See {@linkcode StorageEngine.close}. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#surveys);
    await this.#calls.close();
  }

  /** Closes the store at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new StorageError("CLOSED", "Cannot use storage: it has been closed");
  }

  /** Does what concerns all keys. */
  async #survey<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    this.#assertOpen();
    const survey = task();
    this.#surveys.add(survey);
    const done = () => this.#surveys.delete(survey);
    survey.then(done, done);
    return await (signal === undefined ? survey : unlessAborted(survey, signal));
  }

  #call<T>(
    keys: readonly Key[],
    step: (records: Records) => T,
    signal: AbortSignal | undefined,
    kind: CallKind,
  ): Promise<T> {
    try {
      signal?.throwIfAborted();
      this.#assertOpen();
      if (kind !== "read" && this.#isChanging) throw isChanging();
      const { space } = this.#calls;
      if (keys.length === 0) return Promise.resolve(step(space));
      const names = [...new Set(keys.map((key) => space.nameOf(key)))];
      if (kind === "read" && names.every((name) => this.#calls.isCurrent(name))) {
        const result = unlessMissing(() => step(space));
        if (!(result instanceof Miss)) return Promise.resolve(result);
      }
      return this.#calls.call(names, step, kind, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  static {
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const kind = READS.has(name) ? "read" : "write";
      Object.defineProperty(this.prototype, name, {
        value(this: CloudStore, ...args: unknown[]): Promise<unknown> {
          const { signal } = (args.at(-1) as CallOptions | null | undefined) ?? {};
          return this.#call(keysOf(name, args), (records) => operation(records, ...args), signal, kind);
        },
        writable: true,
        configurable: true,
      });
    }
  }
}

/** What a step comes to, or what it misses. */
function unlessMissing<T>(step: () => T): T | Miss {
  try {
    return step();
  } catch (error) {
    if (error instanceof Miss) return error;
    throw error;
  }
}

function isChanging(): StorageError {
  return new StorageError("CONFLICT", "Cannot write while a function given to update runs: it would not be atomic");
}

/** What a promise comes to, or the reason of a signal that is aborted before. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
