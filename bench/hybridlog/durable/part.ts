import { formatPercent, formatRate, formatRatio } from "../../report/format.ts";
import type { TableMaker } from "../../report/table.ts";
import { type Target, target } from "../../report/targets.ts";
import type { Findings, Part } from "../part.ts";
import { type HybridLogPlan, recordBytes } from "../plan.ts";
import { DURABLE_VALUE_BYTES } from "./contender.ts";
import { DURABLE } from "./contenders.ts";
import { raceWriters, type WritersResult } from "./race.ts";

/** Writes that are on the disk when they are answered, and what it costs to have them there once a second. */
export const durable: Part = {
  title: "Durable writes",
  async measure(plan, table, progress): Promise<Findings> {
    const { durable: { writers, keys, limitMs, rounds, intervalLimitMs, intervalRounds }, seed } = plan;
    const requests = [
      { group: "flushed", writers, keys, limitMs, rounds, seed },
      { group: "not flushed", writers, keys, limitMs: intervalLimitMs, rounds: intervalRounds, seed },
    ];
    const result: WritersResult = { rates: {}, efforts: {}, absent: [] };
    for (const request of requests) {
      const { rates, efforts, absent } = await raceWriters(request, progress);
      Object.assign(result.rates, rates);
      Object.assign(result.efforts, efforts);
      result.absent.push(...absent);
    }
    return { text: report(result, plan, table), json: result, targets: checkTargets(result) };
  },
};

function report({ rates, efforts, absent }: WritersResult, { durable }: HybridLogPlan, table: TableMaker): string {
  const lines = Object.entries(rates).map(([name, { median, rounds }]) => {
    const own = rates[DURABLE[name].group === "flushed" ? "ferrite" : "ferrite manual"]
      ?.median;
    const effort = efforts[name];
    return [
      name,
      DURABLE[name].group,
      formatRate(median),
      own === undefined || own === median ? "" : formatRatio(median / own),
      `${formatRate(Math.min(...rounds))} – ${formatRate(Math.max(...rounds))}`,
      effort === undefined ? "" : (effort.writes / Math.max(1, effort.syncs!)).toFixed(0),
      effort === undefined ? "" : (effort.bytesWritten! / effort.writes).toFixed(0),
    ];
  });
  return [
    `${
      durable.writers.toLocaleString("en")
    } writers at a time, each of which awaits its last write; keys of 14 bytes, ` +
    `values of ${DURABLE_VALUE_BYTES}, a record has ${
      recordBytes(DURABLE_VALUE_BYTES)
    }. Writes a second, medians of rounds:`,
    table(["", "", "writes", "to ours", "rounds", "writes a sync", "bytes a write"], lines, 2),
    ...absent.map(({ contender, reason }) => `Absent: ${contender}: ${reason}`),
  ].join("\n");
}

function checkTargets({ rates }: WritersResult): Target[] {
  const ratio = (a: string, b: string) =>
    rates[a] === undefined || rates[b] === undefined ? null : rates[a].median / rates[b].median;
  return [
    target(
      "always, 1,000 writers, to lmdb's flushed puts",
      "≥ 8x",
      ratio("ferrite", "lmdb"),
      (x) => x >= 8,
      formatRatio,
    ),
    target(
      "always, 1,000 writers, to write + fdatasync",
      "≥ 30 %",
      ratio("ferrite", "write + fdatasync"),
      (x) => x >= 0.3,
      formatPercent,
    ),
    ...["", ", little memory"].map((memory) =>
      target(
        `interval, to manual${memory}`,
        "≥ 80 %",
        ratio(`ferrite interval${memory}`, `ferrite manual${memory}`),
        (x) => x >= 0.8,
        formatPercent,
      )
    ),
  ];
}
