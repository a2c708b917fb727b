import type { CollectionOps, StorageEngine } from "@ferrite/storage";
import { type Plain, plainResult } from "../models/plain.ts";

/** A store with all data types. */
export type Store = StorageEngine & CollectionOps;

/** What a key holds, as text; `"nothing"` for nothing. What has no order is sorted. */
export async function contentOf(store: Store, key: string): Promise<string> {
  const type = await store.type(key);
  if (type === null) return "nothing";
  const ttl = await store.ttl(key);
  const expiryDay = ttl === Infinity ? null : new Date(Date.now() + ttl!).toISOString().slice(0, 10);
  return JSON.stringify([type, expiryDay, plainResult(await READ[type](store, key))]);
}

const READ: Record<string, (store: Store, key: string) => Promise<unknown>> = {
  string: (store, key) => store.get(key),
  list: (store, key) => store.lrange(key, 0, -1),
  hash: async (store, key) => sorted(await store.hgetall(key)),
  set: async (store, key) => sorted(await store.smembers(key)),
  zset: (store, key) => store.zrangeWithScores(key, 0, -1),
};

/** A result whose items come in no order. */
export function sorted(items: unknown): Plain {
  const names = (plainResult(items) as Plain[]).map((item) => JSON.stringify(item));
  return names.sort();
}
