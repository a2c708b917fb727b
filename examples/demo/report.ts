import type { StorageStats } from "@ferrite/storage";
import type { Loaded } from "./load.ts";
import { bar, columns, number, size } from "./terminal.ts";

const WIDTH = 40;

/** What the store takes, and what it has done before and after it was reopened. */
export function reportFigures(before: StorageStats, after: StorageStats, loaded: Loaded): void {
  const { dataBytesPerRecord, bytesPerRecord } = loaded;
  columns(
    [
      ["bytes per record", bytesPerRecord.toFixed(1)],
      ["key and value", dataBytesPerRecord.toFixed(1)],
      ["header and index", (bytesPerRecord - dataBytesPerRecord).toFixed(1)],
    ].map(([what, bytes]) => [what, bytes, bar(Number(bytes) / bytesPerRecord, WIDTH)]),
    [1],
  );

  const { liveBytes, indexBytes, garbageBytes, memoryBytes, maxBytes } = after;
  const part = (what: string, bytes: number) => [what, size(bytes), bar(bytes / maxBytes, WIDTH)];
  columns([
    part("live records", liveBytes),
    part("index", indexBytes),
    part("garbage", garbageBytes),
    part("free for reuse", memoryBytes - liveBytes - indexBytes - garbageBytes),
    part("memory held", memoryBytes),
    ["at most", size(maxBytes), "░".repeat(WIDTH)],
  ], [1]);

  const figure = (what: string, of: (stats: StorageStats) => number) => [what, number(of(before)), number(of(after))];
  columns([
    ["", "before", "reopened"],
    figure("keys", (stats) => stats.keys),
    figure("reads that hit", (stats) => stats.hits),
    figure("reads that missed", (stats) => stats.misses),
    figure("keys expired", (stats) => stats.expirations),
    figure("keys evicted", (stats) => stats.evictions),
    figure("pages recycled", (stats) => stats.recycledPages),
  ], [1, 2]);
  console.log();
}
