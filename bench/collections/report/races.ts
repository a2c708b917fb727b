import { formatRate, formatRatio } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import type { CollectionsPlan } from "../plan.ts";
import type { Row } from "../results.ts";
import { type Group, GROUP_TITLES, TITLES, type Workload, WORKLOADS } from "../workloads.ts";

/** One table for each data type: the contenders, at one size after another. */
export function raceTable(rows: readonly Row[], group: Group, plan: CollectionsPlan, table: TableMaker): string {
  const workloads = WORKLOADS[group];
  const sizes = group === "small" ? [plan.smallHashes] : plan.sizes;
  const lines = sizes.flatMap((size) => {
    const there = rows.filter((row) => row.group === group && row.size === size);
    const ferrite = there.find((row) => row.label === "ferrite" && !row.isAsync);
    return there.map((row) => [
      size.toLocaleString("en"),
      row.isAsync && row.label === "ferrite" ? "ferrite, awaited" : row.label,
      ...workloads.map((workload) => cell(row, ferrite, workload)),
    ]);
  });
  return table([GROUP_TITLES[group], "", ...workloads.map((workload) => TITLES[workload])], lines, 2);
}

function cell(row: Row, ferrite: Row | undefined, workload: Workload): string {
  const figure = row.figures[workload];
  if (figure === undefined) return "–";
  const rate = formatRate(figure.median);
  const own = ferrite?.figures[workload]?.median;
  return row === ferrite || own === undefined ? rate : `${rate} ${formatRatio(figure.median / own)}`;
}
