import { importRival } from "../../rivals/import_rival.ts";
import type { CollectionContender } from "./contender.ts";
import { compareScored, openOrderedMembers, type Scored } from "./ordered_members.ts";

interface BTree {
  set(entry: Scored, value: true): boolean;
  delete(entry: Scored): boolean;
}

interface BTreeModule {
  default: new (entries: undefined, compare: typeof compareScored) => BTree;
}

/** The ordered map that most projects use, and the fastest; it does not know ranks. */
export async function openSortedBtree(): Promise<CollectionContender> {
  const module = await importRival<BTreeModule & { default: BTreeModule }>("sorted-btree");
  const BTree = module.default.default ?? module.default; // CommonJS, which runtimes unwrap in different ways
  return openOrderedMembers(
    "sorted-btree",
    () => {
      const tree = new BTree(undefined, compareScored);
      return {
        add: (entry: Scored) => void tree.set(entry, true),
        remove: (entry: Scored) => void tree.delete(entry),
      };
    },
    () => ({}),
  );
}
