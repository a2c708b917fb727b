import { importRival } from "../../rivals/import_rival.ts";
import type { CollectionContender } from "./contender.ts";

interface Deque {
  readonly length: number;
  push(item: Uint8Array): number;
  unshift(item: Uint8Array): number;
  pop(): Uint8Array | undefined;
  peekAt(index: number): Uint8Array | undefined;
  splice(index: number, count: number, item: Uint8Array): unknown;
  remove(index: number, count: number): unknown;
}

/** The queue that database drivers use for its speed at both ends. It cannot replace an element. */
export async function openDenque(): Promise<CollectionContender> {
  const { default: Denque } = await importRival<{ default: new () => Deque }>("denque");
  const lists = new Map<string, Deque>();
  const listOf = (key: string) => {
    const list = lists.get(key);
    if (list !== undefined) return list;
    const created = new Denque();
    lists.set(key, created);
    return created;
  };
  return {
    faces: [{
      label: "denque",
      isAsync: false,
      rpush: (key, value) => listOf(key).push(value),
      lpush: (key, value) => listOf(key).unshift(value),
      rpop: (key) => lists.get(key)?.pop(),
      lindex: (key, position) => lists.get(key)?.peekAt(position),
      linsertAt(key, position, value) {
        const list = lists.get(key)!;
        list.splice(position, 0, value);
        return list.length;
      },
      truncate(key, length) {
        const list = lists.get(key)!;
        while (list.length > length) list.pop();
      },
      llen: (key) => lists.get(key)?.length ?? 0,
    }],
    clear: () => lists.clear(),
    close() {},
  };
}
