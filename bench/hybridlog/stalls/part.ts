import { formatMs, formatRate } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import { type Target, target } from "../../report/targets.ts";
import { median } from "../../data/median.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import { inOwnProcess } from "../../worker/in_own_process.ts";
import type { Findings, Part } from "../part.ts";
import type { StallFindings, StallPhase } from "./actor.ts";
import { EDGES_MS } from "./gaps.ts";

const MOST_MS = 5;
const MOST_GET_MS = 1;

const TITLES: Readonly<Record<StallPhase, string>> = {
  "no store": "no store",
  growth: "index grows, pages flushed",
  overwrites: "overwrites",
  index: "index saved",
  compaction: "compaction",
  checkpoint: "checkpoint",
};

/** How long others have to wait while the store does what it has to do. */
export const stalls: Part = {
  title: "Stalls of the event loop",
  async measure(plan, table, progress): Promise<Findings> {
    const { runs, ...request } = plan.stalls;
    const found: StallFindings[][] = [];
    for (let run = 1; run <= runs; run++) {
      progress(`run ${run} of ${runs}`);
      const directory = temporaryDirectory();
      try {
        found.push(
          await inOwnProcess((worker) =>
            worker.ask("measureStalls", { ...request, directory: directory.path, seed: plan.seed })
          ),
        );
      } finally {
        directory.remove();
      }
    }
    return { text: report(found, table), json: { runs: found }, targets: checkTargets(found) };
  },
};

function report(runs: StallFindings[][], table: TableMaker): string {
  const columns = [
    "< 0.5",
    ...EDGES_MS.map((edge, i) => i + 1 < EDGES_MS.length ? `– ${EDGES_MS[i + 1]}` : `> ${edge}`),
  ];
  const lines = runs.flatMap((phases, run) =>
    phases.map(({ phase, seconds, writes, gaps, ownGaps, gets, sets }) => [
      runs.length > 1 ? `${run + 1}: ${TITLES[phase]}` : TITLES[phase],
      `${seconds.toFixed(1)} s`,
      formatRate(writes / seconds),
      formatMs(gaps.summary.maxMs),
      formatMs(ownGaps.summary.maxMs),
      ...ownGaps.histogram.map(String),
      formatMs(gets.p999Ms),
      formatMs(sets.maxMs),
    ])
  );
  return [
    "100 writers at a time in each turn of the event loop, commits each second. The longest gap between two turns; the " +
    "same without the time for which others on the machine had the processor, and how many such gaps took so many " +
    "milliseconds; of calls: p99.9 of a get of a key in memory, the longest set until it has its promise:",
    table(["", "took", "writes/s", "gap", "own gap", ...columns, "get p99.9", "set max"], lines, 1),
  ].join("\n");
}

function checkTargets(runs: StallFindings[][]): Target[] {
  const longest = (ms: (found: StallFindings) => number) =>
    median(runs.map((phases) => Math.max(...phases.filter(({ phase }) => phase !== "no store").map(ms))));
  return [
    target(
      "longest gap of the event loop, without what others had of it",
      `≤ ${MOST_MS} ms`,
      longest(({ ownGaps }) => ownGaps.summary.maxMs),
      (ms) => ms <= MOST_MS,
      formatMs,
    ),
    target(
      "p99.9 of a get of a key in memory under writes",
      `≤ ${MOST_GET_MS} ms`,
      longest(({ gets }) => gets.p999Ms),
      (ms) => ms <= MOST_GET_MS,
      formatMs,
    ),
  ];
}
