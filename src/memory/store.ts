import { checkOptionNames } from "../arguments.ts";
import { defaultModule } from "../core/module.ts";
import { MAX_CORE_BYTES, MIN_CORE_BYTES } from "../core/core.ts";
import type {
  Bytes,
  CallOptions,
  Capabilities,
  Change,
  CopyOptions,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  PersistenceOps,
  ReadOptions,
  RenameOptions,
  ScanOptions,
  ScanResult,
  SetOptions,
  StorageEngine,
  StorageStats,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  Transaction,
  TransactionOps,
  Value,
  ValueType,
} from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import { detectFileSystem, requireFileSystem } from "../runtime/detect.ts";
import { pause } from "../runtime/pause.ts";
import type { CollectionOps } from "../collections.ts";
import { OPERATIONS } from "../types/operations.ts";
import { formatSize, parseSize, type Size } from "../size.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { Space } from "./space.ts";
import { SyncStore } from "../types/sync_store.ts";

/** How to set up a {@linkcode MemoryStore}. */
export interface MemoryOptions {
  /** How much memory the store may hold, index and all: 8 MB to 4 GB. `"1GB"` if not given. */
  maxSize?: Size;
  /**
   * What happens at the limit. Without it, writes fail with `OUT_OF_MEMORY`. With it, the store is a cache: the oldest
   * keys go, but those read or overwritten since they were written, or since they were last spared, are spared once more.
   */
  eviction?: boolean;
  /** Where `checkpoint()` saves. */
  snapshotPath?: string;
  /** The compiled WASM core, for runtimes that forbid compiling (`import module from "@ferrite/storage/core.wasm"`). */
  module?: WebAssembly.Module;
}

const DEFAULT_MAX_SIZE = "1GB";

/** The data types' methods are put on the prototype below. */
export interface MemoryStore extends CollectionOps {}

/**
 * A store in the memory of this process, in one WASM memory outside of the JavaScript heap.
 *
 * It takes at most `maxSize`, whatever is in it. Dead records are recycled as new ones are written. Expired keys are not
 * seen any more at once; their room comes back when they are met, when their page is recycled, or when it is needed.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore({ maxSize: "64MB" });
 * await store.set("greeting", "hello", { ttl: 60_000 });
 * assertEquals(await store.incrBy("visits"), 1);
 * assertEquals(new TextDecoder().decode((await store.get("greeting"))!), "hello");
 *
 * store.sync.set("plain", "no promise"); // the same operations, answered at once
 * assertEquals(store.sync.exists("plain"), true);
 * ```
 */
export class MemoryStore implements StorageEngine, TransactionOps, PersistenceOps {
  /** What this store can do. */
  readonly supports: Capabilities;
  /** The same operations, answered at once. */
  readonly sync: SyncStorageEngine & SyncCollectionOps & SyncTransactionOps;
  readonly #sync: SyncStore;
  readonly #space: Space;
  readonly #snapshotPath: string | undefined;
  /** The last checkpoint, restore or compaction: they run one after another. */
  #maintenance: Promise<unknown> = Promise.resolve();

  /**
   * Creates an empty store; memory is taken when it is first used. `CONFIG` for options that make no sense.
   */
  constructor(options: MemoryOptions = {}) {
    const maxBytes = checkMemoryOptions(options);
    const evicts = options.eviction ?? false;
    const module = () => options.module ?? defaultModule();
    this.#space = new Space({ maxBytes, evicts, tracksReads: evicts, module });
    this.#snapshotPath = options.snapshotPath;
    this.sync = this.#sync = new SyncStore(this.#space);
    this.supports = Object.freeze({
      sync: true,
      lists: true,
      hashes: true,
      sets: true,
      sortedSets: true,
      transactions: true,
      persistence: detectFileSystem() !== null,
    });
  }

  /** See {@linkcode StorageEngine.get}. */
  async get(key: Key, options?: ReadOptions): Promise<Bytes | null> {
    options?.signal?.throwIfAborted();
    return this.#sync.get(key, options);
  }

  /** See {@linkcode StorageEngine.set}. */
  async set(key: Key, value: Value, options?: SetOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.set(key, value, options);
  }

  /** See {@linkcode StorageEngine.del}. */
  async del(key: Key, options?: CallOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.del(key);
  }

