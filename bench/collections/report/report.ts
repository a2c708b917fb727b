import type { TableMaker } from "../../report/table.ts";
import { type Target, targetTable } from "../../report/targets.ts";
import type { CollectionsResults } from "../results.ts";
import { GROUPS } from "../workloads.ts";
import { growthTable, memoryTable, stallsTable } from "./own_figures.ts";
import { raceTable } from "./races.ts";

/** Above this, somebody else is using the machine. */
const BUSY_LOAD = 0.5;

/** A whole run for people. */
export function report(results: CollectionsResults, targets: readonly Target[], table: TableMaker): string {
  const { host, loadBefore, plan, redisVersion, rows, absent } = results;
  return [
    `${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores; Redis ${redisVersion ?? "absent"}; ` +
    `seed ${plan.seed}; medians of ${plan.rounds} rounds`,
    ...loadBefore > BUSY_LOAD
      ? [`The machine was busy when this began (load ${loadBefore.toFixed(1)}): all figures are worse than they are.`]
      : [],
    "Calls a second, and how many times Ferrite's that is:",
    ...GROUPS.map((group) => raceTable(rows, group, plan, table)),
    "Redis has no call like linsertAt: it is LINSERT before an element in the middle, which it has to look for.",
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
    "",
    "Memory, all counted: Ferrite's live records and its index, Redis's MEMORY USAGE; and what both hold of the system.",
    memoryTable(results, table),
    "",
    "How the cost of a call grows with its collection; within Redis by its own clock, without the way there and back.",
    growthTable(results, table),
    "",
    'Each call timed; "no store" is a loop as long that uses none, and shows the noise of the machine. ' +
    `Medians of ${plan.stalls.runs} runs; "in each run": the longest that one and the same call took in all of them.`,
    stallsTable(results, table),
    "",
    plan.isQuick ? "Targets (they are meant for the full run: this one is smaller and shorter)" : "Targets",
    targetTable(targets, table),
  ].join("\n");
}
