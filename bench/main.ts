import { writeFile } from "node:fs/promises";
import process from "node:process";
import { HELP, parseArguments } from "./arguments.ts";
import { type Plan, planFor } from "./plan.ts";
import { progress } from "./progress.ts";
import { race } from "./race.ts";
import { report } from "./report/report.ts";
import { tableMaker } from "./report/table.ts";
import { checkTargets } from "./report/targets.ts";
import type { Results } from "./results.ts";
import { describeHost } from "./runtime.ts";
import { Worker } from "./worker/worker.ts";

async function measure(plan: Plan): Promise<Results> {
  const date = new Date().toISOString();
  const { rows, absent } = await race(plan, progress);
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
  return { date, host: describeHost(), plan, rows, absent, entryOverhead, growthStalls, fullStore };
}

async function inOwnProcess<T>(ask: (worker: Worker) => Promise<T>): Promise<T> {
  const worker = new Worker();
  try {
    return await ask(worker);
  } finally {
    await worker.close();
  }
}

async function main(): Promise<void> {
  const args = parseArguments(process.argv.slice(2));
  if (args.isHelp) return console.log(HELP);
  const table = await tableMaker(); // before the long part, because it tells whether bench/ is installed
  const results = await measure(planFor(args.isQuick, args.seed));
  const targets = checkTargets(results);
  console.log(report(results, targets, table));
  if (args.json !== undefined) {
    await writeFile(args.json, `${JSON.stringify({ ...results, targets }, null, 2)}\n`);
  }
}

try {
  await main();
} catch (error) {
  console.error(`Cannot run the benchmark: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
