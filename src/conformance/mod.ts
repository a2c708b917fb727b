/**
 * What every store must do, as tests: for those who write a backend, or a wrapper of stores. They run on `Deno.test`,
 * on `test` of `node:test` or `bun:test`, or on any other runner's.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { conformance } from "@ferrite/storage/conformance";
 * import { assertEquals } from "@std/assert";
 *
 * conformance({
 *   test: Deno.test,
 *   name: "MemoryStore",
 *   open: () => new MemoryStore({ maxSize: "64MB" }),
 *   capabilities: {
 *     sync: true,
 *     lists: true,
 *     hashes: true,
 *     sets: true,
 *     sortedSets: true,
 *     transactions: true,
 *     persistence: true,
 *   },
 *   effort: 0.1,
 * });
 *
 * // What only this store promises has tests of its own.
 * Deno.test("MemoryStore: does not grow beyond its limit", async () => {
 *   await using store = new MemoryStore({ maxSize: "64MB" });
 *   assertEquals(store.stats().maxBytes, 64 * 2 ** 20);
 * });
 * ```
 *
 * @module
 */
export type { ConformanceOptions, Test } from "./check.ts";
export { conformance } from "./conformance.ts";
export { RECORD_STORE } from "./manifests.ts";
