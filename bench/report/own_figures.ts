import type { DurationSummary } from "../ferrite/durations.ts";
import { median } from "../data/median.ts";
import type { Results } from "../results.ts";
import { formatMs, formatPercent, formatRate, formatRatio } from "./format.ts";
import type { TableMaker } from "./table.ts";

/** What is measured of Ferrite alone, in plain lines and a table. */
export function ownFigures({ hopNs, entryOverhead, growthStalls, fullStore }: Results, table: TableMaker): string {
  const { entries, bytesPerEntry, memoryBytesPerEntry } = entryOverhead;
  const full = median(fullStore.full);
  const ample = median(fullStore.ample);
  const stalls = growthStalls.flatMap(({ seconds, store, controlSeconds, control }, i) => [
    [`run ${i + 1}: store`, ...durationCells(store, seconds)],
    [`run ${i + 1}: no store`, ...durationCells(control, controlSeconds)],
  ]);
  return [
    `A step of a pointer chase over as much memory, which is what a miss of all caches costs here: ${
      median(hopNs).toFixed(0)
    } ns.`,
    `Memory at ${entries.toLocaleString("en")} entries: ${bytesPerEntry.toFixed(1)} bytes per entry beyond key and ` +
    `value (records and index); ${memoryBytesPerEntry.toFixed(1)} with the room held ready for more.`,
    `Overwrites of varying size, ${fullStore.keys.toLocaleString("en")} keys, live data ${
      formatPercent(fullStore.liveShare)
    } of ${fullStore.maxSize} (records alone ${formatPercent(fullStore.recordShare)}): ${formatRate(full)} a second; ` +
    `with ${fullStore.ampleSize}: ${formatRate(ample)}; ${formatRatio(full / ample)}.`,
    `Each write timed while the store grows to ${
      growthStalls[0].keys.toLocaleString("en")
    } entries; "no store" is the ` +
    "same loop without one, and shows the noise of the machine.",
    table(["", "longest", "p99.99", "> 1 ms", "> 5 ms", "writes", "took"], stalls, 1),
  ].join("\n");
}

function durationCells({ maxMs, p9999Ms, over1Ms, over5Ms, count }: DurationSummary, seconds: number): string[] {
  return [
    formatMs(maxMs),
    formatMs(p9999Ms),
    String(over1Ms),
    String(over5Ms),
    formatRate(count),
    `${seconds.toFixed(1)} s`,
  ];
}
