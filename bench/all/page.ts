import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Growth, GrowthRecord } from "../growth/part.ts";
import { formatBytes } from "../hybridlog/format.ts";
import { HEAD, lines, type MatrixRace, type MatrixRecord } from "../matrix/part.ts";
import { formatRate } from "../report/format.ts";
import { markdownTable } from "../report/markdown.ts";
import { type Host, RUNTIMES } from "../runtime.ts";
import { growthChart, matrixChart } from "./charts.ts";
import { loadRecord } from "./records.ts";
import type { SuiteRecord } from "./suite.ts";
import { summaryTable } from "./summary.ts";

/** Writes `README.md` and the charts beside the records, from all that there are. */
export async function writePage(directory: string, names: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const [matrix, growth] = [
    loadRecord<MatrixRecord>(directory, "matrix"),
    loadRecord<GrowthRecord>(directory, "growth"),
  ];
  const sections = [
    INTRODUCTION,
    targetSection(directory, names),
    matrix === undefined ? "" : await matrixSection(directory, matrix),
    growth === undefined ? "" : await growthSection(directory, growth),
  ];
  writeFileSync(join(directory, "README.md"), sections.filter((section) => section !== "").join("\n"));
}

const INTRODUCTION = `# Measured

Written by \`npm run bench:all\`, from the JSON files beside this page: figures of one machine, which others use too, so it
is the ratios that count. [How everything is measured](../../bench/README.md) says what takes part and with which settings.
The same command measures all of it again, which takes some two hours (\`-- --quick\`: fifteen minutes, into a directory of
its own); \`-- matrix\` measures one part.
`;

function targetSection(directory: string, names: readonly string[]): string {
  const suites = names.map((name) => ({
    name,
    targets: loadRecord<SuiteRecord>(directory, name)?.targets,
  }))
    .filter(({ targets }) => targets !== undefined && targets.length > 0);
  if (suites.length === 0) return "";
  return [
    "## What was to be reached, and what was measured\n\nOn Node; what was missed stands out.\n",
    summaryTable(directory),
    "## All targets\n",
    ...suites.map(({ name, targets }) =>
      `### ${name}\n\n${
        markdownTable(
          ["", "target", "measured", ""],
          targets!.map(({ name, promise, measured, isReached }) => [
            name,
            promise,
            measured,
            isReached === null ? "not measured" : isReached ? "reached" : "**missed**",
          ]),
        )
      }`
    ),
  ].join("\n");
}

async function matrixSection(directory: string, { races, rounds, date }: MatrixRecord): Promise<string> {
  const names = [...new Set(races.map(({ table }) => table.name))];
  const parts: string[] = [];
  for (const [i, name] of names.entries()) {
    const ofTable = races.filter(({ table }) => table.name === name);
    const file = `ycsb-${i + 1}.svg`;
    writeFileSync(join(directory, file), await matrixChart(ofTable));
    const { keys, valueBytes, budgetBytes } = ofTable[0].table;
    parts.push(
      `### ${name}\n`,
      `${keys.toLocaleString("en")} keys of 14 bytes, values of ${valueBytes}; memory for those who have a setting: ${
        formatBytes(budgetBytes)
      }.\n`,
      `![YCSB, ${name}](${file})\n`,
      ...ofTable.map(raceSection),
    );
  }
  const versions = RUNTIMES.map((runtime) => races.find(({ host }) => host.runtime === runtime)?.host)
    .filter((host) => host !== undefined).map(({ runtime, version }) => `${runtime} ${version}`).join(", ");
  return `## YCSB\n\n${date.slice(0, 10)}, ${
    describe(races[0].host)
  }, ${versions}. Medians of ${rounds} rounds in which all take turns, calls
a second. C reads; B reads, and overwrites 5 %; A overwrites half; F reads and changes half; D reads what is newest, and
inserts 5 %; keys by a zipfian distribution of exponent 0.99. Every value read is checked. Disk and RSS are those after
the load; "written / given" is how many bytes went to files for each byte of keys and values in A; the latencies, in
microseconds, are those of single calls, one after another, of which half overwrite, and the longest is a call or a turn
of the event loop between calls. The bars are the best way each store has; the tables have all of them.\n\n${
    parts.join("\n")
  }`;
}

function raceSection(race: MatrixRace): string {
  const absent = race.absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason.split("\n")[0]}\n`);
  return [`**${race.host.runtime}**\n`, markdownTable(HEAD, lines(race)), ...absent].join("\n");
}

async function growthSection(directory: string, { growths, rounds, host, date }: GrowthRecord): Promise<string> {
  const parts: string[] = [];
  for (const [i, growth] of growths.entries()) {
    const file = `growth-${i + 1}.svg`;
    writeFileSync(join(directory, file), await growthChart(growth));
    parts.push(`### ${growth.title}\n`, `![${growth.title}](${file})\n`, growthTable(growth));
  }
  return `## How cost grows\n\n${date.slice(0, 10)}, ${
    describe(host)
  }, ${host.runtime} ${host.version}. Medians of ${rounds} rounds, calls a second.\n\n${parts.join("\n")}`;
}

function growthTable({ axis, sizes, rates }: Growth): string {
  return markdownTable(
    [axis, ...sizes.map((size) => size.toLocaleString("en"))],
    Object.entries(rates).map(([name, ofSizes]) => [
      name,
      ...ofSizes.map((rate) => rate === null ? "–" : formatRate(rate)),
    ]),
  );
}

function describe({ cpu, cores }: Host): string {
  return `${cpu}, ${cores} cores`;
}
