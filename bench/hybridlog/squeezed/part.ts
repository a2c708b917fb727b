import { formatRatio } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import { type Target, target } from "../../report/targets.ts";
import { formatBytes } from "../format.ts";
import type { Findings, Part } from "../part.ts";
import { cell, effortLine } from "../ycsb.ts";
import { ON_FILES } from "../../ycsb/contenders/mod.ts";
import { race, type YcsbRace } from "../../ycsb/race.ts";
import type { YcsbWorkload } from "../../ycsb/workloads.ts";
import { limitMemory } from "./memory_limit.ts";

const WORKLOADS: readonly YcsbWorkload[] = ["C", "A"];
const WITHOUT_CACHE = "ferrite, no read cache";
/** For what the runtime takes beside the store, and for keys and values that are made before the clock starts. */
const HEAP_BYTES = 24 * 2 ** 20;

/** The same data and budget where the system has no memory left to keep the files in. */
export const squeezed: Part = {
  title: "The same under a memory limit, page cache counted",
  async measure(plan, table, progress): Promise<Findings> {
    try {
      await limitMemory(plan.tables[0].budgetBytes).remove();
    } catch (error) {
      return { text: `Not measured: ${(error as Error).message}`, json: {}, targets: [] };
    }
    const races: YcsbRace[] = [];
    for (const one of plan.squeezed.tables) {
      const options = {
        ...plan,
        table: { ...one, hasColdFiles: true },
        contenders: [ON_FILES[0], WITHOUT_CACHE, ...ON_FILES.slice(1)],
        workloads: WORKLOADS,
        hasLanes: true,
        operations: plan.squeezed.operations,
        // As much again as the budget for the page cache, or twice as much for those who have nothing else.
        memoryBytes: HEAP_BYTES + 2 * one.budgetBytes,
      };
      races.push(await race(options, (text) => progress(`values of ${one.valueBytes}: ${text}`)));
    }
    return {
      text: races.map((one) => report(one, table)).join("\n"),
      json: { races },
      targets: races.flatMap(checkTargets),
    };
  },
};

function report({ plan, rows, limitBytes, absent }: YcsbRace, table: TableMaker): string {
  const own = rows.find(({ label }) => label === "ferrite");
  const lines = rows.filter(({ rates }) => Object.keys(rates).length > 0).map(({ label, rates }) => [
    label,
    ...WORKLOADS.map((workload) => cell(rates[workload]?.median, own?.rates[workload]?.median)),
  ]);
  return [
    `${plan.keys.toLocaleString("en")} keys, values of ${plan.valueBytes} bytes, budget ${
      formatBytes(plan.budgetBytes)
    }; each process may have ${formatBytes(limitBytes ?? 0)}, of which ${
      formatBytes(2 * plan.budgetBytes)
    } are for the store and the pages of its files:`,
    table(["calls a second", ...WORKLOADS], lines, 1),
    ...rows.filter(({ contender, efforts }) => contender.startsWith("ferrite") && efforts.C !== undefined).map(
      effortLine,
    ),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
  ].join("\n");
}

function checkTargets({ plan, rows }: YcsbRace): Target[] {
  const best = (workload: YcsbWorkload, isWanted: (contender: string) => boolean) =>
    Math.max(0, ...rows.filter((row) => isWanted(row.contender)).map((row) => row.rates[workload]?.median ?? 0));
  return WORKLOADS.flatMap((workload) => {
    const own = best(workload, (contender) => contender === "ferrite");
    const atLeast = (least: number, name: string, rate: number) =>
      target(
        `squeezed ${workload}, ${plan.valueBytes} B, to ${name}`,
        `≥ ${least}x`,
        rate === 0 ? null : own / rate,
        (ratio) => ratio >= least,
        formatRatio,
      );
    return [
      atLeast(2, "itself without the read cache", best(workload, (contender) => contender === WITHOUT_CACHE)),
      atLeast(1, "the fastest rival", best(workload, (contender) => !contender.startsWith("ferrite"))),
    ];
  });
}
