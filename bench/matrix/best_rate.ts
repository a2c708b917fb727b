import type { YcsbRow } from "../ycsb/race.ts";
import type { YcsbWorkload } from "../ycsb/workloads.ts";

/** Calls a second in the best way that a contender has; 0 where it has none for this. */
export function bestRate(rows: readonly YcsbRow[], contender: string, workload: YcsbWorkload): number {
  const rates = rows.filter((row) => row.contender === contender).map(({ rates }) => rates[workload]?.median ?? 0);
  return Math.max(0, ...rates);
}
