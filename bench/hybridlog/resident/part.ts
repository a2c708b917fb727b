import { formatPercent, formatRate, formatRatio } from "../../report/format.ts";
import { target } from "../../report/targets.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import { Worker } from "../../worker/worker.ts";
import type { Findings, Part } from "../part.ts";
import type { HybridLogPlan } from "../plan.ts";
import { Rates } from "../../rounds.ts";
import { RESIDENT_WORKLOADS } from "./actor.ts";

const CONTENDERS = ["memory", "hybrid log", "hybrid log, interval"] as const;
const BUDGET_BYTES = 1024 * 2 ** 20;
const WRITE_BYTES = 768 * 2 ** 20;
const LEAST = 0.85;

/** Data that fits: what the hybrid log costs beside the memory backend. */
export const resident: Part = {
  title: "Data that fits in memory, beside the memory backend",
  async measure(plan, table, progress): Promise<Findings> {
    const { keys, elements, rounds } = plan.resident;
    const { rates, cpuRates } = await race(plan, progress);
    const ratesOf = (from: Rates, contender: string, workload: string) => from.get(nameOf(contender, workload))!.median;
    const lines = (from: Rates) =>
      CONTENDERS.map((contender) => [
        contender,
        ...RESIDENT_WORKLOADS.map((workload) => {
          const rate = ratesOf(from, contender, workload);
          if (contender === "memory") return formatRate(rate);
          return `${formatRate(rate)} ${formatRatio(rate / ratesOf(from, "memory", workload))}`;
        }),
      ]);
    const held = plan.isBusy ? cpuRates : rates;
    return {
      text: [
        `${keys.toLocaleString("en")} keys with values of 100 bytes, ${
          elements.toLocaleString("en")
        } elements in a hash ` +
        `and in a sorted set; calls a second, medians of ${rounds} rounds:`,
        table(["sync", ...RESIDENT_WORKLOADS], lines(rates), 1),
        table(["a second of processor time", ...RESIDENT_WORKLOADS], lines(cpuRates), 1),
      ].join("\n"),
      json: { rates: rates.all(), cpuRates: cpuRates.all() },
      targets: RESIDENT_WORKLOADS.map((workload) =>
        target(
          `in memory: ${workload}, to the memory backend`,
          "≥ 85 %",
          ratesOf(held, "hybrid log", workload) / ratesOf(held, "memory", workload),
          (share) => share >= LEAST,
          formatPercent,
        )
      ),
    };
  },
};

function nameOf(contender: string, workload: string): string {
  return `${contender}: ${workload}`;
}

async function race(plan: HybridLogPlan, progress: (text: string) => void): Promise<{ rates: Rates; cpuRates: Rates }> {
  const { operations, limitMs, resident: { rounds, keys, elements } } = plan;
  const rates = new Rates();
  const cpuRates = new Rates();
  const directories = CONTENDERS.map(() => temporaryDirectory());
  const workers = CONTENDERS.map(() => new Worker());
  try {
    for (const [i, contender] of CONTENDERS.entries()) {
      progress(`load of ${contender}`);
      const means = { directory: directories[i].path, budgetBytes: BUDGET_BYTES, writeBytes: WRITE_BYTES };
      await workers[i].ask("openResident", { contender, means, plan: { keys, elements } });
    }
    for (const [kind, workload] of RESIDENT_WORKLOADS.entries()) {
      for (let round = 0; round <= rounds; round++) {
        progress(`${workload}: round ${round} of ${rounds}`);
        const request = { workload, operations, limitMs, seed: plan.seed + round * 1_000 + kind };
        for (const [i, contender] of CONTENDERS.entries()) {
          const piece = await workers[i].ask("runResident", request);
          if (round === 0) continue; // it warms up
          rates.note(nameOf(contender, workload), piece.operations, piece.ms);
          cpuRates.note(nameOf(contender, workload), piece.operations, piece.cpuMs);
        }
      }
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    for (const directory of directories) directory.remove();
  }
  return { rates, cpuRates };
}
