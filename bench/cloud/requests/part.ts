import { formatMs, formatPercent, formatRate, formatRatio } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import { type Target, target } from "../../report/targets.ts";
import { type Rate, Rates } from "../../rounds.ts";
import { median } from "../../data/median.ts";
import { Worker } from "../../worker/worker.ts";
import type { Part } from "../../part.ts";
import { CONTENDERS } from "../contenders/mod.ts";
import type { CloudPlan } from "../plan.ts";
import { bucketTarget, emptyBucket } from "../target.ts";
import { CLOUD_WORKLOADS, type CloudWorkload, WORKLOADS } from "../workloads.ts";

const OWN = "ferrite";
const RIVAL = "aws4fetch";

/** What was found of one workload with so many calls at a time. */
interface Row {
  workload: CloudWorkload;
  lanes: number;
  /** Calls a second, by contender. */
  rates: Record<string, Rate>;
  /** Processor time of the process for a call, in milliseconds. */
  cpuMs: Record<string, number>;
  /** Ferrite's rate as a share of the rival's, in each round. */
  shares: number[];
}

/** Calls that ask the bucket, beside the same requests made by nothing but what signs them. */
export const requests: Part<CloudPlan> = {
  title: "Requests",
  async measure(plan, table, progress) {
    const target = await bucketTarget();
    const prefix = `ferrite-bench-${crypto.randomUUID()}/`;
    const runners = Object.keys(CONTENDERS).map((contender, i) => ({
      contender,
      place: { target, prefix: `${prefix}${i}/` },
      worker: new Worker(),
    }));
    const rows: Row[] = [];
    try {
      for (const { contender, place, worker } of runners) {
        progress(`filling the bucket: ${contender}`);
        await worker.ask("openRequests", { contender, place, plan });
      }
      for (const workload of CLOUD_WORKLOADS) {
        for (const lanes of plan.lanes) rows.push(await race(workload, lanes, plan, runners, progress));
      }
    } finally {
      await Promise.all(runners.map(({ worker }) => worker.close()));
      progress("removing what was written");
      await emptyBucket(target, prefix);
    }
    return { text: report(rows, plan, table), json: { endpoint: target.endpoint, rows }, targets: checkTargets(rows) };
  },
};

async function race(
  workload: CloudWorkload,
  lanes: number,
  { rounds, limitMs, seed }: CloudPlan,
  runners: readonly { contender: string; worker: Worker }[],
  progress: (text: string) => void,
): Promise<Row> {
  const rates = new Rates();
  const cpuMs = new Map<string, number[]>(runners.map(({ contender }) => [contender, []]));
  for (let round = 1; round <= rounds; round++) {
    progress(`${workload}, ${lanes} at a time: round ${round} of ${rounds}`);
    // Each goes first in its turn: a server may be slower after some requests than after others.
    for (let i = 0; i < runners.length; i++) {
      const { contender, worker } = runners[(i + round) % runners.length];
      const piece = await worker.ask("runRequests", { workload, lanes, limitMs, seed: seed + round });
      rates.note(contender, piece.operations, piece.ms);
      cpuMs.get(contender)!.push(piece.cpuMs / piece.operations);
    }
  }
  const all = rates.all();
  return {
    workload,
    lanes,
    rates: all,
    cpuMs: Object.fromEntries(Array.from(cpuMs, ([name, ms]) => [name, median(ms)])),
    shares: all[OWN].rounds.map((rate, i) => rate / all[RIVAL].rounds[i]),
  };
}

function report(rows: readonly Row[], { rounds, smallKeys, largeKeys }: CloudPlan, table: TableMaker): string {
  const others = Object.keys(CONTENDERS).filter((name) => name !== OWN);
  const lines = rows.map(({ workload, lanes, rates, cpuMs, shares }, i) => [
    rows[i - 1]?.workload === workload ? "" : workload,
    String(WORKLOADS[workload].requests),
    String(lanes),
    formatRate(rates[OWN].median),
    ...others.map((name) => `${formatRate(rates[name].median)} ${formatRatio(rates[name].median / rates[OWN].median)}`),
    formatPercent(median(shares)),
    ...[OWN, ...others].map((name) => formatMs(cpuMs[name])),
  ]);
  const head = ["", "requests", "at a time", OWN, ...others, "share", ...["cpu", "cpu", "cpu"]];
  return [
    `Calls a second on ${smallKeys.toLocaleString("en")} keys with values of 1 KB, and ${
      largeKeys.toLocaleString("en")
    } with values of 100 KB, medians of ${rounds} rounds; how many times Ferrite's that is; Ferrite's as a share of what ${RIVAL} ` +
    "does in the same round; and processor time of the process for a call, in the same order:",
    table(head, lines, 1),
  ].join("\n");
}

function checkTargets(rows: readonly Row[]): Target[] {
  return rows.map(({ workload, lanes, shares }) =>
    target(`${workload}, ${lanes} at a time, to ${RIVAL}`, "≥ 90 %", median(shares), (x) => x >= 0.9, formatPercent)
  );
}