  /** See {@linkcode StorageEngine.exists}. */
  async exists(key: Key, options?: CallOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.exists(key);
  }

  /** See {@linkcode StorageEngine.mget}. */
  async mget(keys: readonly Key[], options?: ReadOptions): Promise<(Bytes | null)[]> {
    options?.signal?.throwIfAborted();
    return this.#sync.mget(keys, options);
  }

  /** See {@linkcode StorageEngine.mset}. */
  async mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<void> {
    options?.signal?.throwIfAborted();
    this.#sync.mset(entries, options);
  }

  /** See {@linkcode StorageEngine.update}. */
  async update(key: Key, change: Change, options?: Pick<SetOptions, "ttl" | "signal">): Promise<Bytes | null> {
    options?.signal?.throwIfAborted();
    return this.#sync.update(key, change, options);
  }

  /** See {@linkcode StorageEngine.incrBy}. */
  async incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Promise<Integer<N>> {
    options?.signal?.throwIfAborted();
    return this.#sync.incrBy(key, delta);
  }

  /** See {@linkcode StorageEngine.append}. */
  async append(key: Key, suffix: Value, options?: CallOptions): Promise<number> {
    options?.signal?.throwIfAborted();
    return this.#sync.append(key, suffix);
  }

  /** See {@linkcode StorageEngine.expire}. */
  async expire(key: Key, ttl: number, options?: ExpireOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.expire(key, ttl, options);
  }

  /** See {@linkcode StorageEngine.ttl}. */
  async ttl(key: Key, options?: CallOptions): Promise<number | null> {
    options?.signal?.throwIfAborted();
    return this.#sync.ttl(key);
  }

  /** See {@linkcode StorageEngine.persist}. */
  async persist(key: Key, options?: CallOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.persist(key);
  }

  /** See {@linkcode StorageEngine.type}. */
  async type(key: Key, options?: CallOptions): Promise<ValueType | null> {
    options?.signal?.throwIfAborted();
    return this.#sync.type(key);
  }

  /** See {@linkcode StorageEngine.getRange}. */
  async getRange(key: Key, start: number, end: number, options?: CallOptions): Promise<Bytes> {
    options?.signal?.throwIfAborted();
    return this.#sync.getRange(key, start, end);
  }

  /** See {@linkcode StorageEngine.setRange}. */
  async setRange(key: Key, offset: number, value: Value, options?: CallOptions): Promise<number> {
    options?.signal?.throwIfAborted();
    return this.#sync.setRange(key, offset, value);
  }

  /** See {@linkcode StorageEngine.strlen}. */
  async strlen(key: Key, options?: CallOptions): Promise<number> {
    options?.signal?.throwIfAborted();
    return this.#sync.strlen(key);
  }

  /** See {@linkcode StorageEngine.rename}. */
  async rename(source: Key, destination: Key, options?: RenameOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.rename(source, destination, options);
  }

  /** See {@linkcode StorageEngine.copy}. */
  async copy(source: Key, destination: Key, options?: CopyOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.#sync.copy(source, destination, options);
  }

  /** See {@linkcode TransactionOps.transact}. */
  async transact<T>(change: (transaction: Transaction) => T, options?: CallOptions): Promise<T> {
    options?.signal?.throwIfAborted();
    return this.#sync.transact(change);
  }

  /** See {@linkcode StorageEngine.scan}. */
  async scan(options?: ScanOptions): Promise<ScanResult> {
    options?.signal?.throwIfAborted();
    return this.#sync.scan(options);
  }

  /** See {@linkcode StorageEngine.keys}. */
  async *keys(options?: KeysOptions): AsyncIterableIterator<Bytes> {
    for (const key of this.#sync.keys(options)) {
      options?.signal?.throwIfAborted();
      yield key;
    }
  }

  /** See {@linkcode StorageEngine.size}. */
  async size(options?: CallOptions): Promise<number> {
    options?.signal?.throwIfAborted();
    return this.#sync.size();
  }

  /** See {@linkcode StorageEngine.clear}. */
  async clear(options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    this.#sync.clear();
  }

  /** See {@linkcode StorageEngine.stats}. */
  stats(): StorageStats {
    return this.#sync.stats();
  }

