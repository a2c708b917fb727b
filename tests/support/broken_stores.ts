import {
  type Bytes,
  type Capabilities,
  type Key,
  MemoryStore,
  type ScanOptions,
  type SetOptions,
  type StorageEngine,
  StorageError,
  type Transaction,
  type Value,
} from "@ferrite/storage";
import { sleep } from "./bytes.ts";
import { MEMORY } from "./capabilities.ts";

/** What these stores must be able to do. Half of the suite is about `sync`, and that is like the other half. */
export const WITHOUT_SYNC: Capabilities = Object.freeze({ ...MEMORY, sync: false });

/** The same object, some of whose members are others. */
export function overlaid<T extends object>(target: T, members: Record<string | symbol, unknown>): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in members) return members[name];
      const member = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** A way in which a store can be wrong. */
export interface Fault {
  readonly what: string;
  /** The members that do something else than those of `store`. */
  readonly members: (store: MemoryStore) => Record<string, unknown>;
  /** Which test must fail. */
  readonly test: string;
  /** What it must say. */
  readonly failure: RegExp;
}

/** A store that has one fault. */
export function brokenStore({ members }: Fault): StorageEngine {
  const store = new MemoryStore({ maxSize: "64MB" });
  return overlaid(store, { sync: undefined, supports: WITHOUT_SYNC, ...members(store) });
}

/** Keeps each value that is set beside the store, for `get`. */
function keeping(store: MemoryStore, given: (value: Bytes) => Bytes, read: (value: Bytes) => Bytes) {
  const kept = new Map<string, Bytes>();
  return {
    set: (key: Key, value: Value, options?: SetOptions) => {
      if (value instanceof Uint8Array) kept.set(String(key), given(value as Bytes));
      else kept.delete(String(key));
      return store.set(key, value, options);
    },
    get: async (key: Key) => {
      const value = kept.get(String(key));
      return value === undefined ? await store.get(key) : read(value);
    },
  };
}

type IncrBy = [key: Key, delta?: number | bigint];

