import { formatRate, formatRatio } from "../../report/format.ts";
import { type Target, target } from "../../report/targets.ts";
import { temporaryDirectory } from "../../rivals/directory.ts";
import { inOwnProcess } from "../../worker/in_own_process.ts";
import { formatBytes } from "../format.ts";
import type { Findings, Part } from "../part.ts";
import type { SpaceFindings, ZaddFindings } from "./actor.ts";

const MOST_ZADD_BYTES = 4_096;
const LEAST_KEYS = 300_000;
const MOST_SPACE = 1.3;

/** What is written, and what it takes on the disk. */
export const space: Part = {
  title: "Bytes written, space, and all keys",
  async measure(plan, table, progress): Promise<Findings> {
    const { members, zadds, overwriteTimes } = plan.space;
    const { writers } = plan.durable;
    progress("zadds");
    const found = await inDirectory((directory) =>
      inOwnProcess((worker) => worker.ask("measureZadds", { directory, members, zadds, writers, seed: plan.seed }))
    );
    const spaces: SpaceFindings[] = [];
    for (const tablePlan of plan.tables) {
      progress(`values of ${tablePlan.valueBytes}`);
      const request = { plan: tablePlan, times: overwriteTimes, seed: plan.seed };
      spaces.push(
        await inDirectory((directory) =>
          inOwnProcess((worker) => worker.ask("measureSpace", { ...request, directory }))
        ),
      );
    }
    const lines = spaces.map(({ keys, syncKeys, awaitedKeys, sustained, compacted }, i) => [
      `${plan.tables[i].valueBytes} B`,
      keys.toLocaleString("en"),
      formatRate(syncKeys),
      formatRate(awaitedKeys),
      formatRate(sustained.writes),
      sustained.writeAmplification.toFixed(2),
      String(sustained.compactions),
      formatRatio(sustained.logBytes / sustained.liveBytes),
      `${compacted.seconds.toFixed(2)} s`,
      formatRatio(compacted.logBytes / compacted.liveBytes),
      formatBytes(compacted.diskBytes),
      formatRatio(compacted.diskBytes / compacted.liveBytes),
    ]);
    return {
      text: [
        ...found.map((one) =>
          `zadd of members of a sorted set of ${members.toLocaleString("en")}, ${one.durability}, ` +
          `${writers.toLocaleString("en")} writers: ${one.bytesEach.toFixed(0)} bytes each, ${
            formatRate(one.zadds / one.seconds)
          } a second, ${(one.zadds / Math.max(1, one.commits)).toFixed(0)} a commit.`
        ),
        `keys() a second, sync and awaited; zipfian overwrites (${overwriteTimes} for each key, some read back), bytes ` +
        "written for each byte of key and value, compactions on their own, the log beside live records; compact(): how long " +
        "it takes, the log beside live records then, and what is on the disk:",
        table(
          [
            "values",
            "keys",
            "keys()",
            "awaited",
            "overwrites",
            "write amp.",
            "compactions",
            "log/live",
            "compact()",
            "log/live",
            "disk",
            "disk/live",
          ],
          lines,
          1,
        ),
      ].join("\n"),
      json: { zadds: found, spaces },
      targets: [...zaddTargets(found), ...spaces.flatMap((one, i) => spaceTargets(one, plan.tables[i].valueBytes))],
    };
  },
};

async function inDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = temporaryDirectory();
  try {
    return await run(directory.path);
  } finally {
    directory.remove();
  }
}

function zaddTargets(found: ZaddFindings[]): Target[] {
  return found.filter(({ durability }) => durability === "always").map(({ bytesEach }) =>
    target("log bytes per zadd, always", "≤ 4 KB", bytesEach, (bytes) => bytes <= MOST_ZADD_BYTES, formatBytes)
  );
}

function spaceTargets({ awaitedKeys, compacted }: SpaceFindings, valueBytes: number): Target[] {
  return [
    target(`keys() of values of ${valueBytes} B`, "≥ 300k/s", awaitedKeys, (rate) => rate >= LEAST_KEYS, formatRate),
    target(
      `disk after compact() to live records, ${valueBytes} B`,
      `≤ ${MOST_SPACE}x`,
      compacted.diskBytes / compacted.liveBytes,
      (ratio) => ratio <= MOST_SPACE,
      formatRatio,
    ),
  ];
}
