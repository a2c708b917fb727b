import { loadavg } from "node:os";
import process from "node:process";
import type { TableMaker } from "../report/table.ts";
import { type Target, targetTable } from "../report/targets.ts";
import { describeHost } from "../runtime.ts";
import type { Findings } from "./part.ts";
import { PARTS } from "./parts.ts";
import { planFor } from "./plan.ts";

/** Above this, somebody else is using the machine. */
const BUSY_LOAD = 0.5;

/**
 * Measures the hybrid log, in all parts or those given by name. What is found for people is printed part by part, and returned is
 * what comes last, and all of it for programs. A part that fails costs the others nothing.
 */
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
  const host = describeHost();
  const date = new Date().toISOString();
  print(`${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores; seed ${seed}`);
  if (plan.isBusy) {
    print(
      `The machine was busy when this began (load ${load.toFixed(1)}): figures are worse than they are. Where only ` +
        "processors count, targets are held against processor time.",
    );
  }
  const parts: Record<string, unknown> = {};
  const targets: Target[] = [];
  for (const name of names.length === 0 ? Object.keys(PARTS) : names) {
    const { title, measure } = PARTS[name];
    const start = performance.now();
    let findings: Findings;
    try {
      findings = await measure(plan, table, (text) => progress(`${name}: ${text}`));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      findings = { text: `Failed: ${reason}`, json: { failed: reason }, targets: [] };
      process.exitCode = 1;
    }
    progress("");
    const seconds = (performance.now() - start) / 1_000;
    print(`\n${title} (${seconds.toFixed(0)} s)\n${findings.text}`);
    parts[name] = { seconds, ...findings.json as object };
    targets.push(...findings.targets);
  }
  const heading = isQuick ? "Targets (they are meant for the full run: this one is smaller and shorter)" : "Targets";
  return { text: `\n${heading}\n${targetTable(targets, table)}`, json: { date, host, load, plan, parts, targets } };
}