  /**
   * Saves all as of one moment soon after the call to `snapshotPath`, or to `path`; writes go on meanwhile. The file is written beside and renamed,
   * so there is always a whole one. Resolves to the path. `CONFIG` without a path, `UNAVAILABLE` when writing fails,
   * `UNSUPPORTED` where there are no files. O(live data).
   */
  checkpoint(path: string | undefined = this.#snapshotPath): Promise<string> {
    return this.#maintain("checkpoint", async () => {
      checkPath("checkpoint", path);
      await writeSnapshot(this.#space, requireFileSystem("checkpoint"), path);
      return path;
    });
  }

  /**
   * Replaces the whole content by that of the snapshot at `path`, or at `snapshotPath`; until it has been read and checked to its end, the store serves
   * what it had. `CORRUPT` when it is damaged, `OUT_OF_MEMORY` when it does not fit, `UNAVAILABLE` when it cannot be
   * read: nothing is changed then. O(live data); needs the memory for both.
   */
  restore(path: string | undefined = this.#snapshotPath): Promise<void> {
    return this.#maintain("restore", async () => {
      checkPath("restore", path);
      const core = await readSnapshot(requireFileSystem("restore"), path, this.#space.options);
      if (this.#space.isClosed) throw new StorageError("CLOSED", "Cannot restore: the store was closed meanwhile");
      this.#space.replace(core);
    });
  }

  /** Recycles all pages but the one being filled, in slices, until no dead record is left in them. O(log). */
  compact(): Promise<void> {
    return this.#maintain("compact", () => this.#space.compact(pause));
  }

  #maintain<T>(operation: string, run: () => Promise<T>): Promise<T> {
    if (this.#space.isClosed) {
      return Promise.reject(new StorageError("CLOSED", `Cannot ${operation}: the store has been closed`));
    }
    const result = this.#maintenance.then(run);
    this.#maintenance = result.catch(() => {});
    return result;
  }

  /** See {@linkcode StorageEngine.close}. */
  async close(): Promise<void> {
    this.#space.isClosed = true;
    await this.#maintenance; // a checkpoint under way still needs the content
    this.#space.replace();
  }

  static {
    for (const name of Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]) {
      Object.defineProperty(this.prototype, name, {
        async value(this: MemoryStore, ...args: unknown[]): Promise<unknown> {
          (args.at(-1) as CallOptions | null | undefined)?.signal?.throwIfAborted();
          return (this.#sync[name] as (...args: unknown[]) => unknown)(...args);
        },
        writable: true,
        configurable: true,
      });
    }
  }

  /** Closes the store at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checkPath(operation: string, path: string | undefined): asserts path is string {
  if (path === undefined) {
    throw new StorageError("CONFIG", `Cannot ${operation}: no path was given and snapshotPath is not set`);
  }
  if (typeof path === "string" && path !== "") return;
  throw new StorageError("WRONG_TYPE", `Cannot ${operation}: expected the path of a file, received ${describe(path)}`);
}

const OPTIONS = ["maxSize", "eviction", "snapshotPath", "module"];

/** Checks options and returns the memory they allow, in bytes. */
function checkMemoryOptions(options: MemoryOptions): number {
  checkOptionNames("create memory store", options, OPTIONS);
  const refuse = (problem: string) => new StorageError("CONFIG", `Cannot create memory store: ${problem}`);
  const { maxSize = DEFAULT_MAX_SIZE, eviction = false, snapshotPath, module } = options;
  const maxBytes = parseSize(maxSize);
  if (maxBytes === null || maxBytes < MIN_CORE_BYTES || maxBytes > MAX_CORE_BYTES) {
    const range = `from ${formatSize(MIN_CORE_BYTES)} to ${formatSize(MAX_CORE_BYTES)}`;
    throw refuse(`maxSize must be a size ${range}, received ${describe(maxSize)}`);
  }
  if (typeof eviction !== "boolean") throw refuse(`eviction must be true or false, received ${describe(eviction)}`);
  if (snapshotPath !== undefined && (typeof snapshotPath !== "string" || snapshotPath === "")) {
    throw refuse(`snapshotPath must be a path, received ${describe(snapshotPath)}`);
  }
  if (module !== undefined && !(module instanceof WebAssembly.Module)) {
    throw refuse(`module must be a WebAssembly.Module, received ${describe(module)}`);
  }
  return maxBytes;
}
