import type { HybridLogStats } from "@ferrite/storage";

/** What answered reads: records that may still change, those on their way to disk, copies of those on disk, the disk. */
export const TIERS = ["mutable", "read-only", "copies", "disk"] as const;

/** How many of `reads` by `get` each of the tiers has answered between two looks at the figures. */
export function readsByTier(before: HybridLogStats, after: HybridLogStats, reads: number = Infinity): number[] {
  const since = (of: (stats: HybridLogStats) => number) => of(after) - of(before);
  const mutable = since((stats) => stats.mutableHits);
  const readOnly = since((stats) => stats.readonlyHits);
  const disk = since((stats) => stats.diskReads);
  // What came from the disk may have been looked up again as a copy.
  const copies = Math.min(since((stats) => stats.cacheHits), reads - mutable - readOnly - disk);
  return [mutable, readOnly, copies, disk];
}
