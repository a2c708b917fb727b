/**
 * One storage interface for Deno, Bun, Node and the edge, over a small WASM core.
 *
 * @example
 * ```ts
 * import { createStorage, text } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = await createStorage({ backend: "memory" });
 * const notes = text(store);
 * await notes.set("note:1", "Buy milk", { ttl: 60_000 });
 * assertEquals(await notes.get("note:1"), "Buy milk");
 * ```
 *
 * @module
 */
export { HybridLogStore } from "./src/hybridlog/store.ts";
export type { Durability, HybridLogOptions, Io } from "./src/hybridlog/options.ts";
export type { HybridLogStats } from "./src/hybridlog/stats.ts";
export type { RepairReport } from "./src/hybridlog/repair.ts";
export type { Recovery } from "./src/hybridlog/log.ts";
export type { OnProgress } from "./src/hybridlog/progress.ts";
export {
  azure,
  type AzureCredentials,
  type AzureOptions,
  type CloudCacheOptions,
  type CloudOptions,
  type CloudStats,
  CloudStore,
  type Credential,
  type Fetch,
  gcs,
  type GcsOptions,
  type GcsToken,
  memoryObjects,
  s3,
  type S3Credentials,
  type S3Options,
  type ServiceAccount,
  serviceAccount,
} from "./src/cloud/mod.ts";
export * from "./src/cloud/object_storage.ts";
export * from "./src/capabilities.ts";
export type * from "./src/collections.ts";
export {
  type Backend,
  checkConfig,
  type CloudCacheConfig,
  type CloudConfig,
  type CloudCredentials,
  type HybridLogConfig,
  loadConfig,
  type MemoryConfig,
  parseConfig,
  type StorageConfig,
} from "./src/config.ts";
export { createStorage, type StorageOf } from "./src/create.ts";
export type * from "./src/engine.ts";
export { StorageError, type StorageErrorCode } from "./src/errors.ts";
export { type CopyProgress, copyTo, type CopyToOptions } from "./src/copy/copy_to.ts";
export { type MemoryOptions, MemoryStore } from "./src/memory/store.ts";
export * from "./src/middleware/mod.ts";
export type { Size } from "./src/size.ts";
