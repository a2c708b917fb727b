import { checkOptions, isThenable } from "../arguments.ts";
import type {
  Bytes,
  Change,
  CopyOptions,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  ReadOptions,
  RenameOptions,
  ScanOptions,
  ScanResult,
  SetOptions,
  StorageStats,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  Transaction,
  Value,
  ValueType,
} from "../engine.ts";
import { StorageError } from "../errors.ts";
import type { Keyspace } from "../records/keyspace.ts";
import { wrongType } from "./arguments.ts";
import { copy } from "./copy.ts";
import { scanKeys } from "./key_scan.ts";
import * as keys from "./keys.ts";
import { OPERATIONS, READS } from "./operations.ts";
import { mget, mset } from "./string_batches.ts";
import * as strings from "./strings.ts";

type AnyOperation = (records: Keyspace, ...args: unknown[]) => unknown;

/** The data types' methods are put on the prototype below. */
export interface SyncStore extends SyncCollectionOps {}

/** The operations of a store, answered at once, over its keyspace: who may use it when is decided here. */
export class SyncStore implements SyncStorageEngine, SyncTransactionOps {
  readonly #keyspace: Keyspace;
  /** While a function that was given to `update` or `transact` runs: it must not use this. */
  #isChanging = false;

  get isChanging(): boolean {
    return this.#isChanging;
  }

  /** Whether this is what a transaction works on, and whether that has ended. */
  #transaction: "none" | "open" | "over" = "none";

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  get(key: Key, options?: ReadOptions): Bytes | null {
    return strings.get(this.#open(), key, options);
  }

  mget(keys: readonly Key[], options?: ReadOptions): (Bytes | null)[] {
    return mget(this.#open(), keys, options);
  }

  set(key: Key, value: Value, options?: SetOptions): boolean {
    return strings.set(this.#openToWrite(), key, value, options);
  }

  mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl">): void {
    mset(this.#openToWrite(), entries, options);
  }

  update(key: Key, change: Change, options?: Pick<SetOptions, "ttl">): Bytes | null {
    const keyspace = this.#openToWrite();
    return this.#guard(() => strings.update(keyspace, key, change, options));
  }

  incrBy<N extends number | bigint = number>(key: Key, delta?: N): Integer<N> {
    return strings.incrBy(this.#openToWrite(), key, delta);
  }

  append(key: Key, suffix: Value): number {
    return strings.append(this.#openToWrite(), key, suffix);
  }

  getRange(key: Key, start: number, end: number): Bytes {
    return strings.getRange(this.#open(), key, start, end);
  }

  setRange(key: Key, offset: number, value: Value): number {
    return strings.setRange(this.#openToWrite(), key, offset, value);
  }

  strlen(key: Key): number {
    return strings.strlen(this.#open(), key);
  }

  del(key: Key): boolean {
    return keys.del(this.#openToWrite(), key);
  }

  exists(key: Key): boolean {
    return keys.exists(this.#open(), key);
  }

  expire(key: Key, ttl: number, options?: ExpireOptions): boolean {
    return keys.expire(this.#openToWrite(), key, ttl, options);
  }

  persist(key: Key): boolean {
    return keys.persist(this.#openToWrite(), key);
  }

  ttl(key: Key): number | null {
    return keys.ttl(this.#open(), key);
  }

  type(key: Key): ValueType | null {
    return keys.type(this.#open(), key);
  }

  rename(source: Key, destination: Key, options?: RenameOptions): boolean {
    return keys.rename(this.#openToWrite(), source, destination, options);
  }

  copy(source: Key, destination: Key, options?: CopyOptions): boolean {
    return copy(this.#openToWrite(), source, destination, options);
  }

  transact<T>(change: (transaction: Transaction) => T): T {
    const keyspace = this.#openToWrite();
    if (this.#transaction !== "none") throw new StorageError("CONFLICT", "Cannot transact: a transaction is under way");
    if (typeof change !== "function") throw wrongType("Cannot transact: expected a function", change);
    return keyspace.atomically(() => {
      const transaction = new SyncStore(keyspace);
      transaction.#transaction = "open";
      try {
        const result = this.#guard(() => change(transaction));
        if (!isThenable(result)) return result;
        result.then(undefined, () => {}); // what it comes to does not matter any more
        throw new StorageError("WRONG_TYPE", "Cannot transact: the function must not be async");
      } finally {
        transaction.#transaction = "over";
      }
    });
  }

  scan(options: ScanOptions = {}): ScanResult {
    return scanKeys(this.#open(), options);
  }

  *keys(options: KeysOptions = {}): IterableIterator<Bytes> {
    checkOptions(options);
    let cursor: string | null = null;
    do {
      const step: ScanResult = this.scan({ ...options, cursor, count: 1000 });
      yield* step.keys;
      cursor = step.cursor;
    } while (cursor !== null);
  }

  size(): number {
    return this.#open().size();
  }

  clear(): void {
    const keyspace = this.#openToWrite();
    if (this.#transaction !== "none") {
      throw new StorageError("UNSUPPORTED", "Cannot clear storage in a transaction: it could not be undone");
    }
    keyspace.clear();
  }

  stats(): StorageStats {
    return this.#open().stats();
  }

  #open(): Keyspace {
    const keyspace = this.#keyspace;
    if (keyspace.isClosed) throw new StorageError("CLOSED", "Cannot use storage: it has been closed");
    if (this.#transaction === "over") {
      throw new StorageError("CONFLICT", "Cannot use transaction: the function that it was given to has returned");
    }
    keyspace.stopClock();
    return keyspace;
  }

  #openToWrite(): Keyspace {
    if (this.#isChanging) {
      throw new StorageError(
        "CONFLICT",
        "Cannot write while a function given to update or transact runs: it would not be atomic",
      );
    }
    return this.#open();
  }

  /** Runs what calls a function of the user's, which must not write to this meanwhile. */
  #guard<T>(run: () => T): T {
    this.#isChanging = true;
    try {
      return run();
    } finally {
      this.#isChanging = false;
    }
  }

  static {
    for (const [name, operation] of Object.entries(OPERATIONS) as [string, AnyOperation][]) {
      const isRead = READS.has(name);
      Object.defineProperty(this.prototype, name, {
        value(this: SyncStore, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): unknown {
          return operation(isRead ? this.#open() : this.#openToWrite(), a, b, c, d, e);
        },
        writable: true,
        configurable: true,
      });
    }
  }
}
