import { median } from "../data/median.ts";
import type { Results } from "../results.ts";
import type { Workload } from "../workloads.ts";
import { formatMs, formatPercent, formatRatio } from "./format.ts";
import { type Target, target } from "./targets.ts";

/**
 * Steps of a pointer chase that native FASTER takes the time of for a read: 253 to 275 ns beside 160 to 163. Its C++ store at commit
 * 7f71289 with one thread, a table of 2^18 buckets, the data of this race all in memory, keys made before and values copied out; g++ 12
 * with `-O3 -march=native`, AMD EPYC (Zen 5).
 */
const FASTER_HOPS = 1.6;

/** The numbers of the project's plan, each beside its rival of the same run. */
export function checkTargets(results: Results): Target[] {
  const rate = (label: string, workload: Workload, isAsync = false) =>
    results.rows.find((row) => row.label === label && row.isAsync === isAsync)
      ?.figures[workload]?.median;
  const ratio = (a: number | undefined, b: number | undefined) => a === undefined || b === undefined ? null : a / b;
  const own = (workload: Workload) => rate("ferrite", workload);
  const sqlite = results.rows.find(({ label }) => label.includes("sqlite"))?.figures.uniform?.median;
  const timesAtLeast = (name: string, least: number, measured: number | null) =>
    target(name, `≥ ${least}x`, measured, (x) => x >= least, formatRatio);
  const { entryOverhead, growthStalls, fullStore } = results;
  return [
    timesAtLeast("get uniform, to lmdb", 5, ratio(own("uniform"), rate("lmdb", "uniform"))),
    timesAtLeast("get uniform, to classic-level", 8, ratio(own("uniform"), rate("classic-level", "uniform"))),
    timesAtLeast("get uniform, to SQLite", 8, ratio(own("uniform"), sqlite)),
    timesAtLeast("get uniform, to a Map with fresh strings", 1, ratio(own("uniform"), rate("Map", "uniform"))),
    target(
      "get uniform, to native FASTER (1.6 steps of a pointer chase)",
      "≥ 75 %",
      ratio(own("uniform"), 1e9 / (FASTER_HOPS * median(results.hopNs))),
      (share) => share >= 0.75,
      formatPercent,
    ),
    timesAtLeast("get hot set, to classic-level", 25, ratio(own("hot"), rate("classic-level", "hot"))),
    target(
      "get uniform awaited, to sync",
      "≥ 60 %",
      ratio(rate("ferrite", "uniform", true), own("uniform")),
      (x) => x >= 0.6,
      formatPercent,
    ),
    timesAtLeast("mget of 64 uniform, to single gets", 2.5, ratio(own("mget"), own("uniform"))),
    timesAtLeast("set (update uniform), to lmdb put", 5, ratio(own("update"), rate("lmdb", "update"))),
    target(
      "bytes per entry beyond key and value",
      "≤ 40",
      entryOverhead.bytesPerEntry,
      (x) => x <= 40,
      (x) => x.toFixed(1),
    ),
    target(
      "longest write while growing (median of runs)",
      "≤ 5 ms",
      median(growthStalls.map((run) => run.store.maxMs)),
      (x) => x <= 5,
      formatMs,
    ),
    target(
      "overwrites at 80 % live data, to peak",
      "≥ 30 %",
      median(fullStore.full) / median(fullStore.ample),
      (x) => x >= 0.3,
      formatPercent,
    ),
  ];
}
