import type { Worker } from "./worker/worker.ts";

/** A contender in its process. */
export interface Runner {
  name: string;
  worker: Worker;
}

/** A contender that could not take part, or not to the end. */
export interface Absent {
  contender: string;
  reason: string;
}

/** One after another. A contender whose process has died is out of the race, and said to be; other errors end it. */
export async function askAll<R extends Runner>(
  runners: R[],
  absent: Absent[],
  ask: (runner: R) => Promise<unknown>,
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
