import { loadavg } from "node:os";
import type { TableMaker } from "../report/table.ts";
import { type Target, targetTable } from "../report/targets.ts";
import { describeHost } from "../runtime.ts";
import { PARTS } from "./parts.ts";
import { planFor } from "./plan.ts";

/** Above this, somebody else is using the machine. */
const BUSY_LOAD = 0.5;

/** Measures the hybrid log, in all parts or those given by name, and gives what was found for people and for programs. */
export async function benchHybridLog(
  isQuick: boolean,
  seed: number,
  names: readonly string[],
  table: TableMaker,
  progress: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const [load] = loadavg();
  const plan = planFor(isQuick, seed, load > BUSY_LOAD);
  const host = describeHost();
  const date = new Date().toISOString();
  const lines = [`${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores; seed ${seed}`];
  if (plan.isBusy) {
    lines.push(
      `The machine was busy when this began (load ${load.toFixed(1)}): figures are worse than they are. Where only ` +
        "processors count, targets are held against processor time.",
    );
  }
  const parts: Record<string, unknown> = {};
  const targets: Target[] = [];
  for (const name of names.length === 0 ? Object.keys(PARTS) : names) {
    const { title, measure } = PARTS[name];
    const start = performance.now();
    const findings = await measure(plan, table, (text) => progress(`${name}: ${text}`));
    progress("");
    const seconds = (performance.now() - start) / 1_000;
    lines.push("", `${title} (${seconds.toFixed(0)} s)`, findings.text);
    parts[name] = { seconds, ...findings.json as object };
    targets.push(...findings.targets);
  }
  const heading = isQuick ? "Targets (they are meant for the full run: this one is smaller and shorter)" : "Targets";
  lines.push("", heading, targetTable(targets, table));
  return { text: lines.join("\n"), json: { date, host, load, plan, parts, targets } };
}
