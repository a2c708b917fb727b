// The scenario on the runtimes of servers: on Deno the sources, with no permission but the net, elsewhere the package in a bundle.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inDirectory } from "../support/directory.ts";
import { bundle } from "./bundle.ts";
import { testScenario } from "./report.ts";
import type { Report } from "./scenario.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const bin = (name: string) => path(`../../node_modules/.bin/${name}`);

async function reportOf(program: string, ...args: string[]): Promise<Report> {
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout);
}

testScenario("Deno with nothing but --allow-net", ({ endpoint }) => {
  const net = `--allow-net=${new URL(endpoint).host},127.0.0.1:9`;
  return reportOf(bin("deno"), "run", "--no-prompt", "--quiet", net, path("command.ts"), endpoint);
});

for (const [name, program] of [["Bun", bin("bun")], ["Node", process.execPath]]) {
  testScenario(name, async ({ endpoint }) => {
    let report: Report;
    await inDirectory(async (inside) => {
      await writeFile(inside("scenario.mjs"), await bundle("command.ts"));
      report = await reportOf(program, inside("scenario.mjs"), endpoint);
    });
    return report!;
  });
}
