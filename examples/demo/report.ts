import type { HybridLogStats } from "@ferrite/storage";
import { bar, columns, size } from "./terminal.ts";

const WIDTH = 40;

/** What the store takes, on disk and in memory. */
export function reportFigures(stats: HybridLogStats): void {
  const { logBytes, liveBytes, garbageBytes, maxBytes, indexBytes, mutableBytes, readonlyBytes, cacheBytes } = stats;
  const part = (of: number) => (what: string, bytes: number) => [what, size(bytes), bar(bytes / of, WIDTH)];
  const onDisk = part(logBytes);
  columns([
    onDisk("the log on disk", logBytes),
    onDisk("live records", liveBytes),
    onDisk("garbage and gaps", garbageBytes),
    onDisk("memory, at most", maxBytes),
  ], [1]);
  const inMemory = part(maxBytes);
  columns([
    inMemory("index", indexBytes),
    inMemory("mutable records", mutableBytes),
    inMemory("read-only ones", readonlyBytes),
    inMemory("copies of cold ones", cacheBytes),
  ], [1]);
  console.log();
}
