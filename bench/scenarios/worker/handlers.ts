import { runArchive } from "../archive.ts";
import { runCache } from "../cache.ts";
import type { ScenarioPlan, ScenarioResult } from "../scenario.ts";
import { runSeries } from "../series.ts";
import { runSessions } from "../sessions.ts";
import type { ScenarioCommands, ScenarioName } from "./protocol.ts";

type Handlers = {
  [K in keyof ScenarioCommands]: (
    args: ScenarioCommands[K]["arguments"],
  ) => Promise<ScenarioCommands[K]["answer"]>;
};

const RUNS: Readonly<Record<ScenarioName, (plan: ScenarioPlan) => Promise<ScenarioResult>>> = {
  cache: runCache,
  sessions: runSessions,
  series: runSeries,
  archive: runArchive,
};

/** What a worker does for the benchmark of scenarios. */
export const scenarioHandlers: Handlers = {
  runScenario: ({ scenario, plan }) => RUNS[scenario](plan),
};
