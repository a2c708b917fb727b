import type { CollectionOps } from "../collections.ts";
import type { StorageEngine } from "../engine.ts";

export type Store = StorageEngine & CollectionOps;

/** What calls are made on. */
export interface Target {
  readonly store: Store;
  /** Key number `i` of this workload. */
  keyOf(i: number): string;
  /** How many there are. */
  readonly keys: number;
  readonly value: Uint8Array;
}

/** A call that is measured, with the number of a key chosen at random. */
export interface Workload {
  /** Run once for each key before. */
  prepare?: (target: Target, i: number) => Promise<unknown>;
  call: (target: Target, i: number) => Promise<unknown>;
}

const MGET_KEYS = 16;
const RANGE_ENTRIES = 10;
/** Elements of a collection to look into. */
const ELEMENTS = 100;

const setKey = ({ store, keyOf, value }: Target, i: number): Promise<unknown> => store.set(keyOf(i), value);
/** Collections are few, so that they get long. */
const collectionOf = ({ keyOf, keys }: Target, i: number): string => keyOf(i % Math.ceil(keys / ELEMENTS));
const addScore = (target: Target, i: number): Promise<unknown> =>
  target.store.zadd(collectionOf(target, i), [[i, `member ${i}`]]);
const addElement = (target: Target, i: number): Promise<unknown> =>
  target.store.rpush(collectionOf(target, i), [target.value]);
const addField = (target: Target, i: number): Promise<unknown> =>
  target.store.hset(collectionOf(target, i), `field ${i}`, target.value);

/** By their names, in the order in which they run. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  set: { call: setKey },
  get: { prepare: setKey, call: ({ store, keyOf }, i) => store.get(keyOf(i)) },
  mget16: {
    prepare: setKey,
    call: ({ store, keyOf, keys }, i) =>
      store.mget(Array.from({ length: MGET_KEYS }, (_, next) => keyOf((i + next) % keys))),
  },
  incr: { call: ({ store, keyOf }, i) => store.incrBy(keyOf(i)) },
  rpush: { call: addElement },
  rotate: {
    prepare: addElement,
    call: (target, i) => target.store.lmove(collectionOf(target, i), collectionOf(target, i), "left", "right"),
  },
  hset: { call: addField },
  hget: { prepare: addField, call: (target, i) => target.store.hget(collectionOf(target, i), `field ${i}`) },
  sadd: { call: (target, i) => target.store.sadd(collectionOf(target, i), [`member ${i}`]) },
  zadd: { call: addScore },
  zrange10: {
    prepare: addScore,
    call: (target, i) => target.store.zrange(collectionOf(target, i), 0, RANGE_ENTRIES - 1),
  },
};
