import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Findings, Part } from "../part.ts";
import type { Target } from "../report/targets.ts";
import { runtimeName } from "../runtime.ts";
import type { AllPlan } from "./plan.ts";
import { loadRecord, recordPath, saveRecord } from "./records.ts";

/** What the page takes from the file of a suite. */
export interface SuiteRecord {
  date?: string;
  targets?: Target[];
}

const SCRIPT = fileURLToPath(new URL("../../scripts/bench.mjs", import.meta.url));

/** A benchmark of its own, run as anybody would. */
export function suite(name: string, title: string): Part<AllPlan> {
  return {
    title,
    async measure({ isQuick, seed, directory }): Promise<Findings> {
      mkdirSync(directory, { recursive: true });
      const path = recordPath(directory, name);
      const args = [name === "keys" ? [] : [name], ["--json", path], ["--seed", `${seed}`], isQuick ? ["--quick"] : []];
      const text = await run([SCRIPT, ...args.flat(), "--runtime", runtimeName()]);
      writeFileSync(join(directory, `${name}.txt`), `${text}\n`);
      const record = loadRecord<SuiteRecord>(directory, name)!;
      saveRecord(directory, name, record);
      return { text, json: {}, targets: record.targets ?? [] };
    },
  };
}

/** Resolves to what Node prints. */
function run(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("node", args, { stdio: ["ignore", "pipe", "inherit"], env: process.env });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => text += chunk);
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve(text.trimEnd());
      else reject(new Error(`it ended with ${status}: ${text.slice(-500)}`));
    });
  });
}
