import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { formatMs } from "../report/format.ts";
import type { TableMaker } from "../report/table.ts";
import { type Target, target, targetTable } from "../report/targets.ts";
import { median } from "../data/median.ts";
import { describeHost, type RuntimeName, RUNTIMES } from "../runtime.ts";
import { BUNDLES, type BundleSize, bundleSize } from "./bundle_size.ts";
import { type ColdImport, coldImports, type Imported } from "./cold_import.ts";

const ROUNDS = 41;
const QUICK_ROUNDS = 21;
const IMPORTED: Imported[] = ["an empty module", "the bundle", "the package"];

/** Measures how large the cloud store is at the edge, and how soon it is there. */
export async function benchEdge(
  isQuick: boolean,
  table: TableMaker,
  progress: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  progress("building the package");
  execFileSync("node", [fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url))]);
  const sizes: [string, BundleSize][] = [];
  for (const [name, contents] of Object.entries(BUNDLES)) sizes.push([name, await bundleSize(contents)]);
  const imports = await coldImports(isQuick ? QUICK_ROUNDS : ROUNDS, progress);
  progress("");
  const host = describeHost();
  const targets = checkTargets(sizes[0][1], imports);
  const text = [
    `${host.cpu}, ${host.cores} cores`,
    table(["bytes, minified and gzip -9", "all", "JavaScript", "WASM"], sizes.map(sizeRow), 1),
    `Cold imports, medians of ${imports[0].ms.length} processes each (and the fastest)`,
    table(["", ...IMPORTED], RUNTIMES.map((runtime) => importRow(runtime, imports)), 1),
    targetTable(targets, table),
  ].join("\n");
  return { text, json: { date: new Date().toISOString(), host, sizes: Object.fromEntries(sizes), imports, targets } };
}

function sizeRow([name, { all, script, core }]: [string, BundleSize]): string[] {
  return [name, ...[all, script, core].map((bytes) => bytes.toLocaleString("en"))];
}

function importRow(runtime: RuntimeName, imports: readonly ColdImport[]): string[] {
  const cell = (imported: Imported) => {
    const ms = timesOf(imports, runtime, imported);
    return `${formatMs(median(ms))} (${formatMs(Math.min(...ms))})`;
  };
  return [runtime, ...IMPORTED.map(cell)];
}

function timesOf(imports: readonly ColdImport[], runtime: RuntimeName, imported: Imported): number[] {
  return imports.find((one) => one.runtime === runtime && one.imported === imported)!.ms;
}

function checkTargets({ all }: BundleSize, imports: readonly ColdImport[]): Target[] {
  return [
    target("bundle of all of it", "≤ 40 KB", all, (x) => x <= 40 * 1024, (x) => `${(x / 1024).toFixed(1)} KB`),
    ...RUNTIMES.map((runtime) => {
      const ms = median(timesOf(imports, runtime, "the bundle"));
      return target(`cold import of the bundle, ${runtime}`, "≤ 20 ms", ms, (x) => x <= 20, formatMs);
    }),
  ];
}
