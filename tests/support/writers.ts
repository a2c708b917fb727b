import type { CollectionOps, StorageEngine, TransactionOps } from "@ferrite/storage";
import { pattern } from "./bytes.ts";

/** A store of all types. */
export type AnyStore = StorageEngine & CollectionOps & TransactionOps;

/**
 * One who writes, step after step, each when the one before has been acknowledged. A step depends on nothing but its number, from 1 on,
 * so that what a writer's keys must hold is told by how far it has come.
 */
export interface Writer {
  readonly keys: readonly string[];
  readonly step: (store: AnyStore, n: number) => Promise<unknown>;
}

/** Noon, so that a few milliseconds do not make it another day. */
export const FAR_FUTURE: number = Date.UTC(2100, 0, 1, 12);
const tillFarFuture = (): number => FAR_FUTURE - Date.now();

type Kind = (name: string) => Writer;

const strings: Kind = (name) => {
  const key = (n: number) => `${name}:${n % 64}`;
  return {
    keys: Array.from({ length: 64 }, (_, n) => key(n)),
    // Now and then one that is made of several records.
    step: (store, n) => store.set(key(n), pattern(n % 20 === 0 ? 20_000 + n % 30_000 : n * 37 % 2500, n)),
  };
};

/** More than a small store has room for in memory: what is added goes to something that is on disk. */
const archive: Kind = (name) => {
  const boxes = 20;
  const keys = Array.from({ length: 200 }, (_, i) => `${name}:${i}`);
  return {
    keys,
    step(store, n) {
      if (n > boxes) return store.append(keys[n * 7919 % keys.length], pattern(n % 300, n));
      const box = keys.filter((_, i) => i % boxes === n - 1);
      return store.mset(box.map((key, i) => [key, pattern(10_000 + i * 600, i)]));
    },
  };
};

const counter: Kind = (name) => ({ keys: [name], step: (store) => store.incrBy(name) });

const journal: Kind = (name) => ({
  keys: [name],
  step: (store, n) => n % 500 === 0 ? store.set(name, "") : store.append(name, pattern(n * 13 % 400, n)),
});

const patchwork: Kind = (name) => ({
  keys: [name],
  step: (store, n) => store.setRange(name, n * 7919 % 200_000, pattern(100 + n % 20_000, n)),
});

const comingAndGoing: Kind = (name) => ({
  keys: [name],
  step: (store, n) => n % 2 === 0 ? store.del(name) : store.set(name, pattern(n % 3000, n)),
});

const expiring: Kind = (name) => ({
  keys: [name],
  step(store, n) {
    if (n % 3 === 1) return store.set(name, `${n}`, { ttl: tillFarFuture() });
    return n % 3 === 2 ? store.persist(name) : store.expire(name, tillFarFuture());
  },
});

const batches: Kind = (name) => {
  const keys = Array.from({ length: 8 }, (_, i) => `${name}:${i}`);
  return { keys, step: (store, n) => store.mset(keys.map((key) => [key, `${n}`])) };
};

const list: Kind = (name) => ({
  keys: [name],
  step(store, n) {
    if (n % 5 === 0) return store.lpop(name, 3);
    return n % 7 === 0 ? store.linsertAt(name, 2, `between ${n}`) : store.rpush(name, [`${n}`, pattern(n % 700, n)]);
  },
});

const hash: Kind = (name) => ({
  keys: [name],
  step(store, n) {
    if (n % 7 === 0) return store.hdel(name, [`${n * 3 % 200}`, `${n * 5 % 200}`]);
    // Now and then one that is longer than a record.
    return store.hset(name, `${n % 200}`, pattern(n % 50 === 0 ? 70_000 : n * 31 % 300, n));
  },
});

const set: Kind = (name) => ({
  keys: [name],
  step: (store, n) =>
    n % 4 === 0 ? store.srem(name, [`${n * 3 % 500}`, `${n}`]) : store.sadd(name, [`${n % 500}`, `${n * 11 % 500}`]),
});

const sortedSet: Kind = (name) => ({
  keys: [name],
  step(store, n) {
    if (n % 97 === 0) return store.zremRangeByRank(name, 0, 20);
    const member = `member ${n * 17 % 400}`;
    return n % 3 === 0 ? store.zincrBy(name, n % 10 - 4.5, member) : store.zadd(name, [[n % 1000, member]]);
  },
});

const mover: Kind = (name) => {
  const [left, right] = [`${name}:left`, `${name}:right`];
  return {
    keys: [left, right],
    step(store, n) {
      if (n % 5 === 1) return store.sadd(left, [`${n}`, `${n + 1}`]);
      return n % 5 === 4 ? store.rename(left, right) : store.smove(left, right, `${n - n % 5 + n % 2 + 1}`);
    },
  };
};

const ACCOUNTS = 20;
const account = (i: number) => `account:${i % ACCOUNTS}`;

/** Keys that all tellers write, so that they tell nothing of a single one; the sum of them is 0 at any time. */
export const SHARED_KEYS: readonly string[] = Array.from({ length: ACCOUNTS }, (_, i) => account(i));

const teller: Kind = (name) => {
  const [count, slips] = [`${name}:count`, `${name}:slips`];
  return {
    keys: [count, slips],
    step: (store, n) =>
      store.transact((tx) => {
        tx.incrBy(account(n * 7), -n);
        tx.incrBy(account(n * 7 + 1 + n % (ACCOUNTS - 1)), n);
        tx.incrBy(count);
        tx.rpush(slips, [pattern(n % 5000, n)]);
        if (n % 10 === 0) tx.ltrim(slips, -3, -1);
      }),
  };
};

const KINDS: Record<string, Kind> = {
  archive,
  strings,
  counter,
  journal,
  patchwork,
  comingAndGoing,
  expiring,
  batches,
  list,
  hash,
  set,
  sortedSet,
  mover,
  teller,
};

const OF_A_KIND = 4;

/** Writers of all types, some of each kind. */
export const WRITERS: readonly Writer[] = Object.entries(KINDS).flatMap(([name, kind]) =>
  Array.from({ length: OF_A_KIND }, (_, i) => kind(`${name}:${i}`))
);
