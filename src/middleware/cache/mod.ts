import { checkOptionNames } from "../../arguments.ts";
import type { StorageEngine } from "../../engine.ts";
import { describe, StorageError } from "../../errors.ts";
import type { Size } from "../../size.ts";
import { wrap } from "../wrap.ts";
import { Cache } from "./cache.ts";
import { CachedValues } from "./values.ts";

/** How to cache. */
export interface CacheOptions {
  /**
   * How old, in milliseconds, what a read answers may be: so long what others write to the store may go unnoticed. `Infinity` for a
   * store that nobody else writes to.
   */
  maxStalenessMs: number;
  /** How much memory the cache may hold, 8 MB to 4 GB; `"64MB"` if not given. */
  maxSize?: Size;
  /** The compiled WASM core, for runtimes that forbid compiling (`import module from "@ferrite/storage/core.wasm"`). */
  module?: WebAssembly.Module;
}

/**
 * A store with a memory store in front of it. `get` and `mget` keep what they find, or that they find nothing; `set` and `mset` write to
 * `inner` and keep what they have written; all with its expiry. `exists`, `strlen` and `getRange` look there too. Everything
 * else goes to `inner`, and of what it writes nothing is kept, nor are collections.
 *
 * What is written through this wrapper is seen by the calls that come after it, awaited or not. What others write to the store beside it
 * may be seen up to `maxStalenessMs` later. `hits` and `misses` of `stats()` count the reads that are answered here, too.
 *
 * @example
 * ```ts
 * import { withCache } from "@ferrite/storage";
 * import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = withCache(new CloudStore({ storage: memoryObjects() }), { maxStalenessMs: 1000 });
 * await store.set("name", "Ada");
 * assertEquals(await store.strlen("name"), 3); // no request
 * ```
 */
export function withCache<S extends StorageEngine>(inner: S, options: CacheOptions): S {
  checkOptionNames("cache", options, ["maxStalenessMs", "maxSize", "module"]);
  const { maxStalenessMs, maxSize = "64MB", module } = options;
  if (typeof maxStalenessMs !== "number" || !(maxStalenessMs > 0)) {
    throw new StorageError(
      "CONFIG",
      `Cannot cache: maxStalenessMs must be milliseconds, more than 0, received ${describe(maxStalenessMs)}`,
    );
  }
  const cache = new Cache(inner, new CachedValues({ maxSize, module }), maxStalenessMs);
  return wrap(inner, (operation, call) => cache.intercept(operation, call));
}
