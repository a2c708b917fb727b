import type { Plan } from "./plan.ts";
import { median } from "./data/median.ts";
import type { Row } from "./results.ts";
import { CONTENDERS } from "./rivals/mod.ts";
import { type Absent, askAll, type Runner } from "./runners.ts";
import type { FaceInfo } from "./worker/protocol.ts";
import type { Timing } from "./worker/timing.ts";
import { Worker } from "./worker/worker.ts";
import { TITLES, type Workload, WORKLOADS } from "./workloads.ts";

interface RaceRunner extends Runner {
  faces: FaceInfo[];
  rows: Row[];
}

export interface RaceResult {
  rows: Row[];
  absent: Absent[];
}

/** Has contenders do workloads, in turn in each round. Rejects as soon as one of them reads something wrong. */
export async function race(
  plan: Plan,
  progress: (text: string) => void,
  contenders: readonly string[] = Object.keys(CONTENDERS),
  workloads: readonly Workload[] = WORKLOADS,
): Promise<RaceResult> {
  const absent: Absent[] = [];
  const runners = await openAll(plan, contenders, absent);
  try {
    for (const workload of workloads) {
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

async function openAll(plan: Plan, contenders: readonly string[], absent: Absent[]): Promise<RaceRunner[]> {
  const runners: RaceRunner[] = [];
  for (const name of contenders) {
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
  runners: RaceRunner[],
  workload: Workload,
  plan: Plan,
  absent: Absent[],
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
