import type { StorageStats } from "../engine.ts";
import type { Records } from "./records.ts";

/** The figures of a store whose core holds all of its records, or a cache of them, and may take `maxBytes`. */
export function statsOf(records: Records, backend: string, maxBytes: number): StorageStats {
  const { core, hits, misses } = records;
  const { keys, liveBytes, logBytes, indexBytes, evictions, expirations, recycledPages, movedBytes } = core.stats();
  return {
    backend,
    keys,
    liveBytes,
    garbageBytes: logBytes - liveBytes,
    indexBytes,
    memoryBytes: core.memoryBytes,
    maxBytes,
    hits,
    misses,
    evictions,
    expirations,
    recycledPages,
    movedBytes,
  };
}
