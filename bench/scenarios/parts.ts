import type { Findings, Part } from "../part.ts";
import { formatMs, formatRate } from "../report/format.ts";
import type { TableMaker } from "../report/table.ts";
import { target } from "../report/targets.ts";
import { inOwnProcess } from "../worker/in_own_process.ts";
import type { ScenarioPlan, ScenarioResult } from "./scenario.ts";
import type { ScenarioName } from "./worker/protocol.ts";

const MB = 2 ** 20;

/** By the names by which they are selected, in the order in which they run. Limits are those of ADR-0016, which sizes are scaled down from. */
export const PARTS: Readonly<Record<ScenarioName, Part<ScenarioPlan>>> = {
  cache: partOf("cache", "Cache: in memory, evicting (ADR: bound by RAM)", 1),
  sessions: partOf("sessions", "Session store: on files, each change durable (ADR: 10 GB and more, limited memory)", 5),
  series: partOf("series", "Time series: on files, each point durable (ADR: 100 GB and more, minimal memory)", 10),
  archive: partOf("archive", "Archive: in a bucket of S3 (ADR: 1 TB and more, minimal memory)", 100),
};

function partOf(scenario: ScenarioName, title: string, limitMs: number): Part<ScenarioPlan> {
  return {
    title,
    async measure(plan, table, progress) {
      progress("filling, then calls");
      const result = await inOwnProcess((worker) => worker.ask("runScenario", { scenario, plan }));
      return findings(scenario, limitMs, result, table);
    },
  };
}

function findings(scenario: string, limitMs: number, result: ScenarioResult, table: TableMaker): Findings {
  const { latencies, budgetBytes, residentBytes, dataBytes } = result;
  const rows = latencies.map(({ call, perSecond, p50, p99, p999, max }) => [
    call,
    formatRate(perSecond),
    ...[p50, p99, p999, max].map(formatMs),
  ]);
  const text = [
    `${size(dataBytes)} of keys and values, ${size(budgetBytes)} of memory for the store; the process has ${
      size(residentBytes)
    }`,
    table(["", "calls/s", "p50", "p99", "p99.9", "longest"], rows, 1),
  ].join("\n");
  const targets = latencies.map(({ call, p99 }) =>
    target(`${scenario}: ${call}, p99`, `< ${limitMs} ms`, p99, (ms) => ms < limitMs, formatMs)
  );
  return { text, json: { ...result }, targets };
}

function size(bytes: number): string {
  return `${(bytes / MB).toFixed(0)} MB`;
}
