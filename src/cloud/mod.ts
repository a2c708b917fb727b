/**
 * The cloud store: Redis's data types in a bucket of S3, Google Cloud Storage or Azure Blob Storage, over `fetch`. Importing this does
 * no work.
 *
 * @example
 * ```ts
 * import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new CloudStore({ storage: memoryObjects() });
 * await store.hset("user:1", "name", "Ada");
 * assertEquals(await store.hlen("user:1"), 1);
 * ```
 *
 * @module
 */
// A bundle has modules in the order of imports. The text of the core comes first: gzip looks back 32 KB, so it would not find what the code on
// both sides of that text has in common.
export { CloudStore } from "./store.ts";

export { azure, type AzureCredentials, type AzureOptions } from "./azure.ts";
export type { Credential } from "./credential.ts";
export { gcs, type GcsOptions, type GcsToken } from "./gcs.ts";
export type { Fetch } from "./http.ts";
export { memoryObjects } from "./memory_objects.ts";
export * from "./object_storage.ts";
export type { CloudCacheOptions, CloudOptions } from "./options.ts";
export { type ServiceAccount, serviceAccount } from "./service_account.ts";
export { s3, type S3Credentials, type S3Options } from "./s3.ts";
export type { CloudStats } from "./stats.ts";
export type * from "../engine.ts";
export type * from "../collections.ts";
export { StorageError, type StorageErrorCode } from "../errors.ts";
export type { Size } from "../size.ts";
