import type { AllPlan } from "../all/plan.ts";
import { saveRecord } from "../all/records.ts";
import { formatBytes } from "../hybridlog/format.ts";
import type { Findings, Part } from "../part.ts";
import { formatRate } from "../report/format.ts";
import type { TableMaker } from "../report/table.ts";
import { type Host, RUNTIMES } from "../runtime.ts";
import { inOwnProcess } from "../worker/in_own_process.ts";
import { CONTENDERS, ON_FILES } from "../ycsb/contenders/mod.ts";
import { race, type YcsbRace } from "../ycsb/race.ts";
import { YCSB_WORKLOADS } from "../ycsb/workloads.ts";
import { matrixPlan, type MatrixTable } from "./plan.ts";

export interface MatrixRace extends YcsbRace {
  host: Host;
  table: MatrixTable;
}

export interface MatrixRecord {
  date: string;
  isQuick: boolean;
  rounds: number;
  races: MatrixRace[];
}

/** Of `lines`. Latencies are in microseconds; the longest is a call, or a turn of the event loop between calls. */
export const HEAD: string[] = [
  "calls a second",
  "load",
  ...YCSB_WORKLOADS,
  "disk",
  "RSS",
  "A: written / given",
  "read p99",
  "write p99",
  "longest",
];

/** Everybody who holds data that fits, and those who can have more of it than memory. */
const WHERE_IT_FITS = Object.keys(CONTENDERS).filter((name) => !name.includes(","));
const WHERE_IT_DOES_NOT = [...ON_FILES, "Deno KV"];

export const matrix: Part<AllPlan> = {
  title: "YCSB: all stores, all runtimes",
  async measure({ isQuick, seed, directory }, table, progress): Promise<Findings> {
    const { tables, ...plan } = matrixPlan(isQuick);
    const record: MatrixRecord = { date: new Date().toISOString(), isQuick, rounds: plan.rounds, races: [] };
    for (const runtime of RUNTIMES) {
      const host = await inOwnProcess((worker) => worker.ask("host", {}), { runtime });
      for (const one of tables) {
        const options = {
          ...plan,
          seed,
          runtime,
          table: one,
          contenders: one.fits ? WHERE_IT_FITS : WHERE_IT_DOES_NOT,
          workloads: YCSB_WORKLOADS,
          hasLanes: false,
          loadsAtRandom: true,
        };
        const result = await race(options, (text) => progress(`${runtime}, ${one.name}: ${text}`));
        record.races.push({ ...result, host, table: one });
        saveRecord(directory, "matrix", record);
      }
    }
    return { text: record.races.map((one) => report(one, table)).join("\n"), json: record, targets: [] };
  },
};

function report(result: MatrixRace, table: TableMaker): string {
  const { host, table: { name, keys, budgetBytes }, absent } = result;
  return [
    `${host.runtime} ${host.version}: ${name}; ${keys.toLocaleString("en")} keys, budget ${formatBytes(budgetBytes)}`,
    table(HEAD, lines(result), 1),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
  ].join("\n");
}

/** Of each face of each contender. */
export function lines({ rows, loads, weights, callTimes }: YcsbRace): string[][] {
  return rows.map((row) => {
    const { contender, label, rates, efforts } = row;
    const isFirst = rows.find((other) => other.contender === contender) === row;
    const weight = isFirst ? weights[contender] : undefined;
    const times = isFirst ? callTimes[contender] : undefined;
    const { bytesWritten, userBytes } = efforts.A ?? { bytesWritten: null, userBytes: 0 };
    return [
      label,
      isFirst && loads[contender] !== undefined ? formatRate(loads[contender]) : "–",
      ...YCSB_WORKLOADS.map((workload) => rates[workload] === undefined ? "–" : formatRate(rates[workload].median)),
      weight === undefined ? "" : weight.diskBytes === 0 ? "–" : formatBytes(weight.diskBytes),
      weight === undefined ? "" : formatBytes(weight.rssBytes),
      bytesWritten === null || userBytes === 0 ? "–" : (bytesWritten / userBytes).toFixed(2),
      times === undefined ? "" : formatMicroseconds(times.reads.p99),
      times === undefined ? "" : formatMicroseconds(times.writes.p99),
      times === undefined ? "" : formatMicroseconds(Math.max(times.reads.max, times.writes.max, times.longestTurnMs)),
    ];
  });
}

function formatMicroseconds(ms: number): string {
  const us = ms * 1_000;
  return us < 9.95 ? us.toFixed(1) : us.toFixed(0);
}
