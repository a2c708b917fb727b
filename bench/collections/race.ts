import { median } from "../data/median.ts";
import { type Absent, askAll, type Runner } from "../runners.ts";
import { Worker } from "../worker/worker.ts";
import { type CollectionsPlan, isLoadedInPieces, sizesOf } from "./plan.ts";
import type { CollectionFigure, Row } from "./results.ts";
import { CONTENDERS } from "./rivals/mod.ts";
import type { FaceInfo } from "./worker/protocol.ts";
import type { CollectionTiming } from "./worker/run_piece.ts";
import { type Group, GROUP_TITLES, GROUPS, isLoad, TITLES, type Workload, WORKLOADS } from "./workloads.ts";

interface RaceRunner extends Runner {
  faces: FaceInfo[];
  /** Of each face, on the collections that are being measured. */
  rows: Row[];
}

export interface RaceResult {
  rows: Row[];
  absent: Absent[];
  redisVersion: string | null;
}

/** Whose cost is followed from a small collection to a large one. */
export const FOLLOWED: readonly { contender: string; isAsync: boolean }[] = [
  { contender: "ferrite", isAsync: false },
  { contender: "Redis", isAsync: true },
];

/** Has all contenders do all workloads, in turn in each round. Rejects as soon as one of them gives a wrong answer. */
export async function race(plan: CollectionsPlan, progress: (text: string) => void): Promise<RaceResult> {
  const absent: Absent[] = [];
  const { runners, redisVersion } = await openAll(plan, absent);
  const rows: Row[] = [];
  try {
    for (const group of GROUPS) {
      for (const size of sizesOf(group, plan)) {
        for (const runner of runners) runner.rows = runner.faces.map((face) => rowOf(face, group, size));
        for (const workload of WORKLOADS[group]) {
          await runRounds({ runners, group, size, workload, plan, absent, progress });
        }
        await askAll(runners, absent, ({ worker }) => worker.ask("clearCollections", {}));
        rows.push(...runners.flatMap((runner) => runner.rows.filter((row) => Object.keys(row.figures).length > 0)));
      }
    }
  } finally {
    await Promise.all(runners.map((runner) => runner.worker.close()));
  }
  return { rows, absent, redisVersion };
}

async function openAll(
  plan: CollectionsPlan,
  absent: Absent[],
): Promise<{ runners: RaceRunner[]; redisVersion: string | null }> {
  const runners: RaceRunner[] = [];
  let redisVersion: string | null = null;
  for (const name of Object.keys(CONTENDERS)) {
    const worker = new Worker();
    try {
      const { faces, version } = await worker.ask("openCollections", { contender: name, plan });
      runners.push({ name, worker, faces, rows: [] });
      redisVersion ??= version;
    } catch (error) {
      absent.push({ contender: name, reason: (error as Error).message });
      await worker.close();
    }
  }
  return { runners, redisVersion };
}

function rowOf({ label, isAsync }: FaceInfo, group: Group, size: number): Row {
  return { label, isAsync, group, size, figures: {} };
}

interface Rounds {
  runners: RaceRunner[];
  group: Group;
  size: number;
  workload: Workload;
  plan: CollectionsPlan;
  absent: Absent[];
  progress: (text: string) => void;
}

async function runRounds({ runners, group, size, workload, plan, absent, progress }: Rounds): Promise<void> {
  const isInPieces = isLoad(workload) && isLoadedInPieces(group, size);
  if (isInPieces) await fill(0.5);
  for (let round = 1; round <= plan.rounds; round++) {
    progress(`${GROUP_TITLES[group]} of ${size}, ${TITLES[workload]}: round ${round} of ${plan.rounds}`);
    await eachFace(async (runner, face) => {
      const timing = await runner.worker.ask("runCollections", { face, group, size, workload, round });
      note(runner.rows[face], workload, timing);
    });
  }
  if (isLoad(workload) && !isInPieces) await fill(1);

  function fill(share: number): Promise<void> {
    return eachFace((runner, face) => runner.worker.ask("fillCollections", { face, group, size, share }));
  }

  function eachFace(ask: (runner: RaceRunner, face: number) => Promise<unknown>): Promise<void> {
    return askAll(runners, absent, async (runner) => {
      for (const [face, { isAsync, workloads }] of runner.faces.entries()) {
        if (workloads.includes(workload) && takesPart(runner.name, isAsync)) await ask(runner, face);
      }
    });
  }

  function takesPart(contender: string, isAsync: boolean): boolean {
    if (group === "small" || plan.sizes.includes(size)) return true;
    return FOLLOWED.some((followed) => followed.contender === contender && followed.isAsync === isAsync);
  }
}

function note(row: Row, workload: Workload, { operations, ms, serverNs }: CollectionTiming): void {
  const before = row.figures[workload];
  const rounds = [...before?.rounds ?? [], operations / ms * 1_000];
  const figure: CollectionFigure = { median: median(rounds), rounds };
  if (serverNs !== null) {
    figure.serverRounds = [...before?.serverRounds ?? [], serverNs];
    figure.serverNs = median(figure.serverRounds);
  }
  row.figures[workload] = figure;
}
