import { rmSync } from "node:fs";
import { join } from "node:path";
import { formatRate } from "../../report/format.ts";
import { target } from "../../report/targets.ts";
import { median } from "../../data/median.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import { inOwnProcess } from "../../worker/in_own_process.ts";
import { formatBytes } from "../format.ts";
import type { Findings, Part } from "../part.ts";
import { indexFilesIn, type Reopening, type ReopenRequest } from "./actor.ts";

const GB = 2 ** 30;

/** How long it takes until a log can be used again. */
export const reopen: Part = {
  title: "Opening a log, page cache warm",
  async measure(plan, table, progress): Promise<Findings> {
    const { keys, memory, runs } = plan.reopen;
    const directory = temporaryDirectory();
    const request: ReopenRequest = { directory: directory.path, keys, memory };
    const withIndex: Reopening[] = [];
    const without: Reopening[] = [];
    try {
      progress("load");
      await inOwnProcess((worker) => worker.ask("fillForReopen", request));
      for (let run = 1; run <= runs; run++) {
        progress(`with the index, run ${run} of ${runs}`);
        withIndex.push(await inOwnProcess((worker) => worker.ask("reopen", request)));
      }
      for (const name of indexFilesIn(directory.path)) rmSync(join(directory.path, name));
      for (let run = 1; run <= runs; run++) {
        progress(`without the index, run ${run} of ${runs}`);
        without.push(await inOwnProcess((worker) => worker.ask("reopen", request)));
      }
    } finally {
      directory.remove();
    }
    for (const { usedIndexFile } of withIndex) if (!usedIndexFile) throw new Error("the index was not loaded");
    for (const { usedIndexFile } of without) if (usedIndexFile) throw new Error("an index was loaded that was removed");
    const secondsPerGb = median(withIndex.map(({ seconds, indexBytes }) => seconds / (indexBytes / GB)));
    const recordsPerSecond = median(without.map(({ seconds, replayedRecords }) => replayedRecords / seconds));
    const row = (name: string, found: Reopening[]) => [
      name,
      `${median(found.map(({ seconds }) => seconds)).toFixed(3)} s`,
      found.map(({ seconds }) => seconds.toFixed(3)).join(", "),
      formatBytes(found[0].indexBytes),
      formatBytes(found[0].indexFileBytes),
      formatRate(found[0].replayedRecords),
    ];
    return {
      text: [
        `${keys.toLocaleString("en")} keys, values of 100 bytes, a log of ${formatBytes(withIndex[0].logBytes)}:`,
        table(["", "opening", "runs", "index", "its file", "records replayed"], [
          row("with the index", withIndex),
          row("without", without),
        ], 1),
      ].join("\n"),
      json: { withIndex, without, secondsPerGb, recordsPerSecond },
      targets: [
        target(
          "opening with the index, seconds per GB of index",
          "≤ 1 s",
          secondsPerGb,
          (seconds) => seconds <= 1,
          (seconds) => `${seconds.toFixed(2)} s`,
        ),
        target(
          "opening without it, records a second",
          "≥ 1M",
          recordsPerSecond,
          (rate) => rate >= 1_000_000,
          formatRate,
        ),
        target(
          "bytes of index for a key on disk",
          "≤ 16",
          withIndex[0].indexBytes / keys,
          (bytes) => bytes <= 16,
          (bytes) => bytes.toFixed(1),
        ),
      ],
    };
  },
};
