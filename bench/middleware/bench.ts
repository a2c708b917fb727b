import type { Plan } from "../plan.ts";
import { race } from "../race.ts";
import { raceTable } from "../report/races.ts";
import type { TableMaker } from "../report/table.ts";
import { describeHost } from "../runtime.ts";
import type { Workload } from "../workloads.ts";
import { WRAPPED } from "./contenders.ts";

const MEASURED: readonly Workload[] = ["load", "uniform", "hot", "mget", "update"];

/** Measures what wrappers cost, beside the store without any. */
export async function benchMiddleware(
  plan: Plan,
  table: TableMaker,
  progress: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const date = new Date().toISOString();
  const { rows, absent } = await race(plan, progress, Object.keys(WRAPPED), MEASURED);
  progress("");
  const host = describeHost();
  const text = [
    `${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores; ${plan.keys.toLocaleString("en")} keys of 14 ` +
    `bytes, values of 100; seed ${plan.seed}; medians of ${plan.rounds} rounds`,
    "Operations a second of a memory store in wrappers, and how many times that without them it is:",
    raceTable(rows, false, table, MEASURED),
    raceTable(rows, true, table, MEASURED),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
  ].join("\n");
  return { text, json: { date, host, plan, rows, absent } };
}
