import type { ValueType } from "@ferrite/storage";
import { textOf } from "../bytes.ts";
import { type Face, numbered } from "./face.ts";

/** A type of value, so that tests can do the same with each. */
export interface Kind {
  readonly type: ValueType;
  /** Puts elements there, or more of them. */
  add(store: Face, key: string, names: string[]): unknown;
  /** The same in one line, in an order of its own. */
  read(store: Face, key: string): Promise<string>;
  /** Takes all elements away, one way after another, from keys made anew for each. */
  readonly emptying: Record<string, (store: Face, key: string) => unknown>;
}

export const COLLECTIONS: readonly Kind[] = [
  {
    type: "list",
    add: (store, key, names) => store.rpush(key, names),
    read: async (store, key) => (await store.lrange(key, 0, -1)).map(textOf).join(),
    emptying: {
      lpop: (store, key) => store.lpop(key, 1000),
      rpop: (store, key) => store.rpop(key, 1000),
      ltrim: (store, key) => store.ltrim(key, 1, 0),
      lrem: async (store, key) => {
        for (const name of await store.lrange(key, 0, -1)) await store.lrem(key, 0, name);
      },
      lmove: async (store, key) => {
        while (await store.lmove(key, "moved", "left", "right") !== null);
        await store.del("moved");
      },
    },
  },
  {
    type: "hash",
    add: (store, key, names) => store.hmset(key, names.map((name): [string, string] => [name, `v${name}`])),
    read: async (store, key) =>
      (await store.hgetall(key)).map(([field, value]) => `${textOf(field)}=${textOf(value)}`).sort().join(),
    emptying: {
      hdel: async (store, key) => store.hdel(key, await store.hkeys(key)),
    },
  },
  {
    type: "set",
    add: (store, key, names) => store.sadd(key, names),
    read: async (store, key) => (await store.smembers(key)).map(textOf).sort().join(),
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
  },
  {
    type: "zset",
    add: (store, key, names) => store.zadd(key, names.map((name): [number, string] => [name.length, name])),
    read: async (store, key) =>
      (await store.zrangeWithScores(key, 0, -1)).map(([member, score]) => `${textOf(member)}=${score}`).join(),
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
  },
];

export const STRING: Kind = {
  type: "string",
  add: (store, key, names) => store.append(key, names.join()),
  read: async (store, key) => textOf(await store.get(key)) ?? "",
  emptying: {},
};

export const KINDS: readonly Kind[] = [STRING, ...COLLECTIONS];

/** Elements that fit in one node, elements that need many, and long ones. */
export const CONTENTS: readonly string[][] = [
  ["a", "b", "c"],
  numbered(3000),
  ["short", "m".repeat(600), "n".repeat(20_000)],
];

/** What a key holds, whatever its type, or a digest of it where it is long; `null` for nothing. */
export async function contentOf(store: Face, key: string): Promise<string | null> {
  const type = await store.type(key);
  if (type === null) return null;
  const kind = KINDS.find((kind) => kind.type === type)!;
  const text = `${type} ${await kind.read(store, key)}`;
  return text.length < 300 ? text : `${text.slice(0, 100)}… (${text.length} characters, digest ${digest(text)})`;
}

function digest(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum, 31) + text.charCodeAt(i) | 0;
  return sum;
}
