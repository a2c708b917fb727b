import { temporaryDirectory } from "../../rivals/directory.ts";
import { type Rate, Rates } from "../../rounds.ts";
import { type Absent, askAll, type Runner } from "../../runners.ts";
import { Worker } from "../../worker/worker.ts";
import type { DurableRequest, DurableTiming } from "./actor.ts";
import { DURABLE } from "./contenders.ts";

/** Faster than any of them, so that the time ends a piece. */
const MOST_WRITES_A_SECOND = 2_000_000;

export interface WritersRequest {
  /** Those who have writes on the disk when they answer, or those who have not. */
  group: string;
  writers: number;
  keys: number;
  limitMs: number;
  rounds: number;
  seed: number;
}

export interface WritersResult {
  rates: Record<string, Rate>;
  /** Of Ferrite, by its durability, of the last round. */
  efforts: Record<string, DurableTiming>;
  absent: Absent[];
}

/** Has so many writers at a time write to each contender of a group, in turn in each round. */
export async function raceWriters(
  { group, writers, keys, limitMs, rounds, seed }: WritersRequest,
  progress: (text: string) => void,
): Promise<WritersResult> {
  const rates = new Rates();
  const result: WritersResult = { rates: {}, efforts: {}, absent: [] };
  const operations = Math.ceil(limitMs / 1_000 * MOST_WRITES_A_SECOND);
  const request = (round: number): DurableRequest => ({ writers, keys, limitMs, operations, seed: seed + round });
  const runners = await openAll(group, request(0), result.absent, progress);
  try {
    for (let round = 1; round <= rounds; round++) {
      progress(`${group}: round ${round} of ${rounds}`);
      await askAll(runners, result.absent, async ({ name, worker }) => {
        const timing = await worker.ask("runDurable", request(round));
        rates.note(name, timing.writes, timing.ms);
        if (timing.syncs !== null) result.efforts[name] = timing;
      });
    }
  } finally {
    await Promise.all(runners.map(({ worker }) => worker.close()));
    for (const { remove } of runners) remove();
  }
  result.rates = rates.all();
  return result;
}

async function openAll(
  group: string,
  request: DurableRequest,
  absent: Absent[],
  progress: (text: string) => void,
): Promise<(Runner & { remove: () => void })[]> {
  const runners = [];
  for (const contender of Object.keys(DURABLE)) {
    if (DURABLE[contender].group !== group) continue;
    progress(`opening ${contender}`);
    const worker = new Worker();
    const directory = temporaryDirectory();
    try {
      await worker.ask("openDurable", { contender, directory: directory.path, request });
      runners.push({ name: contender, worker, remove: directory.remove });
    } catch (error) {
      absent.push({ contender, reason: (error as Error).message });
      await worker.close();
      directory.remove();
    }
  }
  return runners;
}
