/**
 * Typed views of a store: values as text, as JSON, or through a codec of one's own, in place of bytes.
 *
 * @module
 */
import type {
  Bytes,
  CallOptions,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  ScanOptions,
  SetOptions,
  StorageEngine,
} from "./engine.ts";
import { describe, StorageError } from "./errors.ts";

/** How values of a type become bytes and come back. Both throw for what they cannot take. */
export interface Codec<T> {
  /** The bytes of a value; a string stands for its UTF-8. */
  encode(value: T): string | Uint8Array;
  /** The value of bytes. */
  decode(bytes: Bytes): T;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const TEXT: Codec<string> = {
  encode(value) {
    if (typeof value !== "string") throw new TypeError(`expected a string, received ${describe(value)}`);
    return value;
  },
  decode: (bytes) => decoder.decode(bytes),
};

const JSON_CODEC: Codec<unknown> = {
  encode(value) {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`JSON has no form for ${describe(value)}`);
    return text;
  },
  decode: (bytes) => JSON.parse(decoder.decode(bytes)),
};

/** A store whose keys are strings and whose values have the type `T`. Make one with `text`, `json` or `view`. */
export class View<T> {
  /** The store underneath. */
  readonly store: StorageEngine;
  readonly #codec: Codec<T>;

  /** Creates a view of a store through a codec. */
  constructor(store: StorageEngine, codec: Codec<T>) {
    this.store = store;
    this.#codec = codec;
  }

  /** Reads a value; `null` when the key holds none. `WRONG_TYPE` when its bytes are not of the view's form. */
  async get(key: Key, options?: CallOptions): Promise<T | null> {
    return this.#decode(key, await this.store.get(key, options));
  }

  /** Writes a value. See {@linkcode StorageEngine.set}. */
  async set(key: Key, value: T, options?: SetOptions): Promise<boolean> {
    return await this.store.set(key, this.#encode(key, value), options);
  }

  /** Reads many values, in the order of the keys. */
  async mget(keys: readonly Key[], options?: CallOptions): Promise<(T | null)[]> {
    const values = await this.store.mget(keys, options);
    return values.map((value, i) => this.#decode(keys[i], value));
  }

  /** Writes many values, all or none of them. */
  async mset(entries: Iterable<readonly [Key, T]>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<void> {
    const encoded = Array.from(entries, ([key, value]): [Key, string | Uint8Array] => [key, this.#encode(key, value)]);
    await this.store.mset(encoded, options);
  }

  /** Replaces a value by what `change` makes of it, atomically. See {@linkcode StorageEngine.update}. */
  async update(
    key: Key,
    change: (value: T | null) => T | null | undefined,
    options?: Pick<SetOptions, "ttl" | "signal">,
  ): Promise<T | null> {
    const after = await this.store.update(key, (bytes) => {
      const value = change(this.#decode(key, bytes));
      if (value === undefined) return undefined;
      return value === null ? null : this.#encode(key, value);
    }, options);
    return this.#decode(key, after);
  }

  /** Removes a key. See {@linkcode StorageEngine.del}. */
  async del(key: Key, options?: CallOptions): Promise<boolean> {
    return await this.store.del(key, options);
  }

  /** Whether the key holds anything. */
  async exists(key: Key, options?: CallOptions): Promise<boolean> {
    return await this.store.exists(key, options);
  }

  /** Adds to an integer. See {@linkcode StorageEngine.incrBy}. */
  async incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Promise<Integer<N>> {
    return await this.store.incrBy(key, delta, options);
  }

  /** Lets a key expire in `ttl` milliseconds. See {@linkcode StorageEngine.expire}. */
  async expire(key: Key, ttl: number, options?: ExpireOptions): Promise<boolean> {
    return await this.store.expire(key, ttl, options);
  }

  /** Milliseconds until the key expires. See {@linkcode StorageEngine.ttl}. */
  async ttl(key: Key, options?: CallOptions): Promise<number | null> {
    return await this.store.ttl(key, options);
  }

  /** One step over all keys, as strings. */
  async scan(options?: ScanOptions): Promise<{ cursor: string | null; keys: string[] }> {
    const { cursor, keys } = await this.store.scan(options);
    return { cursor, keys: keys.map(keyText) };
  }

  /** All keys, as strings. */
  async *keys(options?: KeysOptions): AsyncIterableIterator<string> {
    for await (const key of this.store.keys(options)) yield keyText(key);
  }

  #encode(key: Key, value: T): string | Uint8Array {
    try {
      return this.#codec.encode(value);
    } catch (error) {
      throw wrongType("write", key, error);
    }
  }

  #decode(key: Key, bytes: Bytes | null): T | null {
    if (bytes === null) return null;
    try {
      return this.#codec.decode(bytes);
    } catch (error) {
      throw wrongType("read", key, error);
    }
  }
}

function keyText(key: Bytes): string {
  try {
    return decoder.decode(key);
  } catch (error) {
    throw wrongType("list", key, error);
  }
}

function wrongType(action: string, key: Key, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const name = typeof key === "string" ? describe(key) : `of ${key.length} bytes`;
  return new StorageError("WRONG_TYPE", `Cannot ${action} key ${name}: ${reason}`, { cause });
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
 * ```
 */
export function text(store: StorageEngine): View<string> {
  return new View(store, TEXT);
}

/**
 * A view of a store with JSON for values. What comes back is taken to be a `T` without looking.
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
export function json<T = unknown>(store: StorageEngine): View<T> {
  return new View(store, JSON_CODEC as Codec<T>);
}

/** A view of a store through a codec. */
export function view<T>(store: StorageEngine, codec: Codec<T>): View<T> {
  return new View(store, codec);
}
