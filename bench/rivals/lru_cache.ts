import type { Contender } from "./contender.ts";
import { importRival } from "./import_rival.ts";

interface LruCache {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  clear(): void;
}

/** With room for every entry, so that nothing is evicted: only the order of use is kept. */
export async function openLruCache(keys: number): Promise<Contender> {
  const { LRUCache } = await importRival<
    { LRUCache: new (options: { max: number }) => LruCache }
  >("lru-cache");
  const cache = new LRUCache({ max: keys });
  return {
    faces: [{
      label: "lru-cache",
      isAsync: false,
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
    }],
    close: () => cache.clear(),
  };
}
