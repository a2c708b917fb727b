import { type CloudOptions, CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import type { Hidden } from "../src/cloud/options.ts";
import { CLOUD } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import { assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const STORES: Record<string, [Omit<CloudOptions, "storage">, Hidden]> = {
  "CloudStore": [{}, {}],
  "CloudStore in small parts": [{}, { cutLimits: { rootBytes: 600, partBytes: 3000, chunks: 2 } }],
};

/** Of a collection each call writes what it has in one object, or a few parts: hundreds of elements need as many parts as thousands. */
const EFFORT = 0.2;

for (const [name, [options, hidden]] of Object.entries(STORES)) {
  const open = async () => new CloudStore({ storage: memoryObjects(), ...options }, hidden);
  conformance({ name, open, capabilities: CLOUD, effort: EFFORT });
}

test("options of a CloudStore that make no sense are CONFIG", () => {
  const storage = memoryObjects();
  const wrong: [options: unknown, words: string][] = [
    [undefined, "expected an object of options"],
    ["bucket", "expected an object of options"],
    [{}, "storage must be a bucket"],
    [{ storage, prefx: "a/" }, "prefx is not an option; there are storage"],
    [{ storage, cache: null }, "cache must be an object of options"],
    [{ storage, cache: { maxSize: "8MB" } }, "cache.maxSize is not an option; there are size"],
    [{ storage, cache: { size: "1MB" } }, "cache.size must be a size from 8 MB to 4 GB"],
    [{ storage, cache: { maxStalenessMs: -1 } }, "cache.maxStalenessMs must be a number of 0 or more"],
    [{ storage, timeoutMs: 2 ** 31 }, "timeoutMs must be a number from 1 to 2147483647"],
    [{ storage, attempts: 0 }, "attempts must be a number from 1 to 1000"],
    [{ storage, concurrency: NaN }, "concurrency must be a number from 1 to 100000"],
    [{ storage, graceMs: "1h" }, "graceMs must be a number of 0 or more"],
  ];
  for (const [options, words] of wrong) assertFailsSync(() => new CloudStore(options as never), "CONFIG", words);
});
