import type { TableMaker } from "../report/table.ts";
import { measure } from "./measure.ts";
import { planFor } from "./plan.ts";
import { report } from "./report/report.ts";
import { checkTargets } from "./report/targets.ts";

/** Measures collections, and gives what was found for people and for programs. */
export async function benchCollections(
  isQuick: boolean,
  seed: number,
  table: TableMaker,
  progress: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const results = await measure(planFor(isQuick, seed), progress);
  const targets = checkTargets(results);
  return { text: report(results, targets, table), json: { ...results, targets } };
}
