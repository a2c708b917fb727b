import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bestRate } from "../matrix/best_rate.ts";
import type { MatrixRace, MatrixRecord } from "../matrix/part.ts";
import { formatRate } from "../report/format.ts";
import { markdownTable } from "../report/markdown.ts";
import { YCSB_WORKLOADS } from "../ycsb/workloads.ts";
import { loadRecord } from "./records.ts";
import type { SuiteRecord } from "./suite.ts";
import { summaryTable } from "./summary.ts";

const ROOT = new URL("../../", import.meta.url);
const README = new URL("README.md", ROOT);
const [BEGIN, END] = ["<!-- figures of `npm run bench:all`, which writes them -->", "<!-- end of figures -->"];

/** Writes figures of the record into the README, where it has marks for them. */
export function writeReadme(directory: string, names: readonly string[]): void {
  const [before, rest] = readFileSync(README, "utf8").split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md has no room for figures: ${BEGIN} and ${END}`);
  writeFileSync(README, [before, BEGIN, "\n\n", figures(directory, names), "\n", END, after].join(""));
  const deno = fileURLToPath(new URL("node_modules/.bin/deno", ROOT));
  const { status, stderr } = spawnSync(deno, ["fmt", "--quiet", "README.md"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`README.md is written, but deno fmt did not work: ${stderr}`);
}

function figures(directory: string, names: readonly string[]): string {
  const matrix = loadRecord<MatrixRecord>(directory, "matrix");
  const dates = names.map((name) => loadRecord<SuiteRecord>(directory, name)?.date?.slice(0, 10))
    .filter((date) => date !== undefined).sort();
  const host = matrix?.races[0].host;
  const from = new Set([dates.at(0), dates.at(-1)]);
  return [
    `Measured ${[...from].join(" to ")}${
      host === undefined ? "" : ` on ${host.cpu}, ${host.cores} cores, Node ${host.version}`
    }.\n`,
    ...matrix?.races.filter(({ host, table }) => host.runtime === "node" && table.valueBytes === 100).map(raceTable) ??
      [],
    summaryTable(directory),
  ].join("\n");
}

/** The best that each store can do. */
function raceTable({ table, rows, loads }: MatrixRace): string {
  const contenders = [...new Set(rows.map(({ contender }) => contender))];
  const rate = (rate: number) => rate === 0 ? "–" : formatRate(rate);
  return markdownTable(
    [`YCSB, ${table.name}`, "load", ...YCSB_WORKLOADS],
    contenders.map((contender) => {
      const cells = [
        contender,
        rate(loads[contender] ?? 0),
        ...YCSB_WORKLOADS.map((workload) => rate(bestRate(rows, contender, workload))),
      ];
      return contender.startsWith("ferrite") ? cells.map((cell) => `**${cell}**`) : cells;
    }),
  );
}
