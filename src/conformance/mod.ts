/**
 * What every store must do, as tests for whichever runner has started them: for those who write a backend or a wrapper.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { conformance, RECORD_STORE } from "@ferrite/storage/conformance";
 *
 * conformance({
 *   test: (name, run) => Deno.test(name, run), // or `test` of "node:test" or "bun:test"
 *   name: "MemoryStore",
 *   open: () => new MemoryStore({ maxSize: "64MB" }),
 *   capabilities: { ...RECORD_STORE, persistence: true },
 *   effort: 0.1,
 * });
 * ```
 *
 * @module
 */
export type { ConformanceOptions, Test } from "./check.ts";
export { conformance } from "./conformance.ts";
export { RECORD_STORE } from "./manifests.ts";
