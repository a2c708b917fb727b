import { formatPercent, formatRate, formatRatio } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import { type Target, target } from "../../report/targets.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import { type Absent, askAll, type Runner } from "../../runners.ts";
import { Worker } from "../../worker/worker.ts";
import type { Findings, Part } from "../part.ts";
import { type HybridLogPlan, recordBytes } from "../plan.ts";
import { type Rate, Rates } from "../../rounds.ts";
import { DURABLE_VALUE_BYTES, type DurableRequest, type DurableTiming } from "./actor.ts";
import { DURABLE } from "./contenders.ts";

const GROUPS = ["flushed", "not flushed"] as const;
/** Faster than any of them, so that the time ends a piece. */
const MOST_WRITES_A_SECOND = 2_000_000;

interface DurableResult {
  rates: Record<string, Rate>;
  /** Of Ferrite, by its durability, of the last round. */
  efforts: Record<string, DurableTiming>;
  absent: Absent[];
}

/** Writes that are on the disk when they are answered, and what it costs to have them there once a second. */
export const durable: Part = {
  title: "Durable writes",
  async measure(plan, table, progress): Promise<Findings> {
    const result = await race(plan, progress);
    return { text: report(result, plan, table), json: result, targets: checkTargets(result) };
  },
};

async function race({ durable, seed }: HybridLogPlan, progress: (text: string) => void): Promise<DurableResult> {
  const rates = new Rates();
  const result: DurableResult = { rates: {}, efforts: {}, absent: [] };
  for (const group of GROUPS) {
    const limitMs = group === "flushed" ? durable.limitMs : durable.intervalLimitMs;
    const operations = Math.ceil(limitMs / 1_000 * MOST_WRITES_A_SECOND);
    const { writers, keys } = durable;
    const request = (round: number): DurableRequest => ({ writers, keys, limitMs, operations, seed: seed + round });
    const rounds = group === "flushed" ? durable.rounds : durable.intervalRounds;
    const runners = await openAll(group, request(0), result.absent, progress);
    try {
      for (let round = 1; round <= rounds; round++) {
        progress(`${group}: round ${round} of ${rounds}`);
        await askAll(runners, result.absent, async ({ name, worker }) => {
          const timing = await worker.ask("runDurable", request(round));
          rates.note(name, timing.writes, timing.ms);
          if (timing.syncs !== null) result.efforts[name] = timing;
        });
      }
    } finally {
      await Promise.all(runners.map(({ worker }) => worker.close()));
      for (const { remove } of runners) remove();
    }
  }
  result.rates = rates.all();
  return result;
}

async function openAll(
  group: string,
  request: DurableRequest,
  absent: Absent[],
  progress: (text: string) => void,
): Promise<(Runner & { remove: () => void })[]> {
  const runners = [];
  for (const contender of Object.keys(DURABLE)) {
    if (DURABLE[contender].group !== group) continue;
    progress(`opening ${contender}`);
    const worker = new Worker();
    const directory = temporaryDirectory();
    try {
      await worker.ask("openDurable", { contender, directory: directory.path, request });
      runners.push({ name: contender, worker, remove: directory.remove });
    } catch (error) {
      absent.push({ contender, reason: (error as Error).message });
      await worker.close();
      directory.remove();
    }
  }
  return runners;
}

function report({ rates, efforts, absent }: DurableResult, { durable }: HybridLogPlan, table: TableMaker): string {
  const lines = Object.entries(rates).map(([name, { median, rounds }]) => {
    const own = rates[DURABLE[name].group === "flushed" ? "ferrite" : "ferrite manual"]
      ?.median;
    const effort = efforts[name];
    return [
      name,
      DURABLE[name].group,
      formatRate(median),
      own === undefined || own === median ? "" : formatRatio(median / own),
      `${formatRate(Math.min(...rounds))} – ${formatRate(Math.max(...rounds))}`,
      effort === undefined ? "" : (effort.writes / Math.max(1, effort.syncs!)).toFixed(0),
      effort === undefined ? "" : (effort.bytesWritten! / effort.writes).toFixed(0),
    ];
  });
  return [
    `${
      durable.writers.toLocaleString("en")
    } writers at a time, each of which awaits its last write; keys of 14 bytes, ` +
    `values of ${DURABLE_VALUE_BYTES}, a record has ${
      recordBytes(DURABLE_VALUE_BYTES)
    }. Writes a second, medians of rounds:`,
    table(["", "", "writes", "to ours", "rounds", "writes a sync", "bytes a write"], lines, 2),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
  ].join("\n");
}

function checkTargets({ rates }: DurableResult): Target[] {
  const ratio = (a: string, b: string) =>
    rates[a] === undefined || rates[b] === undefined ? null : rates[a].median / rates[b].median;
  return [
    target(
      "always, 1,000 writers, to lmdb's flushed puts",
      "≥ 8x",
      ratio("ferrite", "lmdb"),
      (x) => x >= 8,
      formatRatio,
    ),
    target(
      "always, 1,000 writers, to write + fdatasync",
      "≥ 30 %",
      ratio("ferrite", "write + fdatasync"),
      (x) => x >= 0.3,
      formatPercent,
    ),
    ...["", ", little memory"].map((memory) =>
      target(
        `interval, to manual${memory}`,
        "≥ 80 %",
        ratio(`ferrite interval${memory}`, `ferrite manual${memory}`),
        (x) => x >= 0.8,
        formatPercent,
      )
    ),
  ];
}
