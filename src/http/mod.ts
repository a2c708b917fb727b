/**
 * A store over HTTP, in the protocol of Upstash Redis: a Hono app that runs on Deno, Bun, Node and the edge. Importing this does no
 * work. It needs the package `hono`.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { ferriteApp } from "@ferrite/storage/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * const app = ferriteApp(store, { token: "secret", readOnlyToken: "for-reading" });
 * const response = await app.request("/", {
 *   method: "POST",
 *   headers: { authorization: "Bearer secret" },
 *   body: JSON.stringify(["SET", "greeting", "hello", "EX", 60]),
 * });
 * assertEquals(await response.json(), { result: "OK" });
 * ```
 *
 * @module
 */
export { ferriteApp } from "./app.ts";
export type { FerriteAppOptions } from "./options.ts";
export type { StorageEngine } from "../engine.ts";
export type { Size } from "../size.ts";
