import { formatMs } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import { median } from "../../data/median.ts";
import { type Cost, growthOf, ratioOf } from "../growth.ts";
import { payloadBytes } from "../memory.ts";
import { longestInEvery } from "../stalls.ts";
import type { CollectionsResults } from "../results.ts";
import { GROUPS, SINGULARS, TITLES } from "../workloads.ts";

export function memoryTable({ memory }: CollectionsResults, table: TableMaker): string {
  const byCase = GROUPS.flatMap((group) => memory.filter(({ memoryCase }) => memoryCase === group));
  const rows = byCase.map(({ contender, memoryCase, count, bytesEach, indexBytesEach, heldBytesEach }) => [
    memoryCase === "small"
      ? `${count.toLocaleString("en")} hashes of 5 fields, each`
      : `${SINGULARS[memoryCase]} of ${count.toLocaleString("en")}, per element`,
    contender,
    String(payloadBytes(memoryCase)),
    bytesEach.toFixed(1),
    indexBytesEach === null ? "–" : indexBytesEach.toFixed(1),
    heldBytesEach.toFixed(1),
  ]);
  return table(["bytes", "", "names, values", "all", "of it index", "held"], rows, 2);
}

export function growthTable(results: CollectionsResults, table: TableMaker): string {
  const [from, to] = results.plan.growth.map((size) => size.toLocaleString("en"));
  const cells = (cost: Cost | null) =>
    cost === null ? ["–", "–"] : [`${ns(cost.from)} → ${ns(cost.to)}`, `${ratioOf(cost)!.toFixed(2)}x`];
  const rows = growthOf(results).map(({ workload, ferrite, redisServer, redis }) => [
    TITLES[workload],
    ...cells(ferrite),
    ...cells(redisServer),
    ...cells(redis),
  ]);
  return table([`ns, ${from} → ${to}`, "ferrite", "", "within Redis", "", "Redis, client", ""], rows, 1);
}

function ns(time: number): string {
  return time < 10_000 ? time.toFixed(0) : `${(time / 1_000).toFixed(0)}k`;
}

export function stallsTable({ stalls, plan }: CollectionsResults, table: TableMaker): string {
  const rows = (stalls[0] ?? []).map(({ stallCase, phase, calls }, at) => {
    const runs = stalls.map((run) => run[at]);
    const inEvery = longestInEvery(runs);
    const middle = (figure: (run: typeof runs[number]) => number) => formatMs(median(runs.map(figure)));
    const sum = (figure: (run: typeof runs[number]) => number) =>
      String(runs.reduce((total, run) => total + figure(run), 0));
    return [
      `${SINGULARS[stallCase]}: ${phase}`,
      middle(({ calls }) => calls.maxMs),
      formatMs(Math.max(...runs.map(({ calls }) => calls.maxMs))),
      inEvery === 0 ? "≤ 0.1 ms" : formatMs(inEvery),
      calls.count === 1 ? "–" : middle(({ calls }) => calls.p999Ms),
      sum(({ calls }) => calls.over1Ms),
      sum(({ calls }) => calls.over5Ms),
      middle(({ control }) => control.maxMs),
      formatMs(Math.max(...runs.map(({ control }) => control.maxMs))),
    ];
  });
  const columns = [
    "longest",
    "of all runs",
    "in each run",
    "p99.9",
    "> 1 ms",
    "> 5 ms",
    "no store: longest",
    "of all runs",
  ];
  return table([`growth to ${plan.stalls.elements.toLocaleString("en")}`, ...columns], rows, 1);
}
