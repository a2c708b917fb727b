import { isIterable } from "../arguments.ts";
import type {
  Bytes,
  CallOptions,
  Key,
  ScanOptions,
  ScanResult,
  StorageEngine,
  SyncStorageEngine,
  Transaction,
} from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Clearing } from "./clearing.ts";
import { Prefix } from "./prefix.ts";
import { type Role, SHAPES } from "./shapes.ts";
import { type Call, type Interceptor, wrap } from "./wrap.ts";

/** Keys looked at in one step of counting them. */
const STEP = 1000;

/**
 * The part of a store whose keys begin with `prefix`, as a store of its own, whose keys go without it: several users share a
 * store, and none can see or touch keys of the others. No prefix may be the beginning of another one: end them with
 * something that they do not contain, as in `"ada:"`.
 *
 * `scan`, `keys`, `size` and `clear` concern the namespace, and most stores go over all their keys for it. `clear` removes key after key;
 * calls that come later wait for it. `stats`, `checkpoint`, `compact` and `close` concern the whole store; `restore` is
 * `UNSUPPORTED`, as it would replace what others have. Keys can be as much shorter as the prefix is long. `CONFIG` for an
 * empty prefix, or one of more than 32,767 bytes.
 *
 * @example
 * ```ts
 * import { MemoryStore, withNamespace } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * const ada = withNamespace(store, "ada:");
 * const bob = withNamespace(store, "bob:");
 * await ada.set("cart", "tea");
 * await bob.set("cart", "coffee");
 * await ada.clear();
 * assertEquals([await ada.size(), await bob.size(), await store.exists("bob:cart")], [0, 1, true]);
 * ```
 */
export function withNamespace<S extends StorageEngine>(inner: S, prefix: Key): S {
  const namespace = new Prefix(prefix);
  const clearing = new Clearing(inner, namespace);
  const within = withinNamespace(inner, namespace, clearing);
  return wrap(inner, (operation, call, target) => clearing.after(operation, within(operation, call, target)));
}

/** What takes the place of each method. */
function withinNamespace(inner: StorageEngine, namespace: Prefix, clearing: Clearing): Interceptor {
  const prefixed = prefixing(namespace);
  return (operation, call, target) => {
    const { name, face } = operation;
    switch (name) {
      case "size":
        return face === "store" ? sizeOf(inner, namespace) : sizeAtOnce(target as Transaction, namespace);
      case "clear":
        if (face === "transaction") return call; // which refuses it
        return face === "store" ? (options) => clearing.start(options as CallOptions) : () => clearing.atOnce();
      case "restore":
        return refuseToRestore;
      default:
        return prefixed(operation, call, target);
    }
  };
}

/** Puts the prefix before the keys that operations are given, and takes it off those that they give. */
function prefixing(namespace: Prefix): Interceptor {
  const add = (key: unknown) => namespace.add(key);
  const maps: Partial<Record<Role, (argument: unknown) => unknown>> = {
    "key": add,
    "keys": (keys) => Array.isArray(keys) ? keys.map(add) : keys,
    "entries": (entries) =>
      isIterable(entries)
        ? Array.from(entries, (entry) => Array.isArray(entry) ? [add(entry[0]), ...entry.slice(1)] : entry)
        : entries,
    "scan": (options) => namespace.within(options),
  };

  return ({ name, face }, call) => {
    const shape = SHAPES.get(name);
    const changes = shape?.takes.map((role) => maps[role]) ?? [];
    if (changes.every((change) => change === undefined)) return call;
    const [change, ...others] = changes;
    const prefixed: Call = others.every((change) => change === undefined)
      ? (first, ...rest) => call(change!(first), ...rest)
      : (...args) => call(...args.map((argument, i) => changes[i]?.(argument) ?? argument));
    switch (shape!.gives) {
      case "key scan":
        return face === "store"
          ? async (options) => strip(await prefixed(options) as ScanResult, namespace)
          : (options) => strip(prefixed(options) as ScanResult, namespace);
      case "key iterator":
        return face === "store"
          ? (options) => stripAll(prefixed(options) as AsyncIterable<Bytes>, namespace)
          : (options) => stripAllAtOnce(prefixed(options) as Iterable<Bytes>, namespace);
      default:
        return prefixed;
    }
  };
}

function strip({ cursor, keys }: ScanResult, namespace: Prefix): ScanResult {
  return { cursor, keys: keys.map((key) => namespace.remove(key)) };
}

async function* stripAll(keys: AsyncIterable<Bytes>, namespace: Prefix): AsyncGenerator<Bytes> {
  for await (const key of keys) yield namespace.remove(key);
}

function* stripAllAtOnce(keys: Iterable<Bytes>, namespace: Prefix): Generator<Bytes> {
  for (const key of keys) yield namespace.remove(key);
}

function refuseToRestore(): never {
  throw new StorageError("UNSUPPORTED", "Cannot restore a namespace: it would replace the whole store");
}

function sizeOf(store: StorageEngine, namespace: Prefix): Call {
  return async (options) => {
    const within = namespace.within(options) as ScanOptions;
    let size = 0;
    let cursor: string | null = null;
    do {
      const step: ScanResult = await store.scan({ ...within, cursor, count: STEP });
      size += step.keys.length;
      cursor = step.cursor;
    } while (cursor !== null);
    return size;
  };
}

function sizeAtOnce(store: SyncStorageEngine | Transaction, namespace: Prefix): Call {
  return () => {
    let size = 0;
    for (const _ of store.keys(namespace.within(undefined) as ScanOptions)) size++;
    return size;
  };
}