export const FAULTS: readonly Fault[] = [
  {
    what: "loses writes",
    members: () => ({ set: () => Promise.resolve(true) }),
    test: "gives back what was set, and null for what was not",
    failure: /null/,
  },
  {
    what: "cuts off long values",
    members: (store) => ({ set: (key: Key, value: Value) => store.set(key, value.slice(0, 16_352)) }),
    test: "takes values of every length around the limits of a record, as text and as bytes",
    failure: /bytes of length 16353 has 16352 bytes, not 16353/,
  },
  {
    what: "gives the sum of incrBy and does not write it",
    members: (store) => ({
      incrBy: async (...[key, delta]: IncrBy) => {
        const before = await store.get(key);
        const sum = await store.incrBy(key, delta);
        if (before === null) await store.del(key);
        else await store.set(key, before);
        return sum;
      },
    }),
    test: "incrBy counts with numbers and with bigints, in 64 bits",
    failure: /41 !== 42/,
  },
  {
    what: "says that del has removed what was not there",
    members: (store) => ({ del: (key: Key) => store.del(key).then(() => true) }),
    test: "del removes, and tells what was there",
    failure: /del of a key that is not there: .*true !== false/s,
  },
  {
    what: "removes nothing by del",
    members: (store) => ({ del: (key: Key) => store.exists(key) }),
    test: "del removes, and tells what was there",
    failure: /del of a key that is not there: .*true !== false/s,
  },
  {
    what: "ignores ttl",
    members: (store) => ({
      set: (key: Key, value: Value, options?: SetOptions) => store.set(key, value, { ...options, ttl: undefined }),
    }),
    test: "ttl: null for no key, Infinity for no expiry, else what is left",
    failure: /ttl is Infinity, not between 9000 and 10001/,
  },
  {
    what: "takes ttl for seconds",
    members: (store) => ({ expire: (key: Key, ttl: number) => store.expire(key, ttl * 1000) }),
    test: "expire and persist change when a key goes, not what it holds",
    failure: /ttl is \d{8}, not between 40000 and 50001/,
  },
  {
    what: "hands out memory that it reads again",
    members: (store) => keeping(store, (value) => value.slice(), (value) => value),
    test: "gives copies: neither side's changes reach the other",
    failure: /when what was read had been changed, has 1 as byte 1 of 100, not 32/,
  },
  {
    what: "keeps memory that it was given",
    members: (store) => keeping(store, (value) => value, (value) => value.slice()),
    test: "gives copies: neither side's changes reach the other",
    failure: /when what was set had been changed, has 0 as byte 0 of 100, not 1/,
  },
  {
    what: "fails without a code",
    members: (store) => ({
      incrBy: async (...args: IncrBy) => {
        try {
          return await store.incrBy(...args);
        } catch (error) {
          throw new Error((error as Error).message);
        }
      },
    }),
    test: "incrBy counts with numbers and with bigints, in 64 bits",
    failure: /store\.incrBy\("n", ?1n\) failed with Error: .*no StorageError: OUT_OF_RANGE/,
  },
  {
    what: "fails with another code",
    members: (store) => ({
      incrBy: async (...args: IncrBy) => {
        try {
          return await store.incrBy(...args);
        } catch (error) {
          throw new StorageError("CORRUPT", (error as Error).message);
        }
      },
    }),
    test: "incrBy counts with numbers and with bigints, in 64 bits",
    failure: /store\.incrBy\("n", ?1n\) failed with CORRUPT .*not with OUT_OF_RANGE/,
  },
  {
    what: "does what it must refuse",
    members: (store) => ({ get: (key: Key) => store.get(key).catch(() => null) }),
    test: "operations on a string refuse keys of every other type, and change nothing",
    failure: /get on a list: .*gave null, but must fail with WRONG_TYPE/,
  },
  {
    what: "has a manifest that can be changed",
    members: () => ({ supports: { ...WITHOUT_SYNC } }),
    test: "has the capabilities it is meant to have",
    failure: /store\.supports is not frozen/,
  },
  {
    what: "has another manifest",
    members: () => ({ supports: Object.freeze({ ...WITHOUT_SYNC, lists: false }) }),
    test: "has the capabilities it is meant to have",
    failure: /store\.supports: .*lists: false/s,
  },
  {
    what: "does not undo transactions",
    members: (store) => ({
      transact: async (change: (tx: Transaction) => unknown) => {
        const thrown: unknown[] = [];
        const result = await store.transact((tx) => {
          try {
            return change(tx);
          } catch (error) {
            thrown.push(error);
          }
        });
        if (thrown.length > 0) throw thrown[0];
        return result;
      },
    }),
    test: "a transaction that throws leaves no trace: new keys",
    failure: /number \d+ is "new/,
  },
  {
    what: "writes a part of an mset that fails",
    members: (store) => ({
      mset: async (entries: [Key, Value][], options?: SetOptions) => {
        try {
          await store.mset(entries, options);
        } catch (error) {
          await store.set(...entries[0]);
          throw error;
        }
      },
    }),
    test: "mset writes nothing when one entry is wrong",
    failure: /1 !== 0/,
  },
  {
    what: "puts what is pushed at the wrong end",
    members: (store) => ({ lpush: (key: Key, values: Value[]) => store.rpush(key, values) }),
    test: "lpush puts one value after another before the first, rpush behind the last",
    failure: /'abcda'/,
  },
  {
    what: "says of each field that it is new",
    members: (store) => ({
      hset: async (key: Key, field: Key, value: Value) => {
        await store.hset(key, field, value);
        return true;
      },
    }),
    test: "hset tells whether a field is new, hget gives its value or null",
    failure: /true !== false/,
  },
  {
    what: "counts members twice",
    members: (store) => ({
      sadd: async (key: Key, members: Key[]) => {
        await store.sadd(key, members);
        return members.length;
      },
    }),
    test: "sadd counts new members, srem those that were there",
    failure: /3 !== 2/,
  },
  {
    what: "counts ranks from 1",
    members: (store) => ({
      zrank: async (key: Key, member: Key) => {
        const rank = await store.zrank(key, member);
        return rank === null ? null : rank + 1;
      },
    }),
    test: "zrank and zrevRank tell how many members come before and after",
    failure: /\+ +1,\n- +0,/,
  },
  {
    what: "forgets a key in each step of a scan",
    members: (store) => ({
      scan: async (options?: ScanOptions) => {
        const step = await store.scan(options);
        return { ...step, keys: step.keys.slice(1) };
      },
    }),
    test: "scan goes over every key, whatever the count",
    failure: /- +'key:/,
  },
  {
    what: "scans for ever",
    members: (store) => ({
      scan: async (options?: ScanOptions) => ({ ...await store.scan({ ...options, cursor: null }), cursor: "1" }),
    }),
    test: "scan goes over every key, whatever the count",
    failure: /the scan does not end/,
  },
  {
    what: "forgets an expiry in rename",
    members: (store) => ({
      rename: async (source: Key, destination: Key) => {
        const isDone = await store.rename(source, destination);
        await store.persist(destination);
        return isDone;
      },
    }),
    test: "rename moves what a key holds, with its expiry, over whatever there was",
    failure: /ttl is Infinity/,
  },
  {
    what: "restores nothing",
    members: () => ({ restore: () => Promise.resolve() }),
    test: "restore brings back what there was at a checkpoint",
    failure: /what was restored: .*more/s,
  },
  {
    what: "writes later than it was called",
    members: (store) => ({
      set: async (key: Key, value: Value) => {
        await sleep(1);
        return await store.set(key, value);
      },
    }),
    test: "takes operations on one key in the order they are called",
    failure: /\+ +5,\n- +6,/,
  },
  {
    what: "does what a signal has called off",
    members: (store) => ({
      set: (key: Key, value: Value, options?: SetOptions) => store.set(key, value, { ...options, signal: undefined }),
    }),
    test: "rejects a call whose signal is aborted, and has not done it",
    failure: /not with the signal's reason/,
  },
  {
    what: "goes on after close",
    members: () => ({ close: () => Promise.resolve() }),
    test: "answers CLOSED after close, which can be called twice",
    failure: /but must fail with CLOSED/,
  },
];
