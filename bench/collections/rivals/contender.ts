import type { Read } from "../../rivals/contender.ts";
import type { Work } from "../worker/work.ts";
import type { Group, Workload } from "../workloads.ts";

/** What is called on collections, by Redis's names. One call is one command; what it gives is checked. */
export interface Operations {
  rpush(key: string, value: Uint8Array): unknown;
  lpush(key: string, value: Uint8Array): unknown;
  rpop(key: string): Read;
  lindex(key: string, position: number): Read;
  lset(key: string, position: number, value: Uint8Array): unknown;
  /** Gives the new length. */
  linsertAt(key: string, position: number, value: Uint8Array): number;
  /** Cuts a list back to its first elements. */
  truncate(key: string, length: number): unknown;
  hset(key: string, field: string, value: Uint8Array): unknown;
  hget(key: string, field: string): Read;
  sadd(key: string, member: string): unknown;
  sismember(key: string, member: string): boolean | number;
  zadd(key: string, score: number, member: string): unknown;
  zscore(key: string, member: string): number | null | undefined;
  zrank(key: string, member: string): number | null | undefined;
  zrange(key: string, start: number, stop: number): ArrayLike<Uint8Array | string>;
  /** Gives the new score. */
  zincrBy(key: string, increment: number, member: string): number | null;
  /** How many elements there are. */
  llen(key: string): number;
  hlen(key: string): number;
  scard(key: string): number;
  zcard(key: string): number;
}

/** The same with promises. */
export type AsyncOperations = {
  [K in keyof Operations]: (...args: Parameters<Operations[K]>) => Promise<ReturnType<Operations[K]>>;
};

/** One way to use a contender that answers at once. What it has no call for is left out and not measured. */
export interface SyncFace extends Partial<Operations> {
  readonly label: string;
  readonly isAsync: false;
}

/** One way to use a contender that answers with promises. */
export interface AsyncFace extends Partial<AsyncOperations> {
  readonly label: string;
  readonly isAsync: true;
  /** Calls that are made before the first one is awaited; 1 for one after another. */
  inFlight(workload: Workload): number;
  /** Where `linsertAt` needs an element to stand before: called with its position whenever the list was cut back. */
  setPivot?(key: string, position: number): Promise<unknown>;
  /** Writes elements with as few calls as it can, where nobody takes the time. */
  writeMany?(group: Group, work: Work): Promise<void>;
}

export type Face = SyncFace | AsyncFace;

/** What collections take of memory. */
export interface Weight {
  /** Records and their share of what finds them, without what is held for more. */
  bytes: number;
  /** The part of `bytes` that finds keys, where it is told apart. */
  indexBytes: number | null;
  /** All that was taken from the system for them. */
  heldBytes: number;
}

export interface CollectionContender {
  readonly faces: readonly Face[];
  /** Values are given in this form, made before the clock starts. */
  wrap?(value: Uint8Array): Uint8Array;
  /** A server's own account of its time, since `start`. */
  readonly serverClock?: { start(): Promise<void>; nsPerCall(): Promise<number> };
  /** Weighs all there is, which is under these keys. `empty` is what was found before there was anything. */
  weigh?(keys: readonly string[], empty?: Weight): Weight | Promise<Weight>;
  version?: string;
  /** Removes everything. */
  clear(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** Throws when the contender cannot run here. */
export type Open = () => CollectionContender | Promise<CollectionContender>;
