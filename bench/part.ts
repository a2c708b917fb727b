import { loadavg } from "node:os";
import process from "node:process";
import type { TableMaker } from "./report/table.ts";
import { type Target, targetTable } from "./report/targets.ts";
import { describeHost } from "./runtime.ts";

/** What a part has found out, for people, for programs, and beside what was promised. */
export interface Findings {
  text: string;
  json: unknown;
  targets: Target[];
}

/** A benchmark of its own within another one, whose plan is a `P`. */
export interface Part<P> {
  readonly title: string;
  measure(plan: P, table: TableMaker, progress: (text: string) => void): Promise<Findings>;
}

/** What parts have in common. */
export interface PartsPlan {
  readonly isQuick: boolean;
  readonly seed: number;
}

/**
 * Measures parts, all or those given by name. What is found for people is printed part by part, and returned is what comes last, and all
 * of it for programs. A part that fails costs the others nothing.
 */
export async function measureParts<P extends PartsPlan>(
  all: Readonly<Record<string, Part<P>>>,
  names: readonly string[],
  plan: P,
  table: TableMaker,
  progress: (text: string) => void,
  print: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const [load] = loadavg();
  const host = describeHost();
  const date = new Date().toISOString();
  print(
    `${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores, load ${load.toFixed(1)}; seed ${plan.seed}`,
  );
  const parts: Record<string, unknown> = {};
  const targets: Target[] = [];
  for (const name of names.length === 0 ? Object.keys(all) : names) {
    const { title, measure } = all[name];
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
  const heading = plan.isQuick
    ? "Targets (they are meant for the full run: this one is smaller and shorter)"
    : "Targets";
  return { text: `\n${heading}\n${targetTable(targets, table)}`, json: { date, host, load, plan, parts, targets } };
}
