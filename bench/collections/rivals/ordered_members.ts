import type { CollectionContender, SyncFace } from "./contender.ts";

/** A member with its score, as it stands in an ordered container. */
export interface Scored {
  readonly score: number;
  readonly member: string;
}

/** Redis's order. */
export function compareScored(a: Scored, b: Scored): number {
  return a.score - b.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);
}

/** What an ordered container must do to be half of a sorted set. */
export interface Ordered {
  add(entry: Scored): void;
  remove(entry: Scored): void;
}

interface SortedSet<T extends Ordered> {
  readonly order: T;
  readonly entries: Map<string, Scored>;
}

/** Sorted sets as one makes them of an ordered container: a `Map` beside it tells what the score of a member was. */
export function openOrderedMembers<T extends Ordered>(
  label: string,
  create: () => T,
  ranks: (order: T, entries: Map<string, Scored>) => {
    zrank?(member: string): number;
    zrange?(start: number, stop: number): string[];
  },
): CollectionContender {
  const sets = new Map<string, SortedSet<T> & ReturnType<typeof ranks>>();
  const setOf = (key: string) => {
    const set = sets.get(key);
    if (set !== undefined) return set;
    const order = create();
    const entries = new Map<string, Scored>();
    const created = { order, entries, ...ranks(order, entries) };
    sets.set(key, created);
    return created;
  };
  const put = ({ order, entries }: SortedSet<T>, entry: Scored) => {
    const old = entries.get(entry.member);
    if (old !== undefined) order.remove(old);
    entries.set(entry.member, entry);
    order.add(entry);
  };
  const sample = ranks(create(), new Map());
  const face: SyncFace = {
    label,
    isAsync: false,
    zadd: (key, score, member) => put(setOf(key), { score, member }),
    zscore: (key, member) => sets.get(key)?.entries.get(member)?.score,
    zincrBy(key, increment, member) {
      const set = setOf(key);
      const score = (set.entries.get(member)?.score ?? 0) + increment;
      put(set, { score, member });
      return score;
    },
    zcard: (key) => sets.get(key)?.entries.size ?? 0,
    ...(sample.zrank && { zrank: (key: string, member: string) => sets.get(key)!.zrank!(member) }),
    ...(sample.zrange && { zrange: (key: string, start: number, stop: number) => sets.get(key)!.zrange!(start, stop) }),
  };
  return { faces: [face], clear: () => sets.clear(), close() {} };
}
