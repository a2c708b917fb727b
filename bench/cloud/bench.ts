import { measureParts } from "../part.ts";
import type { TableMaker } from "../report/table.ts";
import { PARTS } from "./parts.ts";
import { planFor } from "./plan.ts";

/** Measures the cloud store, in all parts or those given by name. */
export async function benchCloud(
  isQuick: boolean,
  seed: number,
  names: readonly string[],
  table: TableMaker,
  progress: (text: string) => void,
  print: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  return await measureParts(PARTS, names, planFor(isQuick, seed), table, progress, print);
}
