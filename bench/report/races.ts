import type { Row } from "../results.ts";
import { BATCH_KEYS, type Workload, WORKLOADS } from "../workloads.ts";
import { formatRate, formatRatio } from "./format.ts";
import type { TableMaker } from "./table.ts";

const COLUMNS: readonly [Workload, string][] = [
  ["load", "load"],
  ["uniform", "get uniform"],
  ["zipf", "get zipf"],
  ["hot", "get hot"],
  ["mget", `mget ${BATCH_KEYS}`],
  ["update", "update"],
  ["resize", "resize"],
];

/** One table for calls that answer at once, one for those with promises. */
export function raceTable(
  rows: readonly Row[],
  isAsync: boolean,
  table: TableMaker,
  measured: readonly Workload[] = WORKLOADS,
): string {
  const columns = COLUMNS.filter(([workload]) => measured.includes(workload));
  const inRace = rows.filter((row) => row.isAsync === isAsync);
  const ferrite = inRace.find((row) => row.label === "ferrite");
  const lines = inRace.map((row) => [row.label, ...columns.map(([workload]) => cell(row, ferrite, workload))]);
  return table([isAsync ? "awaited" : "sync", ...columns.map(([, title]) => title)], lines, 1);
}

function cell(row: Row, ferrite: Row | undefined, workload: Workload): string {
  const figure = row.figures[workload];
  if (figure === undefined) return "–";
  const rate = formatRate(figure.median);
  const own = ferrite?.figures[workload]?.median;
  return row === ferrite || own === undefined ? rate : `${rate} ${formatRatio(figure.median / own)}`;
}
