/**
 * The vocabulary: one interface for every backend, and the capabilities some of them have beside it.
 *
 * @module
 */

import type { CollectionOps } from "./collections.ts";

/** A key: 0 to 65,535 bytes. A string stands for its UTF-8 bytes. */
export type Key = string | Uint8Array;

/** A value: 0 bytes to 512 MiB. A string stands for its UTF-8 bytes. */
export type Value = string | Uint8Array;

/** Bytes that were read: a copy that the caller owns. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What a key can hold. */
export type ValueType = "string" | "list" | "hash" | "set" | "zset";

/** For calls that may have to wait. */
export interface CallOptions {
  /**
   * Gives up waiting when it is aborted. The call then rejects with the signal's reason; a write that has begun may take place all the
   * same. A call that waits for a file of this machine is not given up.
   */
  signal?: AbortSignal;
}

/** How to read. */
export interface ReadOptions extends CallOptions {
  /**
   * Gives each value an `ArrayBuffer` of its own, which may be transferred. Otherwise values of up to 1 KiB may share
   * buffers of 16 KiB with other values.
   */
  own?: boolean;
}

/** How to write. */
export interface SetOptions extends CallOptions {
  /** Milliseconds until the key expires, more than 0; a fraction counts as a whole one. Without it: never. */
  ttl?: number;
  /** Keeps the expiry that the key has. Not together with `ttl`. */
  keepTtl?: boolean;
  /** Writes only if the key holds nothing. */
  ifAbsent?: boolean;
  /** Writes only if the key holds something. */
  ifPresent?: boolean;
}

/** When to rename. */
export interface RenameOptions extends CallOptions {
  /** Only if the new key holds nothing. */
  ifAbsent?: boolean;
}

/** How to copy. */
export interface CopyOptions extends CallOptions {
  /** Over what the other key holds. */
  replace?: boolean;
}

/** When to change an expiry. */
export interface ExpireOptions extends CallOptions {
  /**
   * `"persistent"`: only a key without expiry; `"expiring"`: only one that has an expiry; `"later"` and `"sooner"`: only
   * if the new expiry is after or before the old one, where no expiry is later than any (Redis: NX, XX, GT, LT).
   */
  when?: "persistent" | "expiring" | "later" | "sooner";
}

/** What to iterate over. */
export interface KeysOptions extends CallOptions {
  /**
   * Only keys that match this glob, as in Redis: `*` any bytes, `?` one byte, `[a-z]` and `[^a-z]` one byte of a set,
   * `\` takes the next byte literally.
   */
  match?: Key;
  /** Only keys that hold this type; `OUT_OF_RANGE` for what is none. */
  type?: ValueType;
}

/** One step of a scan. */
export interface ScanOptions extends KeysOptions {
  /** Where to go on: the `cursor` of the step before; without it, at the start. */
  cursor?: string | null;
  /**
   * About how many keys to look at in this step, an integer of 1 or more, else `OUT_OF_RANGE`; more than 1,000,000 counts as that.
   * 10 if not given. Fewer or more may come back.
   */
  count?: number;
}

/** What one step of a scan found. */
export interface ScanResult {
  /** For the next step; `null` when the scan is over. Opaque. */
  cursor: string | null;
  /** The keys found, in no order. A key that is there during the whole scan is returned at least once. */
  keys: Bytes[];
}

/** Figures of a store at one moment. Bytes unless said; counts begin anew when the content is replaced or cleared. */
export interface StorageStats {
  /** `"memory"`, `"hybridlog"`, `"cloud"`, or `"records"` of a `RecordStore`. */
  readonly backend: string;
  /** Keys, of which some may have expired without having been noticed. */
  readonly keys: number;
  /** What the live records take, headers and padding included. */
  readonly liveBytes: number;
  /** What dead records take until they are recycled. */
  readonly garbageBytes: number;
  /** What the hash index takes. */
  readonly indexBytes: number;
  /** Memory held: all of the above and what is free for reuse. */
  readonly memoryBytes: number;
  /** What may be held. */
  readonly maxBytes: number;
  /** Reads that found a value: of `get`, `update`, and each key of `mget`. */
  readonly hits: number;
  /** Reads that found none. */
  readonly misses: number;
  /** Keys dropped to make room. */
  readonly evictions: number;
  /** Keys dropped because their time had come. */
  readonly expirations: number;
  /** Pages emptied and used again. */
  readonly recycledPages: number;
  /** Live bytes moved to empty those pages. */
  readonly movedBytes: number;
}

