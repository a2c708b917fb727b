import type { HybridLogOptions } from "@ferrite/storage";
import { HybridLogStore } from "../src/hybridlog/store.ts";
import { HYBRIDLOG } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import { FaultyFiles } from "./support/faulty_files.ts";

// The suite that every backend passes, on files in memory: those of this runtime are the same interface, and have tests of their own.

const SMALL = { mutableSize: "4MB", readonlySize: "60MB", segmentSize: "1MB" };

const STORES: Record<string, HybridLogOptions> = {
  "HybridLogStore": { durability: "manual" },
  "HybridLogStore of 64 MB, every write on the disk": { ...SMALL, durability: "always" },
  "HybridLogStore of 64 MB, reading asynchronously": {
    ...SMALL,
    durability: "interval",
    commitIntervalMs: 5,
    io: "async",
  },
};

for (const [i, [name, options]] of Object.entries(STORES).entries()) {
  // What takes many keys is about the index and the log, which they have in common.
  const effort = i === 0 ? 1 : 0.3;
  const open = () => HybridLogStore.open({ dataDir: "data", ...options }, { files: new FaultyFiles() });
  conformance({ name, open, capabilities: HYBRIDLOG, effort });
}
