import { HybridLogStore, MemoryStore, type StorageEngine } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { inDirectory } from "./directory.ts";

/** Runs with an empty store. */
export type WithStore = (run: (store: StorageEngine) => Promise<void>) => Promise<void>;

/** A store of each backend. */
export const BACKENDS: Readonly<Record<string, WithStore>> = {
  "memory": async (run) => {
    await using store = new MemoryStore({ maxSize: "64MB" });
    await run(store);
  },
  "hybrid log": (run) =>
    inDirectory(async (path) => {
      await using store = await HybridLogStore.open({
        dataDir: path("data"),
        mutableSize: "4MB",
        readonlySize: "28MB",
        segmentSize: "1MB",
      });
      await run(store);
    }),
  "cloud": async (run) => {
    await using store = new CloudStore({ storage: memoryObjects() });
    await run(store);
  },
};
