import { type Backend, checkConfig, type StorageConfig } from "./config.ts";
import type { StorageEngine } from "./engine.ts";
import { StorageError } from "./errors.ts";
import { HybridLogStore } from "./hybridlog/store.ts";
import { MemoryStore } from "./memory/store.ts";

/** The store that a backend's name stands for. */
export type StorageOf<B extends Backend> = B extends "memory" ? MemoryStore
  : B extends "hybridlog" ? HybridLogStore
  : StorageEngine;

/**
 * Opens the store that a configuration describes. A literal backend name gives the precise type. `CONFIG` for a
 * configuration that is wrong, `UNSUPPORTED` for a backend that this version does not have.
 *
 * @example
 * ```ts
 * import { createStorage } from "@ferrite/storage";
 *
 * await using store = await createStorage({ backend: "memory", memory: { maxSize: "64MB" } });
 * await store.set("key", "value");
 * store.sync.get("key"); // a MemoryStore, so there is `sync`
 * ```
 */
export async function createStorage<const C extends StorageConfig>(config: C): Promise<StorageOf<C["backend"]>> {
  const { backend, memory, hybridlog } = checkConfig(config);
  if (backend === "hybridlog") return await HybridLogStore.open(hybridlog) as StorageOf<C["backend"]>;
  if (backend !== "memory") {
    throw new StorageError(
      "UNSUPPORTED",
      `Cannot create storage: backend "${backend}" is not in this version yet; "memory" and "hybridlog" are`,
    );
  }
  return new MemoryStore(memory) as StorageOf<C["backend"]>;
}
