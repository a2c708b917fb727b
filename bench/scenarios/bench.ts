import { measureParts } from "../part.ts";
import type { TableMaker } from "../report/table.ts";
import { PARTS } from "./parts.ts";

/** Measures the four scenarios of ADR-0016, or those given by name. */
export async function benchScenarios(
  isQuick: boolean,
  seed: number,
  names: readonly string[],
  table: TableMaker,
  progress: (text: string) => void,
  print: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const plan = { isQuick, seed, seconds: isQuick ? 3 : 20, callers: 64 };
  return await measureParts(PARTS, names, plan, table, progress, print);
}
