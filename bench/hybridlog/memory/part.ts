import { target } from "../../report/targets.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import type { RuntimeName } from "../../runtime.ts";
import { inOwnProcess } from "../../worker/in_own_process.ts";
import { formatBytes } from "../format.ts";
import type { Findings, Part } from "../part.ts";
import { recordBytes } from "../plan.ts";
import type { MemoryFindings } from "./actor.ts";

const RUNTIMES: readonly RuntimeName[] = ["node", "deno", "bun"];
const VALUE_BYTES = 1_024;
/** What a process may take beside the budget, and beside what the same work takes without a store: what the README says. */
const OVERHEAD_BYTES: Readonly<Record<RuntimeName, number>> = {
  node: 48 * 2 ** 20,
  deno: 48 * 2 ** 20,
  bun: 128 * 2 ** 20,
};

interface Row {
  runtime: RuntimeName;
  budgetBytes: number;
  found: MemoryFindings;
}

/** Whether the store keeps to its budget, on all runtimes, whichever this is. */
export const memory: Part = {
  title: "Anonymous memory over a load of many times the budget",
  async measure(plan, table, progress): Promise<Findings> {
    const { budgetBytes, times } = plan.memory;
    const keys = Math.floor(times * budgetBytes / recordBytes(VALUE_BYTES) / 1_000) * 1_000;
    const rows: Row[] = [];
    const absent: string[] = [];
    for (const runtime of RUNTIMES) {
      for (const budget of [0, budgetBytes]) {
        progress(`${runtime}, ${budget === 0 ? "no store" : formatBytes(budget)}`);
        const directory = temporaryDirectory();
        try {
          const request = { directory: directory.path, budgetBytes: budget, keys };
          const found = await inOwnProcess((worker) => worker.ask("watchMemory", request), { runtime });
          rows.push({ runtime, budgetBytes: budget, found });
        } catch (error) {
          absent.push(`Absent: ${runtime}: ${(error as Error).message}`);
        } finally {
          directory.remove();
        }
      }
    }
    const peakOf = ({ found }: Row) => Math.max(found.loading, found.mixed);
    const beyond = (row: Row) => {
      const control = rows.find(({ runtime, budgetBytes }) => runtime === row.runtime && budgetBytes === 0)!;
      return peakOf(row) - row.budgetBytes - peakOf(control);
    };
    const lines = rows.map((row) => [
      row.runtime,
      row.budgetBytes === 0 ? "no store" : formatBytes(row.budgetBytes),
      ...[row.found.before, row.found.loading, row.found.mixed, row.found.after].map(formatBytes),
      row.budgetBytes === 0 ? "" : formatBytes(beyond(row)),
    ]);
    return {
      text: [
        `${
          keys.toLocaleString("en")
        } values of 1 KB, ${times} times the budget; the most while it is loaded, and while it ` +
        "is read and overwritten at random; beyond: the most without the budget, and without what the loop takes alone:",
        table(["", "budget", "before", "loading", "reading, writing", "after", "beyond"], lines, 2),
        ...absent,
      ].join("\n"),
      json: { keys, rows },
      targets: rows.filter(({ budgetBytes }) => budgetBytes > 0).map((row) =>
        target(
          `${row.runtime}: memory beyond the budget of ${formatBytes(row.budgetBytes)}`,
          `≤ ${formatBytes(OVERHEAD_BYTES[row.runtime])}`,
          beyond(row),
          (bytes) => bytes <= OVERHEAD_BYTES[row.runtime],
          formatBytes,
        )
      ),
    };
  },
};
