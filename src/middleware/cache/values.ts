import type { Bytes, Key, ReadOptions, SyncStorageEngine, Value } from "../../engine.ts";
import { StorageError } from "../../errors.ts";
import { type MemoryOptions, MemoryStore } from "../../memory/store.ts";

/** What is before a key under which its value is kept. */
const VALUE = "+";
/** What is before a key that is known to hold nothing. */
const NONE = "-";

/** What keys hold, each known for a limited time, in a memory store that lets the oldest ones go. */
export class CachedValues {
  readonly #store: MemoryStore;
  readonly #sync: SyncStorageEngine;
  /** Whether it was ever found that a key holds nothing: most look-ups for that can be saved. */
  #knowsNone = false;
  /** Reads that found a value here, and those that found that there is none. */
  hits = 0;
  misses = 0;

  constructor(options: Pick<MemoryOptions, "maxSize" | "module">) {
    this.#store = new MemoryStore({ ...options, eviction: true });
    this.#sync = this.#store.sync;
  }

  /** What a key holds; `undefined` where that is not known. */
  get(key: Key, options?: ReadOptions): Bytes | null | undefined {
    try {
      const value = this.#sync.get(marked(VALUE, key), options) ?? this.#noneOrUnknown(key);
      if (value === null) this.misses++;
      else if (value !== undefined) this.hits++;
      return value;
    } catch (error) {
      return unknown(error);
    }
  }

  /** What `read` makes of a value, `none` where there is none; `undefined` where that is not known. */
  derive<T>(key: Key, read: (sync: SyncStorageEngine, at: Key) => T, none: T): T | undefined {
    try {
      const at = marked(VALUE, key);
      if (this.#sync.exists(at)) return read(this.#sync, at);
      return this.#noneOrUnknown(key) === null ? none : undefined;
    } catch (error) {
      return unknown(error);
    }
  }

  #noneOrUnknown(key: Key): null | undefined {
    return this.#knowsNone && this.#sync.exists(marked(NONE, key)) ? null : undefined;
  }

  /** Keeps what a key holds for so many milliseconds, or nothing where there is no room, in place of what was known. */
  put(key: Key, value: Value | null, ttl: number): void {
    if (!(ttl > 0)) return this.forget(key);
    const options = ttl === Infinity ? undefined : { ttl };
    try {
      if (value === null) {
        this.#knowsNone = true;
        this.#sync.set(marked(NONE, key), "", options);
      } else {
        this.#sync.set(marked(VALUE, key), value, options);
      }
    } catch {
      this.forget(key);
    }
  }

  forget(key: Key): void {
    this.#try(() => {
      this.#sync.del(marked(VALUE, key));
      if (this.#knowsNone) this.#sync.del(marked(NONE, key));
    });
  }

  forgetAll(): void {
    this.#try(() => this.#sync.clear());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Of what is too large nothing is known, nor of anything when this has been closed. */
  #try(change: () => void): void {
    try {
      change();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
    }
  }
}

/** Of a key that is too long with its mark, or none at all, nothing is known: the store will say what there is to say. */
function unknown(error: unknown): undefined {
  if (!(error instanceof StorageError) || error.code === "CLOSED") throw error;
}

function marked(mark: string, key: Key): Key {
  if (typeof key === "string") return mark + key;
  if (!(key instanceof Uint8Array)) return key; // which is refused
  const bytes = new Uint8Array(key.length + 1);
  bytes[0] = mark.charCodeAt(0);
  bytes.set(key, 1);
  return bytes;
}
