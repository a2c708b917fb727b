import { importRival } from "../../rivals/import_rival.ts";
import type { CollectionContender } from "./contender.ts";

interface SortedSet {
  readonly length: number;
  set(member: string, score: number): number | null;
  get(member: string): number | null;
  rank(member: string): number | null;
  incrBy(increment: number, member: string): number;
  range(start: number, stop: number): string[];
}

/** Redis's skip list in JavaScript: the one package that has all commands of sorted sets. */
export async function openRedisSortedSet(): Promise<CollectionContender> {
  const { default: SortedSet } = await importRival<{ default: new () => SortedSet }>("redis-sorted-set");
  const sets = new Map<string, SortedSet>();
  const setOf = (key: string) => {
    const set = sets.get(key);
    if (set !== undefined) return set;
    const created = new SortedSet();
    sets.set(key, created);
    return created;
  };
  return {
    faces: [{
      label: "redis-sorted-set",
      isAsync: false,
      zadd: (key, score, member) => setOf(key).set(member, score),
      zscore: (key, member) => sets.get(key)?.get(member),
      zrank: (key, member) => sets.get(key)?.rank(member),
      zrange: (key, start, stop) => sets.get(key)?.range(start, stop) ?? [],
      zincrBy: (key, increment, member) => setOf(key).incrBy(increment, member),
      zcard: (key) => sets.get(key)?.length ?? 0,
    }],
    clear: () => sets.clear(),
    close() {},
  };
}
