import type { Bytes, StorageEngine } from "../../engine.ts";
import { wrap } from "../wrap.ts";
import { type Codec, decodeText, JSON_CODEC, TEXT } from "./codec.ts";
import { translating, wrongType } from "./translation.ts";
import type { View } from "./view.ts";

/** The views of stores, by their codecs, so that one can be asked for again and again. */
const views = new WeakMap<object, WeakMap<StorageEngine, unknown>>();

/**
 * A store whose values go through a codec: a view with values of the type `T`, and keys and fields as strings, with all that the
 * store can do. Elements and members go through it too; two that have the same bytes are the same. What is about bytes (`append`, `getRange`,
 * `setRange`, `strlen`) it has not; bounds of members and globs are of what the codec makes of values.
 *
 * Asked for again, the view of a store through the same codec is the same.
 *
 * @example
 * ```ts
 * import { MemoryStore, withCodec } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * const dates = withCodec(store, {
 *   encode: (date: Date) => date.toISOString(),
 *   decode: (bytes) => new Date(new TextDecoder().decode(bytes)),
 * });
 * await dates.rpush("holidays", [new Date("2026-12-25")]);
 * assertEquals((await dates.lindex("holidays", 0))?.getUTCDate(), 25);
 * ```
 */
export function withCodec<T, S extends StorageEngine>(store: S, codec: Codec<T>): View<T, S> {
  let ofCodec = views.get(codec);
  if (ofCodec === undefined) views.set(codec, ofCodec = new WeakMap());
  let view = ofCodec.get(store);
  if (view === undefined) {
    view = Object.defineProperty(wrap(store, translating(codec, nameOf)), "store", { value: store });
    ofCodec.set(store, view);
  }
  return view as View<T, S>;
}

/**
 * A view of a store with strings for values.
 *
 * @example
 * ```ts
 * import { MemoryStore, text } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * const names = text(store);
 * await names.set("user:1", "Ada");
 * assertEquals(await names.get("user:1"), "Ada");
 * await names.hset("user:2", "name", "Bob");
 * assertEquals(names.sync.hgetall("user:2"), [["name", "Bob"]]);
 * ```
 */
export function text<S extends StorageEngine>(store: S): View<string, S> {
  return withCodec(store, TEXT);
}

/**
 * A view of a store with JSON for values. What comes back is taken to be a `T` without looking. `json<T, typeof store>(store)` has the data
 * types of the store, too; with `T` alone the type has only what every store can do.
 *
 * @example
 * ```ts
 * import { json, MemoryStore } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * const carts = json<{ items: string[] }>(store);
 * await carts.update("cart:7", (cart) => ({ items: [...cart?.items ?? [], "tea"] }));
 * assertEquals(await carts.get("cart:7"), { items: ["tea"] });
 * ```
 */
export function json<S extends StorageEngine>(store: S): View<unknown, S>;
/** See above: with the type of the values. */
export function json<T>(store: StorageEngine): View<T>;
/** See above: with the types of the values and of the store. */
export function json<T, S extends StorageEngine>(store: S): View<T, S>;
export function json(store: StorageEngine): View<unknown> {
  return withCodec(store, JSON_CODEC);
}

function nameOf(name: Bytes): string {
  try {
    return decodeText(name);
  } catch (error) {
    throw wrongType("list", name, error);
  }
}
