import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { SyncCollectionOps, SyncStorageEngine } from "@ferrite/storage";

type Reader = SyncStorageEngine & SyncCollectionOps;

/** What a key holds, in a form that JSON keeps; `null` for nothing. What has an order keeps it, the rest is sorted. */
export type Content = readonly [type: string, expiryDay: string | null, value: unknown] | null;

/** By key. */
export type Contents = Record<string, Content>;

/** Longer ones are told by their hash. */
const LONGEST_SHOWN = 64;

/** What a key of a store holds. */
export function contentOf(store: Reader, key: string): Content {
  const type = store.type(key);
  if (type === null) return null;
  const ttl = store.ttl(key)!;
  const expiryDay = ttl === Infinity ? null : new Date(Date.now() + ttl).toISOString().slice(0, 10);
  return [type, expiryDay, READ[type](store, key)];
}

/** What all keys of a store hold. */
export function contentsOf(store: Reader): Contents {
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const step = store.scan({ cursor, count: 1000 });
    for (const key of step.keys) keys.push(new TextDecoder().decode(key));
    ({ cursor } = step);
  } while (cursor !== null);
  return Object.fromEntries(keys.sort().map((key) => [key, contentOf(store, key)]));
}

/** Says what is wrong with the first key that holds something else. */
export function assertSameContents(found: Contents, expected: Contents): void {
  assertEquals(Object.keys(found), Object.keys(expected));
  for (const [key, content] of Object.entries(expected)) {
    // The assertion is slow, also when there is nothing to show.
    if (JSON.stringify(found[key]) !== JSON.stringify(content)) assertEquals(found[key], content, key);
  }
}

const READ: Record<NonNullable<ReturnType<Reader["type"]>>, (store: Reader, key: string) => unknown> = {
  string: (store, key) => shown(store.get(key)!),
  list: (store, key) => store.lrange(key, 0, -1).map(shown),
  hash: (store, key) => store.hgetall(key).map(([field, value]) => [shown(field), shown(value)]).sort(byFirst),
  set: (store, key) => store.smembers(key).map(shown).sort(),
  zset: (store, key) => store.zrangeWithScores(key, 0, -1).map(([member, score]) => [shown(member), score]),
};

/** Fields are different, so that values need not be compared. */
function byFirst(a: string[], b: string[]): number {
  return a[0] < b[0] ? -1 : 1;
}

function shown(bytes: Uint8Array): string {
  if (bytes.length <= LONGEST_SHOWN) return String.fromCharCode(...bytes);
  return `${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex")}`;
}
