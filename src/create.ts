import { createCloudStore } from "./cloud/create.ts";
import type { CloudStore } from "./cloud/store.ts";
import { type Backend, checkConfig, type StorageConfig } from "./config.ts";
import type { StorageEngine } from "./engine.ts";
import { HybridLogStore } from "./hybridlog/store.ts";
import { MemoryStore } from "./memory/store.ts";

/** The store that a backend's name stands for. */
export type StorageOf<B extends Backend> = B extends "memory" ? MemoryStore
  : B extends "hybridlog" ? HybridLogStore
  : B extends "cloud" ? CloudStore
  : StorageEngine;

/**
 * Opens the store that a configuration describes. A literal backend name gives the precise type. `CONFIG` for a
 * configuration that is wrong.
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
  return await open(checkConfig(config)) as StorageOf<C["backend"]>;
}

async function open({ backend, memory, hybridlog, cloud }: StorageConfig): Promise<StorageEngine> {
  switch (backend) {
    case "memory":
      return new MemoryStore(memory);
    case "hybridlog":
      return await HybridLogStore.open(hybridlog);
    case "cloud":
      return await createCloudStore(cloud);
  }
}
