import { assertEquals } from "@std/assert";
import { partsOf } from "../../bench/edge/bundle_size.ts";
import { test } from "../support/harness.ts";

/** What every store is made of. */
const COMMON = ["arguments.js", "bytes.js", "core", "errors.js", "glob.js", "records", "runtime", "size.js", "types"];

const cases: Record<string, string[]> = {
  "MemoryStore": ["memory"],
  "HybridLogStore": ["hybridlog"],
  "MemoryStore, withCache": ["memory", "middleware"],
};

for (const [names, own] of Object.entries(cases)) {
  test(`a bundle of ${names} has nothing of other backends, and no other package`, async () => {
    assertEquals(await partsOf(`export { ${names} } from "@ferrite/storage";`), [...COMMON, ...own].sort());
  });
}
