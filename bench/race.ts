import type { Plan } from "./plan.ts";
import { median, type Row } from "./results.ts";
import { CONTENDERS } from "./rivals/mod.ts";
import type { FaceInfo } from "./worker/protocol.ts";
import type { Timing } from "./worker/timing.ts";
import { Worker } from "./worker/worker.ts";
import { TITLES, type Workload, WORKLOADS } from "./workloads.ts";

/** A contender in its process. */
interface Runner {
  name: string;
  worker: Worker;
  faces: FaceInfo[];
  rows: Row[];
}

export interface RaceResult {
  rows: Row[];
  absent: { contender: string; reason: string }[];
}

/** Has all contenders do all workloads, in turn in each round. Rejects as soon as one of them reads something wrong. */
export async function race(plan: Plan, progress: (text: string) => void): Promise<RaceResult> {
  const absent: RaceResult["absent"] = [];
  const runners = await openAll(plan, absent);
  try {
    for (const workload of WORKLOADS) {
      await runRounds(runners, workload, plan, absent, progress);
      if (workload === "load") {
        await askAll(runners, absent, (runner) => runner.worker.ask("settle", {}));
      }
    }
  } finally {
    await Promise.all(runners.map((runner) => runner.worker.close()));
  }
  return { rows: runners.flatMap((runner) => runner.rows), absent };
}

async function openAll(plan: Plan, absent: RaceResult["absent"]): Promise<Runner[]> {
  const runners: Runner[] = [];
  for (const name of Object.keys(CONTENDERS)) {
    const worker = new Worker();
    try {
      const { faces } = await worker.ask("open", { contender: name, plan });
      const rows = faces.map(({ label, isAsync }) => ({ label, isAsync, figures: {} }));
      runners.push({ name, worker, faces, rows });
    } catch (error) {
      absent.push({ contender: name, reason: (error as Error).message });
      await worker.close();
    }
  }
  return runners;
}

async function runRounds(
  runners: Runner[],
  workload: Workload,
  plan: Plan,
  absent: RaceResult["absent"],
  progress: (text: string) => void,
): Promise<void> {
  for (let round = 1; round <= plan.rounds; round++) {
    progress(`${TITLES[workload]}: round ${round} of ${plan.rounds}`);
    await askAll(runners, absent, async (runner) => {
      for (const [face, { workloads }] of runner.faces.entries()) {
        if (!workloads.includes(workload)) continue;
        const timing = workload === "load"
          ? await runner.worker.ask("load", { face, round })
          : await runner.worker.ask("run", { face, workload, round });
        note(runner.rows[face], workload, timing);
      }
    });
  }
}

function note(row: Row, workload: Workload, { operations, ms }: Timing): void {
  const rounds = [...row.figures[workload]?.rounds ?? [], operations / ms * 1_000];
  row.figures[workload] = { median: median(rounds), rounds };
}

/** One after another. A contender whose process has died is out of the race, and said to be; other errors end it. */
async function askAll(
  runners: Runner[],
  absent: RaceResult["absent"],
  ask: (runner: Runner) => Promise<unknown>,
): Promise<void> {
  for (const runner of runners) {
    if (!runner.worker.isAlive) continue;
    try {
      await ask(runner);
    } catch (error) {
      if (runner.worker.isAlive) throw error;
      absent.push({ contender: runner.name, reason: (error as Error).message });
    }
  }
}
