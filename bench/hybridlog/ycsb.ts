import { formatPercent, formatRate, formatRatio } from "../report/format.ts";
import type { TableMaker } from "../report/table.ts";
import { type Target, target } from "../report/targets.ts";
import { formatBytes } from "./format.ts";
import type { Findings, Part } from "./part.ts";
import type { HybridLogPlan } from "./plan.ts";
import { ON_FILES } from "../ycsb/contenders/mod.ts";
import { race, type YcsbRace, type YcsbRow } from "../ycsb/race.ts";
import type { YcsbWorkload } from "../ycsb/workloads.ts";

/** In the order in which they run. */
const WORKLOADS: readonly YcsbWorkload[] = ["C", "A", "F"];

export const ycsb: Part = {
  title: "YCSB on data of 8 times the memory budget, zipf 0.99, page cache warm",
  async measure(plan, table, progress): Promise<Findings> {
    const races: YcsbRace[] = [];
    for (const one of plan.tables) {
      const options = { ...plan, table: one, contenders: ON_FILES, workloads: WORKLOADS, hasLanes: false };
      races.push(await race(options, (text) => progress(`values of ${one.valueBytes}: ${text}`)));
    }
    return {
      text: races.map((one) => report(one, plan, table)).join("\n"),
      json: { races },
      targets: races.flatMap((one) => checkTargets(one, plan.isBusy)),
    };
  },
};

function report(result: YcsbRace, { rounds, loadsAtRandom }: HybridLogPlan, table: TableMaker): string {
  const { plan, rows, absent } = result;
  return [
    `${plan.keys.toLocaleString("en")} keys, values of ${plan.valueBytes} bytes, budget ${
      formatBytes(plan.budgetBytes)
    } (${formatBytes(plan.writeBytes)} of it for writes). Calls a second, medians of ${rounds} rounds, and how many ` +
    `times Ferrite's that is; of the load (once, in ${
      loadsAtRandom ? "random order" : "the order of the keys"
    }), keys a second:`,
    raceTable(result, table),
    "The same by the processor time of all threads of the process, which others on the machine do not change:",
    cpuTable(result, table),
    ...rows.filter(({ contender, efforts }) => contender === "ferrite" && efforts.C !== undefined).map(effortLine),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
  ].join("\n");
}

/** The rows of rivals that commit each write on its own, as Ferrite does, end with this. */
const EACH_CALL = ", each call";

function raceTable({ rows, loads, weights }: YcsbRace, table: TableMaker): string {
  const own = rows.find(({ label }) => label === "ferrite");
  const lines = rows.map((row) => {
    const { contender, label, rates } = row;
    const isFirst = rows.find((other) => other.contender === contender) === row;
    const weight = isFirst ? weights[contender] : undefined;
    return [
      label,
      isFirst && loads[contender] !== undefined ? cell(loads[contender], loads.ferrite) : "–",
      ...WORKLOADS.map((workload) => cell(rates[workload]?.median, own?.rates[workload]?.median)),
      weight === undefined ? "" : formatBytes(weight.diskBytes),
      weight === undefined ? "" : formatBytes(weight.rssBytes),
      weight?.anonBytes == null ? "" : formatBytes(weight.anonBytes),
    ];
  });
  return table(["sync", "load", ...WORKLOADS, "disk", "RSS", "RssAnon"], lines, 1);
}

function cpuTable({ rows }: YcsbRace, table: TableMaker): string {
  const own = rows.find(({ label }) => label === "ferrite");
  const lines = rows.map(({ label, cpuRates }) => [
    label,
    ...WORKLOADS.map((workload) => cell(cpuRates[workload]?.median, own?.cpuRates[workload]?.median)),
  ]);
  return table(["a second of processor time", ...WORKLOADS], lines, 1);
}

export function cell(rate: number | undefined, own: number | undefined): string {
  if (rate === undefined) return "–";
  return own === undefined || rate === own ? formatRate(rate) : `${formatRate(rate)} ${formatRatio(rate / own)}`;
}

export function effortLine({ label, efforts }: YcsbRow): string {
  const parts = WORKLOADS.filter((workload) => efforts[workload] !== undefined)
    .map((workload) => {
      const { calls, diskReads, bytesWritten, userBytes } = efforts[workload]!;
      const isKnown = userBytes > 0 && bytesWritten !== null;
      const written = isKnown ? `, write amplification ${(bytesWritten / userBytes).toFixed(2)}` : "";
      return `${workload}: ${formatPercent(diskReads! / calls)} of calls read from disk${written}`;
    });
  return `${label}: ${parts.join("; ")}.`;
}

/** Which workload, beside which rival, and how many times as fast. */
const TO_RIVALS: readonly [YcsbWorkload, rival: string, least: number][] = [
  ["C", "classic-level", 2],
  ["C", "lmdb", 1.3],
  ["C", "rocksdb", 5],
  ["A", "lmdb", 6],
  ["A", "rocksdb", 6],
  ["A", "SQLite", 6],
  ["F", "lmdb", 6],
  ["F", "rocksdb", 6],
  ["F", "SQLite", 6],
];

function checkTargets({ plan, rows }: YcsbRace, isBusy: boolean): Target[] {
  const size = `${plan.valueBytes} B`;
  const rateOf = (row: YcsbRow | undefined, workload: YcsbWorkload) =>
    (isBusy ? row?.cpuRates : row?.rates)?.[workload]?.median;
  const own = (workload: YcsbWorkload, isAwaited = false) =>
    rateOf(rows.find((row) => row.contender === "ferrite" && row.isAwaited === isAwaited), workload);
  const best = (rival: string, workload: YcsbWorkload, isEachCall: boolean) =>
    Math.max(
      0,
      ...rows.filter(({ contender, label }) => contender === rival && label.endsWith(EACH_CALL) === isEachCall)
        .map((row) => rateOf(row, workload) ?? 0),
    );
  const toRivals = TO_RIVALS.flatMap(([workload, rival, least]) =>
    [false, true].flatMap((isEachCall) => {
      const rate = best(rival, workload, isEachCall);
      if (rate === 0 && (isEachCall || workload === "F")) return []; // it has no such call
      const way = workload === "C" ? "" : isEachCall ? EACH_CALL : ", batched";
      const name = `YCSB ${workload}, ${size}, to ${rival}${way}`;
      return [
        target(name, `≥ ${least}x`, rate === 0 ? null : own(workload)! / rate, (x) => x >= least, formatRatio),
      ];
    })
  );
  const awaited = WORKLOADS.map((workload) => {
    const [sync, all] = [own(workload), own(workload, true)];
    const share = sync === undefined || all === undefined ? null : all / sync;
    return target(`YCSB ${workload}, ${size}, awaited to sync`, "≥ 55 %", share, (x) => x >= 0.55, formatPercent);
  });
  return [...toRivals, ...awaited];
}
