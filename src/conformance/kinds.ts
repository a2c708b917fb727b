import type { Capabilities, Transaction, ValueType } from "../engine.ts";
import { textOf } from "./bytes.ts";
import type { Face } from "./face.ts";

/** A type of value, so that tests can do the same with each. */
export interface Kind {
  readonly type: ValueType;
  /** Puts elements there, or more of them. */
  add(store: Face | Transaction, key: string, names: string[]): unknown;
  /** The same in one line, in an order of its own. */
  read(store: Face, key: string): Promise<string>;
}

/** A type that has elements, and is gone without them. */
export interface Collection extends Kind {
  readonly type: Exclude<ValueType, "string">;
  /** Which capability stores with this type have. */
  readonly capability: keyof Capabilities;
  /** Puts one element there that is, or has, this value. */
  put(store: Face, key: string, value: Uint8Array): unknown;
  /** That value, as each of the calls gives it that read elements. */
  readonly reads: readonly ((store: Face, key: string) => Promise<(Uint8Array | null)[]>)[];
  /** The bytes of all elements, fields as well as values. */
  readAll(store: Face, key: string): Promise<Uint8Array[]>;
  /** Takes three elements away, one way after another, from keys made anew for each. */
  readonly emptying: Record<string, (store: Face, key: string) => unknown>;
}

/** The one type that every store has. */
export const STRING: Kind = {
  type: "string",
  add: (store, key, names) => store.append(key, names.join()),
  read: async (store, key) => textOf(await store.get(key)) ?? "",
};

const list: Collection = {
  type: "list",
  capability: "lists",
  add: (store, key, names) => store.rpush(key, names),
  read: async (store, key) => (await store.lrange(key, 0, -1)).map(textOf).join(),
  put: (store, key, value) => store.rpush(key, [value]),
  reads: [
    async (store, key) => await store.lrange(key, 0, -1),
    async (store, key) => [await store.lindex(key, 0)],
  ],
  readAll: async (store, key) => await store.lrange(key, 0, -1),
  emptying: {
    lpop: (store, key) => store.lpop(key, 1000),
    rpop: (store, key) => store.rpop(key, 1000),
    ltrim: (store, key) => store.ltrim(key, 1, 0),
    lrem: async (store, key) => {
      for (const name of await store.lrange(key, 0, -1)) await store.lrem(key, 0, name);
    },
    lmove: async (store, key) => {
      for (let i = 0; i < 3; i++) await store.lmove(key, "moved", "left", "right");
      await store.del("moved");
    },
  },
};

const hash: Collection = {
  type: "hash",
  capability: "hashes",
  add: (store, key, names) => store.hmset(key, names.map((name): [string, string] => [name, `v${name}`])),
  read: async (store, key) =>
    (await store.hgetall(key)).map(([field, value]) => `${textOf(field)}=${textOf(value)}`).sort().join(),
  put: (store, key, value) => store.hset(key, "f", value),
  reads: [
    async (store, key) => (await store.hgetall(key)).map(([, value]) => value),
    async (store, key) => await store.hvals(key),
    async (store, key) => [await store.hget(key, "f")],
  ],
  readAll: async (store, key) => (await store.hgetall(key)).flat(),
  emptying: {
    hdel: async (store, key) => store.hdel(key, await store.hkeys(key)),
  },
};

const set: Collection = {
  type: "set",
  capability: "sets",
  add: (store, key, names) => store.sadd(key, names),
  read: async (store, key) => (await store.smembers(key)).map(textOf).sort().join(),
  put: (store, key, value) => store.sadd(key, [value]),
  reads: [async (store, key) => await store.smembers(key)],
  readAll: async (store, key) => await store.smembers(key),
  emptying: {
    srem: async (store, key) => store.srem(key, await store.smembers(key)),
    spop: (store, key) => store.spop(key, 1000),
    smove: async (store, key) => {
      for (const name of await store.smembers(key)) await store.smove(key, "moved", name);
      await store.del("moved");
    },
    sinterStore: (store, key) => store.sinterStore(key, [key, "none"]),
    sunionStore: (store, key) => store.sunionStore(key, ["none"]),
    sdiffStore: (store, key) => store.sdiffStore(key, [key, key]),
  },
};

const zset: Collection = {
  type: "zset",
  capability: "sortedSets",
  add: (store, key, names) => store.zadd(key, names.map((name): [number, string] => [name.length, name])),
  read: async (store, key) =>
    (await store.zrangeWithScores(key, 0, -1)).map(([member, score]) => `${textOf(member)}=${score}`).join(),
  put: (store, key, value) => store.zadd(key, [[1, value]]),
  reads: [
    async (store, key) => (await store.zrangeWithScores(key, 0, -1)).map(([member]) => member),
    async (store, key) => await store.zrange(key, 0, -1),
  ],
  readAll: async (store, key) => (await store.zrangeWithScores(key, 0, -1)).map(([member]) => member),
  emptying: {
    zrem: async (store, key) => store.zrem(key, await store.zrange(key, 0, -1)),
    zremRangeByRank: (store, key) => store.zremRangeByRank(key, 0, -1),
    zremRangeByScore: (store, key) => store.zremRangeByScore(key, -Infinity, Infinity),
    zremRangeByLex: (store, key) => store.zremRangeByLex(key, null, null),
    zpopMin: (store, key) => store.zpopMin(key, 1000),
    zpopMax: (store, key) => store.zpopMax(key, 1000),
    zrangeStore: (store, key) => store.zrangeStore(key, key, { by: "rank", start: 5000, stop: 6000 }),
    zunionStore: (store, key) => store.zunionStore(key, ["none"]),
    zinterStore: (store, key) => store.zinterStore(key, [key, "none"]),
    zdiffStore: (store, key) => store.zdiffStore(key, [key, key]),
  },
};

/** All types that have elements. */
export const COLLECTIONS: readonly Collection[] = [list, hash, set, zset];

/** All types. */
export const KINDS: readonly Kind[] = [STRING, ...COLLECTIONS];
