// What a view of a store can do, by types.

import type { HashOps, ListOps, SetOps, SortedSetOps } from "../../collections.ts";
import type { StorageEngine, Sync, SyncTransactionOps, TransactionOps } from "../../engine.ts";
import type {
  CallOptions,
  CopyOptions,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  RenameOptions,
  ScanOptions,
  SetOptions,
  ValueType,
} from "../../engine.ts";

/**
 * A store whose values have the type `T`, and whose keys and fields come back as strings. It has the data types of `S`, `sync` and
 * `transact` where `S` has them. Values of a wrong form are `WRONG_TYPE`. Made by `text`, `json` or `withCodec`.
 */
export type View<T, S extends StorageEngine = StorageEngine> =
  & ValueOps<T>
  & (S extends ListOps ? ListOps<T, T> : unknown)
  & (S extends HashOps ? HashOps<T, T, string> : unknown)
  & (S extends SetOps ? SetOps<T, T> : unknown)
  & (S extends SortedSetOps ? SortedSetOps<T, T> : unknown)
  & (S extends TransactionOps ? ViewTransactionOps<T> : unknown)
  & {
    /** The store underneath. */
    readonly store: S;
    /** The same operations answered at once; `undefined` where the store cannot do that. */
    readonly sync: SyncView<T, S, S["sync"]>;
  };

/** The sync face of a {@linkcode View}. */
export type SyncView<T, S extends StorageEngine, F> = F extends undefined ? undefined
  :
    & SyncValueOps<T>
    & (S extends ListOps ? Sync<ListOps<T, T>> : unknown)
    & (S extends HashOps ? SyncHashView<T> : unknown)
    & (S extends SetOps ? Sync<SetOps<T, T>> : unknown)
    & (S extends SortedSetOps ? Sync<SortedSetOps<T, T>> : unknown)
    & (F extends SyncTransactionOps ? SyncViewTransactionOps<T> : unknown);

/** Where a scan over keys goes on, and the keys found. */
export interface KeyScan {
  /** For the next step; `null` when the scan is over. */
  cursor: string | null;
  /** The keys found. */
  keys: string[];
}

/** What `update` of a {@linkcode View} calls: a value, or `null` for none, to the new one, `null` to remove it, `undefined` to leave it. */
export type ChangeOf<T> = (value: T | null) => T | null | undefined;

/** The operations on keys and their values. They do what those of `StorageEngine` do. */
export interface ValueOps<T> {
  /** Reads a value; `null` when the key holds none. */
  get(key: Key, options?: CallOptions): Promise<T | null>;
  /** Writes a value. */
  set(key: Key, value: T, options?: SetOptions): Promise<boolean>;
  /** Removes a key. */
  del(key: Key, options?: CallOptions): Promise<boolean>;
  /** Whether the key holds anything. */
  exists(key: Key, options?: CallOptions): Promise<boolean>;
  /** Reads many values, in the order of the keys. */
  mget(keys: readonly Key[], options?: CallOptions): Promise<(T | null)[]>;
  /** Writes many values, all or none of them. */
  mset(entries: Iterable<readonly [Key, T]>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<void>;
  /** Replaces a value by what `change` makes of it, atomically. */
  update(key: Key, change: ChangeOf<T>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<T | null>;
  /** Adds to an integer. */
  incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Promise<Integer<N>>;
  /** Gives what a key holds another key. */
  rename(source: Key, destination: Key, options?: RenameOptions): Promise<boolean>;
  /** Copies what a key holds to another key. */
  copy(source: Key, destination: Key, options?: CopyOptions): Promise<boolean>;
  /** Lets a key expire in `ttl` milliseconds. */
  expire(key: Key, ttl: number, options?: ExpireOptions): Promise<boolean>;
  /** Milliseconds until the key expires. */
  ttl(key: Key, options?: CallOptions): Promise<number | null>;
  /** Forgets a key's expiry. */
  persist(key: Key, options?: CallOptions): Promise<boolean>;
  /** What the key holds. */
  type(key: Key, options?: CallOptions): Promise<ValueType | null>;
  /** One step over all keys. */
  scan(options?: ScanOptions): Promise<KeyScan>;
  /** All keys. */
  keys(options?: KeysOptions): AsyncIterableIterator<string>;
  /** How many keys there are. */
  size(options?: CallOptions): Promise<number>;
  /** Removes everything. */
  clear(options?: CallOptions): Promise<void>;
}

/** The operations of {@linkcode ValueOps}, answered at once. */
export interface SyncValueOps<T> extends Sync<Omit<ValueOps<T>, "incrBy" | "keys">> {
  /** Adds to an integer. */
  incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Integer<N>;
  /** All keys. */
  keys(options?: KeysOptions): IterableIterator<string>;
}

/** The operations on hashes of a {@linkcode View}, answered at once. */
export interface SyncHashView<T> extends Sync<Omit<HashOps<T, T, string>, "hincrBy">> {
  /** Adds to an integer. */
  hincrBy<N extends number | bigint = number>(key: Key, field: Key, delta?: N, options?: CallOptions): Integer<N>;
}

/** What `transact` of a {@linkcode View} hands to its function. */
export interface TransactionView<T>
  extends
    Omit<SyncValueOps<T>, "clear">,
    Sync<ListOps<T, T>>,
    SyncHashView<T>,
    Sync<SetOps<T, T>>,
    Sync<SortedSetOps<T, T>> {}

/** Several operations on several keys of a {@linkcode View}, all or nothing. */
export interface ViewTransactionOps<T> {
  /** See `TransactionOps.transact`. */
  transact<R>(change: (transaction: TransactionView<T>) => R, options?: CallOptions): Promise<R>;
}

/** The operations of {@linkcode ViewTransactionOps}, answered at once. */
export interface SyncViewTransactionOps<T> {
  /** See `TransactionOps.transact`. */
  transact<R>(change: (transaction: TransactionView<T>) => R, options?: CallOptions): R;
}
