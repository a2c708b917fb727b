import type { CollectionOps, HashOps, ListOps, SetOps, SortedSetOps } from "../collections.ts";
import type { Bytes, Capabilities, Key, StorageEngine, Transaction } from "../engine.ts";
import { supportsTransactions } from "../capabilities.ts";
import { notAtomic } from "./errors.ts";
import { type Awaitable, ReplyError } from "./reply.ts";

/** Operations that answer at once or with a promise. */
type Either<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Awaitable<R> : T[K];
};

type KeyMethods =
  | "get"
  | "set"
  | "del"
  | "exists"
  | "mset"
  | "update"
  | "append"
  | "getRange"
  | "setRange"
  | "strlen"
  | "rename"
  | "copy"
  | "expire"
  | "ttl"
  | "persist"
  | "type"
  | "scan"
  | "size";

/** The operations on strings, and on keys of any type. */
export interface KeyOperations extends Either<Pick<StorageEngine, KeyMethods>> {
  incrBy(key: Key, delta: bigint): Awaitable<bigint>;
}

export type ListOperations = Either<ListOps>;

export interface HashOperations extends Either<Omit<HashOps, "hincrBy">> {
  hincrBy(key: Key, field: Key, delta: bigint): Awaitable<bigint>;
}

export type SetOperations = Either<SetOps>;
export type SortedSetOperations = Either<SortedSetOps>;

type Face = KeyOperations & ListOperations & HashOperations & SetOperations & SortedSetOperations;

/** What commands work on: a store, or a transaction of one. */
export class Target {
  readonly store: StorageEngine;
  readonly #face: Face;
  readonly #transaction: Transaction | null;

  constructor(store: StorageEngine, transaction: Transaction | null = null) {
    this.store = store;
    this.#transaction = transaction;
    this.#face = transaction ?? store as StorageEngine & CollectionOps;
  }

  get keys(): KeyOperations {
    return this.#face;
  }

  get lists(): ListOperations {
    return this.#with("lists", "lists");
  }

  get hashes(): HashOperations {
    return this.#with("hashes", "hashes");
  }

  get sets(): SetOperations {
    return this.#with("sets", "sets");
  }

  get sortedSets(): SortedSetOperations {
    return this.#with("sortedSets", "sorted sets");
  }

  #with(capability: keyof Capabilities, name: string): Face {
    if (this.store.supports[capability]) return this.#face;
    throw new ReplyError(`ERR this store has no ${name}`);
  }

  /** Whether several operations can take effect as one. */
  get canTransact(): boolean {
    return this.#transaction !== null || this.store.supports.transactions;
  }

  /** Does several operations as one, which `what` names for the refusal of a store that cannot. */
  atomically<T>(what: string, change: (transaction: Transaction) => T): Awaitable<T> {
    if (this.#transaction !== null) return change(this.#transaction);
    if (supportsTransactions(this.store)) return this.store.transact(change);
    throw notAtomic(what);
  }

  /** Does several operations as one where the store can, and one after another where it cannot. */
  together<T>(change: (transaction: Transaction) => T, otherwise: () => Awaitable<T>): Awaitable<T> {
    return this.canTransact ? this.atomically("", change) : otherwise();
  }

  /** All keys that match a glob. */
  matching(match: Key): Awaitable<Bytes[]> {
    return this.#transaction === null ? collect(this.store.keys({ match })) : [...this.#transaction.keys({ match })];
  }

  /** Removes everything. */
  clear(): Promise<void> {
    if (this.#transaction === null) return this.store.clear();
    throw new ReplyError("ERR Command not allowed inside a transaction");
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
