import type { SyncCollectionOps, SyncStorageEngine } from "@ferrite/storage";

export type SyncFace = Omit<SyncStorageEngine, "clear" | "stats"> & SyncCollectionOps;

/** What a key holds, short enough to be kept for each state that there was. */
export interface Holding {
  /** Type, size and a checksum of all there is to read. */
  readonly print: string;
  /** When it expires, in milliseconds since 1970, or `Infinity`. */
  readonly expiry: number;
}

/** What a store holds. */
export type Content = ReadonlyMap<string, Holding>;

/** What a key holds; `null` for nothing. Throws where two ways to read it do not agree. */
export function holdingOf(store: SyncFace, key: string, now: number): Holding | null {
  const type = store.type(key);
  if (type === null) return null;
  return { print: printOf(store, key, type), expiry: now + store.ttl(key)! };
}

/** All that a store holds. */
export function contentOf(store: SyncFace, now: number): Content {
  const content = new Map<string, Holding>();
  for (const bytes of store.keys()) {
    const key = new TextDecoder().decode(bytes);
    const holding = holdingOf(store, key, now);
    if (holding === null) throw new Error(`keys() gives ${key}, which holds nothing`);
    content.set(key, holding);
  }
  return content;
}

/** Where a content is not as expected, in words; `null` where it is. What has expired by `now` does not count. */
export function differences(actual: Content, expected: Content, now: number): string | null {
  const found: string[] = [];
  const wanted = [...expected].filter(([, { expiry }]) => expiry > now);
  for (const [key, holding] of wanted) {
    const other = actual.get(key);
    if (show(other) !== show(holding)) found.push(`${key} holds ${show(other)}, not ${show(holding)}`);
  }
  for (const [key, holding] of actual) {
    const isExpected = (expected.get(key)?.expiry ?? 0) > now;
    if (!isExpected) found.push(`${key} holds ${show(holding)}, not nothing`);
  }
  return found.length === 0 ? null : found.join("; ");
}

function show(holding: Holding | undefined): string {
  return holding === undefined ? "nothing" : `${holding.print} until ${holding.expiry}`;
}

function printOf(store: SyncFace, key: string, type: string): string {
  switch (type) {
    case "string": {
      const value = store.get(key)!;
      assertAgree(key, "strlen", store.strlen(key), value.length);
      return `string of ${value.length} ${checksumOf(value)}`;
    }
    case "list": {
      const items = store.lrange(key, 0, -1);
      assertAgree(key, "llen", store.llen(key), items.length);
      return `list of ${items.length} ${items.reduce((sum, item) => Math.imul(sum, 31) + checksumOf(item) | 0, 0)}`;
    }
    case "hash": {
      const entries = store.hgetall(key);
      assertAgree(key, "hlen", store.hlen(key), entries.length);
      return `hash of ${entries.length} ${sumOf(entries, ([field, value]) => checksumOf(value, checksumOf(field)))}`;
    }
    case "set": {
      const members = store.smembers(key);
      assertAgree(key, "scard", store.scard(key), members.length);
      return `set of ${members.length} ${sumOf(members, (member) => checksumOf(member))}`;
    }
    default: {
      const entries = store.zrangeWithScores(key, 0, -1);
      assertAgree(key, "zcard", store.zcard(key), entries.length);
      // By their members, in the other tree.
      const scores = store.zmscore(key, entries.map(([member]) => member));
      entries.forEach(([, score], i) => assertAgree(key, `score ${i}`, scores[i], score));
      return `zset of ${entries.length} ${sumOf(entries, ([member, score]) => checksumOf(member, score * 1024 | 0))}`;
    }
  }
}

function assertAgree(key: string, what: string, one: unknown, other: unknown): void {
  if (one !== other) throw new Error(`${key}: ${what} is ${one} where what is read says ${other}`);
}

/** The same for any order. */
function sumOf<T>(items: readonly T[], checksum: (item: T) => number): number {
  return items.reduce((sum, item) => sum + checksum(item) | 0, 0);
}

/** FNV-1a, mixed once more so that sums of them say something. */
function checksumOf(bytes: Uint8Array, start: number = 0): number {
  let hash = 0x811c9dc5 ^ start;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
}
