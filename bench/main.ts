import { writeFile } from "node:fs/promises";
import process from "node:process";
import { benchAll } from "./all/bench.ts";
import { type Arguments, HELP, parseArguments } from "./arguments.ts";
import { benchCloud } from "./cloud/bench.ts";
import { benchCollections } from "./collections/bench.ts";
import { benchEdge } from "./edge/bench.ts";
import { benchHttp } from "./http/bench.ts";
import { benchHybridLog } from "./hybridlog/bench.ts";
import { benchMiddleware } from "./middleware/bench.ts";
import { type Plan, planFor } from "./plan.ts";
import { progress } from "./progress.ts";
import { race } from "./race.ts";
import { report } from "./report/report.ts";
import { type TableMaker, tableMaker } from "./report/table.ts";
import { checkTargets } from "./report/key_targets.ts";
import type { Results } from "./results.ts";
import { describeHost } from "./runtime.ts";
import { benchScenarios } from "./scenarios/bench.ts";
import { inOwnProcess } from "./worker/in_own_process.ts";

async function measure(plan: Plan): Promise<Results> {
  const date = new Date().toISOString();
  const chase = () => inOwnProcess((worker) => worker.ask("pointerChase", { plan }));
  progress("pointer chase");
  const before = await chase();
  const { rows, absent } = await race(plan, progress);
  progress("pointer chase");
  const hopNs = [...before, ...await chase()];
  progress("bytes per entry");
  const entryOverhead = await inOwnProcess((worker) => worker.ask("entryOverhead", { plan }));
  progress("overwrites in a full store");
  const fullStore = await inOwnProcess((worker) => worker.ask("fullStore", { plan }));
  const growthStalls = [];
  for (let run = 1; run <= plan.growth.runs; run++) {
    progress(`stalls while growing: run ${run} of ${plan.growth.runs}`);
    growthStalls.push(await inOwnProcess((worker) => worker.ask("growthStalls", { plan })));
  }
  progress("");
  return { date, host: describeHost(), plan, hopNs, rows, absent, entryOverhead, growthStalls, fullStore };
}

async function benchKeys(isQuick: boolean, seed: number, table: TableMaker): Promise<{ text: string; json: unknown }> {
  const results = await measure(planFor(isQuick, seed));
  const targets = checkTargets(results);
  return { text: report(results, targets, table), json: { ...results, targets } };
}

function bench(
  { suite, parts, isQuick, seed }: Arguments,
  table: TableMaker,
): Promise<{ text: string; json: unknown }> {
  switch (suite) {
    case "keys":
      return benchKeys(isQuick, seed, table);
    case "collections":
      return benchCollections(isQuick, seed, table, progress);
    case "hybridlog":
      return benchHybridLog(isQuick, seed, parts, table, progress, console.log);
    case "cloud":
      return benchCloud(isQuick, seed, parts, table, progress, console.log);
    case "scenarios":
      return benchScenarios(isQuick, seed, parts, table, progress, console.log);
    case "all":
      return benchAll(isQuick, seed, parts, table, progress, console.log);
    case "edge":
      return benchEdge(isQuick, table, progress);
    case "http":
      return benchHttp(isQuick, seed, table, progress);
    case "middleware":
      return benchMiddleware(planFor(isQuick, seed), table, progress);
  }
}

async function main(): Promise<void> {
  const args = parseArguments(process.argv.slice(2));
  if (args.isHelp) return console.log(HELP);
  const table = await tableMaker(); // before the long part, because it tells whether bench/ is installed
  const { text, json } = await bench(args, table);
  console.log(text);
  if (args.json !== undefined) await writeFile(args.json, `${JSON.stringify(json, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  console.error(`Cannot run the benchmark: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
