import type { Results } from "../results.ts";
import { ownFigures } from "./own_figures.ts";
import { raceTable } from "./races.ts";
import type { TableMaker } from "./table.ts";
import { type Target, targetTable } from "./targets.ts";

/** A whole run for people. */
export function report(results: Results, targets: readonly Target[], table: TableMaker): string {
  const { host, plan, rows, absent } = results;
  return [
    `${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores; ${plan.keys.toLocaleString("en")} keys of 14 ` +
    `bytes, values of 100; seed ${plan.seed}; medians of ${plan.rounds} rounds`,
    "Operations a second (of mget: keys), and how many times Ferrite's that is:",
    raceTable(rows, false, table),
    raceTable(rows, true, table),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
    "",
    ownFigures(results, table),
    "",
    plan.isQuick ? "Targets (they are meant for the full run: this one is smaller and shorter)" : "Targets",
    targetTable(targets, table),
  ].join("\n");
}
