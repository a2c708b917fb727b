import { formatPercent, formatRate, formatRatio } from "../../report/format.ts";
import { target } from "../../report/targets.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import { Worker } from "../../worker/worker.ts";
import type { Findings, Part } from "../part.ts";
import { Rates } from "../rounds.ts";
import { RESIDENT_WORKLOADS } from "./actor.ts";

const CONTENDERS = ["memory", "hybrid log", "hybrid log, interval"] as const;
const BUDGET_BYTES = 1024 * 2 ** 20;
const WRITE_BYTES = 768 * 2 ** 20;
const LEAST = 0.85;

/** Data that fits: what the hybrid log costs beside the memory backend. */
export const resident: Part = {
  title: "Data that fits in memory, beside the memory backend",
  async measure(plan, table, progress): Promise<Findings> {
    const { rounds, ...residentPlan } = plan.resident;
    const directories = CONTENDERS.map(() => temporaryDirectory());
    const workers = CONTENDERS.map(() => new Worker());
    const rates = new Rates();
    try {
      for (const [i, contender] of CONTENDERS.entries()) {
        progress(`load of ${contender}`);
        const means = { directory: directories[i].path, budgetBytes: BUDGET_BYTES, writeBytes: WRITE_BYTES };
        await workers[i].ask("openResident", { contender, means, plan: residentPlan });
      }
      for (const workload of RESIDENT_WORKLOADS) {
        for (let round = 0; round <= rounds; round++) {
          progress(`${workload}: round ${round} of ${rounds}`);
          const seed = plan.seed + round * 1_000 +
            RESIDENT_WORKLOADS.indexOf(workload);
          const { operations, limitMs } = plan;
          for (const [i, contender] of CONTENDERS.entries()) {
            const timing = await workers[i].ask("runResident", { workload, operations, limitMs, seed });
            if (round > 0) {
              rates.note(
                `${contender}: ${workload}`,
                timing.operations,
                timing.ms,
              ); // the first one warms up
            }
          }
        }
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
      for (const directory of directories) directory.remove();
    }
    const rateOf = (contender: string, workload: string) => rates.get(`${contender}: ${workload}`)!.median;
    const lines = CONTENDERS.map((contender) => [
      contender,
      ...RESIDENT_WORKLOADS.map((workload) => {
        const rate = rateOf(contender, workload);
        const ratio = rate / rateOf("memory", workload);
        return contender === "memory" ? formatRate(rate) : `${formatRate(rate)} ${formatRatio(ratio)}`;
      }),
    ]);
    return {
      text: `${residentPlan.keys.toLocaleString("en")} keys with values of 100 bytes, ` +
        `${residentPlan.elements.toLocaleString("en")} elements in a hash and in a sorted set; calls a second, ` +
        `medians of ${rounds} rounds:\n${table(["sync", ...RESIDENT_WORKLOADS], lines, 1)}`,
      json: { rates: rates.all() },
      targets: RESIDENT_WORKLOADS.map((workload) =>
        target(
          `in memory: ${workload}, to the memory backend`,
          "≥ 85 %",
          rateOf("hybrid log", workload) / rateOf("memory", workload),
          (share) => share >= LEAST,
          formatPercent,
        )
      ),
    };
  },
};