/** What a store can do, beside `StorageEngine` itself. Frozen; wrappers pass it on. */
export interface Capabilities {
  /** `store.sync`: the same methods, answered at once. */
  readonly sync: boolean;
  /** {@linkcode ListOps}. */
  readonly lists: boolean;
  /** {@linkcode HashOps}. */
  readonly hashes: boolean;
  /** {@linkcode SetOps}. */
  readonly sets: boolean;
  /** {@linkcode SortedSetOps}. */
  readonly sortedSets: boolean;
  /** {@linkcode TransactionOps}. */
  readonly transactions: boolean;
  /** {@linkcode PersistenceOps}. */
  readonly persistence: boolean;
}

/**
 * What every store does. Operations on one key take effect in the order they were called, awaited or not. All methods
 * reject with a `StorageError`: `WRONG_TYPE` for arguments of a wrong type, `TOO_LARGE` for a key or value over its
 * limit, `CLOSED` after `close()`. Where nothing else is said an operation is O(1). Arguments must not be changed until a call
 * has ended: it may have to wait for a disk.
 */
export interface StorageEngine extends AsyncDisposable {
  /** What this store can do beside this interface. */
  readonly supports: Capabilities;

  /** The same operations answered at once; `undefined` where a store cannot do that. */
  readonly sync: SyncStorageEngine | undefined;

  /** Reads a value; `null` when the key holds none. `WRONG_TYPE` when it holds a collection. */
  get(key: Key, options?: ReadOptions): Promise<Bytes | null>;

  /**
   * Writes a value over whatever the key held, and forgets its expiry unless told otherwise. Resolves to false when
   * `ifAbsent` or `ifPresent` kept it from writing. `OUT_OF_RANGE` for a `ttl` that is not more than 0;
   * `OUT_OF_MEMORY` at the size limit.
   */
  set(key: Key, value: Value, options?: SetOptions): Promise<boolean>;

  /** Removes a key and what it holds. Resolves to whether it held anything. */
  del(key: Key, options?: CallOptions): Promise<boolean>;

  /** Whether the key holds anything. */
  exists(key: Key, options?: CallOptions): Promise<boolean>;

  /** Reads many values, in the order of the keys; faster than as many `get`. Rejects as a whole where one `get` would. O(keys). */
  mget(keys: readonly Key[], options?: ReadOptions): Promise<(Bytes | null)[]>;

  /** Writes many values, all or none of them. The last one counts for a key named twice. O(entries). */
  mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<void>;

  /**
   * Replaces a value by what `change` makes of it, atomically. `change` gets the value or `null`, and returns the new
   * one, `null` to remove the key, or `undefined` to leave all as it is; it must not be async, and a store may call it
   * more than once. Writing to the store from within it is `CONFLICT`;
   * reading finds it without the calls that are still waiting. The key keeps its expiry unless `ttl` is given.
   * Resolves to the value afterwards.
   */
  update(key: Key, change: Change, options?: Pick<SetOptions, "ttl" | "signal">): Promise<Bytes | null>;

  /**
   * Adds a 64-bit integer to the one a key holds in decimal; a missing key counts as 0. Resolves to the sum, as a
   * bigint if `delta` is one. The key keeps its expiry. `NOT_INTEGER` when it holds something else; `OUT_OF_RANGE` when
   * the sum would leave 64 bits, or, as a number, the safe integers.
   */
  incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Promise<Integer<N>>;

  /** Adds bytes to the end of a value, or starts one. Resolves to the new length in bytes. The key keeps its expiry. */
  append(key: Key, suffix: Value, options?: CallOptions): Promise<number>;

  /**
   * The bytes of a value from `start` to `end`, both included; negative ones count from the end. Empty where there are
   * none. O(bytes): a large value is not read whole.
   */
  getRange(key: Key, start: number, end: number, options?: CallOptions): Promise<Bytes>;

  /**
   * Writes `value` over the bytes of a value from `offset` on, which grows with zeros as it must. Resolves to the new
   * length. An empty `value` changes nothing. The key keeps its expiry. O(bytes).
   */
  setRange(key: Key, offset: number, value: Value, options?: CallOptions): Promise<number>;

  /** The length of a value in bytes; 0 when the key holds none. */
  strlen(key: Key, options?: CallOptions): Promise<number>;

  /**
   * Gives what a key holds, with its expiry, another key, over whatever that one held. Resolves to false when there is no
   * such key, or `ifAbsent` is set and the other one holds something.
   */
  rename(source: Key, destination: Key, options?: RenameOptions): Promise<boolean>;

  /**
   * Copies what a key holds, with its expiry, to another key. Resolves to false when there is no such key, or the other
   * one holds something and `replace` is not set. O(size).
   */
  copy(source: Key, destination: Key, options?: CopyOptions): Promise<boolean>;

  /** Lets a key expire in `ttl` milliseconds, more than 0. Resolves to false when there is no such key, or `when` says no. */
  expire(key: Key, ttl: number, options?: ExpireOptions): Promise<boolean>;

