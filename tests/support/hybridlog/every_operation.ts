import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import type { Tally } from "./crash_run.ts";
import { History } from "./history.ts";
import { openCheckpoints, recover } from "./recover.ts";
import { isPowerLoss, type Moment, Session } from "./session.ts";
import { drawSetting, openSmall } from "./small_store.ts";
import { drawSteps, type Step, type Upkeep } from "./steps.ts";
import { World } from "./world.ts";

/** What happens at some time, whatever else is drawn. */
const ALWAYS: readonly Upkeep[] = ["commit", "dropAll", "compact", "saveIndex", "checkpoint", "reopen", "compact"];
/** How often what a crash leaves is drawn for each operation. */
const DRAWS = 2;

/**
 * Goes through the same few steps, with all upkeep among them, again and again, and has the power go at the first operation on files, the second, and so on
 * up to the last. What is found must recover each time.
 */
export async function crashAtEveryOperation(seed: number, count: number): Promise<Tally> {
  const tally: Tally = { rounds: 0, recoveries: 0 };
  for (let crashAt = 1, isOver = false; !isOver; crashAt++) {
    try {
      isOver = await crashAtOperation(seed, count, crashAt, tally);
    } catch (error) {
      throw new Error(`seed ${seed}, ${count} steps, operation ${crashAt}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  return tally;
}

/** Returns whether all was over before that operation. */
async function crashAtOperation(seed: number, count: number, crashAt: number, tally: Tally): Promise<boolean> {
  using world = new World();
  const random = new Random(seed);
  const setting = drawSetting(random);
  const steps = drawSteps(random, { count, weight: "light" });
  for (const what of ALWAYS) {
    const step: Step = { afterMs: 1, what, face: "async", ahead: random.below(3) };
    steps.splice(random.below(steps.length + 1), 0, step);
  }
  const files = new FaultyFiles({ seed, showsLeftovers: true, mapsDirectly: random.below(2) === 0 });
  files.crashAt = crashAt;
  const history = new History(world);
  let session: Session | null = null;
  let isOver = false;
  try {
    session = new Session(files, setting, history, world, await openSmall(files, setting));
    isOver = await session.play(steps);
    if (isOver) await session.close();
  } catch (error) {
    if (!isPowerLoss(error)) throw error;
    isOver = false;
  }
  tally.rounds++;
  for (let i = 0; i < DRAWS; i++) {
    const found = files.crash();
    const atStart: Moment = {
      files: found,
      note: "the first opening",
      acknowledged: 0,
      committed: [{ from: 0, to: 0 }],
      checkpoints: [],
    };
    const moment = session?.moment(found, `operation ${crashAt}`) ?? atStart;
    await openCheckpoints(moment, history, setting, world);
    await recover(moment, history, setting, world);
    tally.recoveries++;
  }
  return isOver;
}
