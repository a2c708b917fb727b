import type { StorageEngine } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { type Operation, wrap } from "./wrap.ts";

/**
 * A store that refuses to change what `inner` holds: whatever writes fails with `READ_ONLY`, also on `store.sync` and in a transaction, which
 * may read. `checkpoint` and `compact` go on working; what no interface of this package has is refused, since nobody knows what it does.
 *
 * @example
 * ```ts
 * import { MemoryStore, StorageError, withReadOnly } from "@ferrite/storage";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * await store.set("name", "Ada");
 * const view = withReadOnly(store);
 * assertEquals(await view.strlen("name"), 3);
 * const error = await assertRejects(() => view.set("name", "Bob"), StorageError);
 * assertEquals(error.code, "READ_ONLY");
 * ```
 */
export function withReadOnly<S extends StorageEngine>(inner: S): S {
  return wrap(inner, (operation, call) => changesNothing(operation) ? call : () => refuse(operation));
}

function changesNothing({ name, kind }: Operation): boolean {
  // What a transaction does is looked at call by call.
  return kind === "read" || kind === "upkeep" || name === "transact";
}

function refuse({ name }: Operation): never {
  throw new StorageError("READ_ONLY", `Cannot use ${name}: the store is open for reading only`);
}
