import type { ScenarioPlan, ScenarioResult } from "../scenario.ts";

export type ScenarioName = "cache" | "sessions" | "series" | "archive";

/** What a worker is asked to do for the benchmark of scenarios; see `worker/protocol.ts` of the first one. */
export interface ScenarioCommands {
  runScenario: { arguments: { scenario: ScenarioName; plan: ScenarioPlan }; answer: ScenarioResult };
}
