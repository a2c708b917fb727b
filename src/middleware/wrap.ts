import type { StorageEngine } from "../engine.ts";
import { type Kind, SHAPES } from "./shapes.ts";

/** A method of a store, or what takes its place. */
export type Call = (...args: unknown[]) => unknown;

/** Which method a call is of. There is one object for each method of a store that is wrapped. */
export interface Operation {
  /** The method's name. */
  readonly name: string;
  /** Whose method it is: the store's, that of `store.sync`, or of what `transact` hands to its function. */
  readonly face: "store" | "sync" | "transaction";
  /**
   * `"read"` tells what is in the store, `"write"` may change that, `"upkeep"` does neither; `"unknown"` for a method that no interface of
   * this package has.
   */
  readonly kind: Kind | "unknown";
}

/**
 * Given a method of a store, returns what takes its place: `call` itself to leave it alone. `target` is what has the method: the store
 * within, its sync face, or a transaction. It is called once for each method of the store and of `store.sync`, and in a transaction
 * for each call.
 */
export type Interceptor = (operation: Operation, call: Call, target: object) => Call;

/**
 * A store that does what `inner` does, by calls that go through `interceptor`: all wrappers of this package are made with it. Every
 * method and property of `inner` is there, those beyond `StorageEngine`, `store.sync` and transactions included, so that it
 * has the same type and the same capabilities. Closing it closes `inner`.
 *
 * What an interceptor throws, a promise rejects with. One that waits before it calls lets later calls overtake this one.
 *
 * @example
 * ```ts
 * import { MemoryStore, wrap } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const names: string[] = [];
 * await using store = wrap(new MemoryStore(), ({ name, face }, call) => (...args) => {
 *   names.push(`${face} ${name}`);
 *   return call(...args);
 * });
 * await store.rpush("list", ["a"]);
 * store.sync.transact((tx) => tx.llen("list"));
 * assertEquals(names, ["store rpush", "sync transact", "transaction llen"]);
 * ```
 */
export function wrap<S extends StorageEngine>(inner: S, interceptor: Interceptor): S {
  const transactions = transactionFace(interceptor);

  /** The same object with methods that are intercepted; they are called on `target`, as private fields want it. */
  const mirror = (target: object, face: "store" | "sync"): object => {
    const properties: PropertyDescriptorMap = {};
    for (const [key, descriptor] of propertiesOf(target)) {
      if (typeof descriptor.value === "function") {
        const call = key === "transact" ? transacting(target as Target, transactions) : descriptor.value.bind(target);
        properties[key as string] = method(intercept(key, face, call, target, interceptor));
      } else {
        properties[key as string] = property(target as Target, key);
      }
    }
    return Object.create(Object.getPrototypeOf(target), properties);
  };

  const outer = mirror(inner, "store");
  const sync = inner.sync === undefined ? undefined : mirror(inner.sync, "sync");
  return Object.defineProperty(outer, "sync", { value: sync, configurable: true, enumerable: true }) as S;
}

type Target = Record<PropertyKey, unknown>;

/** All properties of an object and its classes, those nearest to it. */
function propertiesOf(target: object): Map<PropertyKey, PropertyDescriptor> {
  const found = new Map<PropertyKey, PropertyDescriptor>();
  for (let from = target; from !== null && from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const key of Reflect.ownKeys(from)) {
      if (!found.has(key)) found.set(key, Object.getOwnPropertyDescriptor(from, key)!);
    }
  }
  found.delete("constructor");
  return found;
}

/** Not enumerable, as methods of a class are. */
const method = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true });

const property = (target: Target, key: PropertyKey): PropertyDescriptor => ({
  get: () => target[key],
  set: (value) => void (target[key] = value),
  configurable: true,
  enumerable: true,
});

function operationOf(key: PropertyKey, face: Operation["face"]): Operation {
  const name = key === Symbol.asyncDispose ? "close" : String(key);
  return { name, face, kind: SHAPES.get(name)?.kind ?? "unknown" };
}

function intercept(
  key: PropertyKey,
  face: "store" | "sync",
  call: Call,
  target: object,
  interceptor: Interceptor,
): Call {
  const operation = operationOf(key, face);
  const replaced = interceptor(operation, call, target);
  return replaced === call || face === "sync" ? replaced : failingLater(operation, replaced);
}

/** Has an error that is thrown come where the caller waits for it. */
function failingLater({ name, kind }: Operation, call: Call): Call {
  if (name === "stats" || kind === "unknown") return call;
  const fail = name === "keys" ? failedIterator : (error: unknown) => Promise.reject(error);
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      return fail(error);
    }
  };
}

async function* failedIterator(error: unknown): AsyncGenerator<never> {
  yield Promise.reject(error);
}

/** A method that hands transactions to its function which are intercepted too. */
function transacting(target: Target, face: (transaction: object) => object): Call {
  const transact = (target.transact as Call).bind(target);
  return (change, ...rest) =>
    transact(typeof change === "function" ? (transaction: object) => change(face(transaction)) : change, ...rest);
}

/** Makes transactions whose methods are intercepted. Their class is made with the first of them. */
function transactionFace(interceptor: Interceptor): (transaction: object) => object {
  let Face: (new (inner: Target) => object) | undefined;
  return (transaction) => new (Face ??= transactionClass(transaction, interceptor))(transaction as Target);
}

function transactionClass(example: object, interceptor: Interceptor): new (inner: Target) => object {
  class Face {
    readonly #inner: Target;

    constructor(inner: Target) {
      this.#inner = inner;
    }

    static {
      for (const [key, { value }] of propertiesOf(example)) {
        if (typeof value !== "function") continue;
        const operation = operationOf(key, "transaction");
        Object.defineProperty(
          this.prototype,
          key,
          method(function (this: Face, ...args: unknown[]): unknown {
            const inner = this.#inner;
            return interceptor(operation, (...args) => (inner[key] as Call)(...args), inner)(...args);
          }),
        );
      }
    }
  }
  return Face;
}
