import type { HybridLogStats } from "@ferrite/storage";

/** What answered reads: records that may still change, those on their way to disk, copies of those on disk, the disk. */
export const TIERS = ["mutable", "read-only", "copies", "disk"] as const;

/** How many of `reads` by `get` each of the tiers has answered between two looks at the figures. */
export function readsByTier(before: HybridLogStats, after: HybridLogStats, reads: number = Infinity): number[] {
  const since = (of: (stats: HybridLogStats) => number) => of(after) - of(before);
  const mutable = since((stats) => stats.mutableHits);
  const readOnly = since((stats) => stats.readonlyHits);
  // A read that comes from the disk may count as two, or once more as one of the copy that it leaves.
  const disk = Math.min(since((stats) => stats.diskReads), reads - mutable - readOnly);
  const copies = Math.min(since((stats) => stats.cacheHits), reads - mutable - readOnly - disk);
  return [mutable, readOnly, copies, disk];
}