  /** Milliseconds until the key expires, 0 when it is about to; `Infinity` when it never will, `null` when there is no such key. */
  ttl(key: Key, options?: CallOptions): Promise<number | null>;

  /** Forgets a key's expiry. Resolves to whether it had one. */
  persist(key: Key, options?: CallOptions): Promise<boolean>;

  /** What the key holds, or `null`. */
  type(key: Key, options?: CallOptions): Promise<ValueType | null>;

  /** One step over all keys. `OUT_OF_RANGE` for a cursor that no scan gave. O(count). */
  scan(options?: ScanOptions): Promise<ScanResult>;

  /** All keys, each at least once if it is there all the time. One that is written meanwhile may come twice. */
  keys(options?: KeysOptions): AsyncIterableIterator<Bytes>;

  /** How many keys there are; some may have expired without having been noticed. */
  size(options?: CallOptions): Promise<number>;

  /** Removes everything. */
  clear(options?: CallOptions): Promise<void>;

  /** Figures of this store. */
  stats(): StorageStats;

  /** Ends all use. Resolves when nothing is pending; a second call does nothing. */
  close(): Promise<void>;
}

/** What `update` calls: a value, or `null` for none, to the new value, `null` to remove it, `undefined` to leave it. */
export type Change = (value: Bytes | null) => Value | null | undefined;

/** A bigint for a bigint, a number for a number. */
export type Integer<N extends number | bigint> = N extends bigint ? bigint : number;

/** `T` with methods that return their result in place of a promise for it. */
export type Sync<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : T[K];
};

/** The operations that `store.sync` answers at once. They throw what the others reject with. */
export interface SyncStorageEngine extends
  Sync<
    Omit<StorageEngine, "supports" | "sync" | "incrBy" | "keys" | "close" | typeof Symbol.asyncDispose>
  > {
  /** See {@linkcode StorageEngine.incrBy}. */
  incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Integer<N>;
  /** See {@linkcode StorageEngine.keys}. */
  keys(options?: KeysOptions): IterableIterator<Bytes>;
}

/** What {@linkcode TransactionOps.transact} hands to its function: all operations on keys, answered at once. */
export interface Transaction extends Omit<SyncStorageEngine, "clear" | "stats">, SyncCollectionOps {}

/** Several operations on several keys, all or nothing. */
export interface TransactionOps {
  /**
   * Runs `change`, which reads and writes through the transaction it is given. What it wrote takes effect when it
   * returns, all at once; when it throws, nothing has happened and the call rejects with what it threw. It must not be
   * async, must not use the store itself (`CONFLICT`), and may be called more than once. Resolves to what it returned.
   *
   * @example
   * ```ts
   * import { MemoryStore } from "@ferrite/storage";
   * import { assertEquals } from "@std/assert";
   *
   * await using store = new MemoryStore();
   * await store.set("stock", "3");
   * await store.transact((tx) => {
   *   if (tx.incrBy("stock", -1) < 0) throw new Error("sold out");
   *   tx.rpush("orders", ["order 1"]);
   * });
   * assertEquals(await store.llen("orders"), 1);
   * ```
   */
  transact<T>(change: (transaction: Transaction) => T, options?: CallOptions): Promise<T>;
}

/** The operations of {@linkcode TransactionOps}, answered at once. */
export interface SyncTransactionOps {
  /** See {@linkcode TransactionOps.transact}. */
  transact<T>(change: (transaction: Transaction) => T, options?: CallOptions): T;
}

/** The operations on lists, hashes, sets and sorted sets, answered at once. */
export interface SyncCollectionOps extends Sync<Omit<CollectionOps, "hincrBy">> {
  /** See {@linkcode HashOps.hincrBy}. */
  hincrBy<N extends number | bigint = number>(key: Key, field: Key, delta?: N, options?: CallOptions): Integer<N>;
}

/** Saving to files and reading them back. */
export interface PersistenceOps {
  /**
   * Saves all as of one moment; writes go on meanwhile. Resolves to the path it can be restored from. Without `path`, to where the
   * options say: `snapshotPath` of `MemoryStore`; `CONFIG` where they do not, as always of `HybridLogStore`. `UNAVAILABLE` when it
   * cannot be written.
   */
  checkpoint(path?: string): Promise<string>;
  /**
   * Replaces the whole content by a checkpoint, without `path` by that which `checkpoint()` has saved. With nothing changed `CORRUPT` when
   * it is damaged, `UNSUPPORTED` when a later release has written it, and `UNAVAILABLE` when there is none.
   */
  restore(path?: string): Promise<void>;
  /** Gives back the space that dead records take. */
  compact(): Promise<void>;
}
