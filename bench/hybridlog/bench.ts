import { loadavg } from "node:os";
import { measureParts } from "../part.ts";
import type { TableMaker } from "../report/table.ts";
import { PARTS } from "./parts.ts";
import { planFor } from "./plan.ts";

/** Above this, somebody else is using the machine. */
const BUSY_LOAD = 0.5;

/** Measures the hybrid log, in all parts or those given by name. */
export async function benchHybridLog(
  isQuick: boolean,
  seed: number,
  names: readonly string[],
  table: TableMaker,
  progress: (text: string) => void,
  print: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const [load] = loadavg();
  const plan = planFor(isQuick, seed, load > BUSY_LOAD);
  if (plan.isBusy) {
    print(
      `The machine was busy when this began (load ${load.toFixed(1)}): figures are worse than they are. Where only ` +
        "processors count, targets are held against processor time.",
    );
  }
  return await measureParts(PARTS, names, plan, table, progress, print);
}
