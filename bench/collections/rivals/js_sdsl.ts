import { importRival } from "../../rivals/import_rival.ts";
import type { CollectionContender } from "./contender.ts";
import { compareScored, openOrderedMembers, type Scored } from "./ordered_members.ts";

interface Iterator {
  readonly index: number;
  readonly pointer: Scored;
  next(): this;
}

interface OrderedSet {
  insert(entry: Scored): number;
  eraseElementByKey(entry: Scored): boolean;
  find(entry: Scored): Iterator;
}

interface Sdsl {
  OrderedSet: new (entries: Scored[], compare: typeof compareScored, hasIndex: true) => OrderedSet;
}

/**
 * A red-black tree with counts, the fastest in JavaScript that knows ranks. It finds ranks in O(log n), but has no way to
 * come to a rank other than to walk there, so it has no `zrange`.
 */
export async function openJsSdsl(): Promise<CollectionContender> {
  const { OrderedSet } = await importRival<Sdsl>("js-sdsl");
  return openOrderedMembers(
    "js-sdsl",
    () => {
      const tree = new OrderedSet([], compareScored, true);
      return {
        tree,
        add: (entry: Scored) => void tree.insert(entry),
        remove: (entry: Scored) => void tree.eraseElementByKey(entry),
      };
    },
    ({ tree }, entries) => ({ zrank: (member) => tree.find(entries.get(member)!).index }),
  );
}
