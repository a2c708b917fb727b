import type { CollectionContender } from "./contender.ts";

/** No library, but what everybody has. They keep and return the very buffers they were given. */
export function openBuiltIns(): CollectionContender {
  const lists = new Map<string, Uint8Array[]>();
  const hashes = new Map<string, Map<string, Uint8Array>>();
  const sets = new Map<string, Set<string>>();

  const listOf = (key: string) => {
    const list = lists.get(key);
    if (list !== undefined) return list;
    const created: Uint8Array[] = [];
    lists.set(key, created);
    return created;
  };

  return {
    faces: [
      {
        label: "Array",
        isAsync: false,
        rpush: (key, value) => listOf(key).push(value),
        lpush: (key, value) => listOf(key).unshift(value),
        rpop: (key) => lists.get(key)?.pop(),
        lindex: (key, position) => lists.get(key)?.[position],
        lset(key, position, value) {
          lists.get(key)![position] = value;
        },
        linsertAt(key, position, value) {
          const list = lists.get(key)!;
          list.splice(position, 0, value);
          return list.length;
        },
        truncate(key, length) {
          lists.get(key)!.length = length;
        },
        llen: (key) => lists.get(key)?.length ?? 0,
      },
      {
        label: "Map",
        isAsync: false,
        hset(key, field, value) {
          const hash = hashes.get(key);
          if (hash === undefined) hashes.set(key, new Map([[field, value]]));
          else hash.set(field, value);
        },
        hget: (key, field) => hashes.get(key)?.get(field),
        hlen: (key) => hashes.get(key)?.size ?? 0,
      },
      {
        label: "Set",
        isAsync: false,
        sadd(key, member) {
          const set = sets.get(key);
          if (set === undefined) sets.set(key, new Set([member]));
          else set.add(member);
        },
        sismember: (key, member) => sets.get(key)?.has(member) ?? false,
        scard: (key) => sets.get(key)?.size ?? 0,
      },
    ],
    clear() {
      lists.clear();
      hashes.clear();
      sets.clear();
    },
    close() {},
  };
}
