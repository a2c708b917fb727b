import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { LOOKS } from "./faults.ts";
import { History } from "./history.ts";
import { openCheckpoints, recover } from "./recover.ts";
import { isPowerLoss, type Moment, Session } from "./session.ts";
import { drawSetting, type Setting } from "./small_store.ts";
import { type Draw, drawSteps, type Step } from "./steps.ts";
import { World } from "./world.ts";

/** What is not left to chance. */
export interface Focus {
  readonly setting?: Partial<Setting>;
  readonly draw?: Pick<Draw, "upkeep" | "keys">;
}

/** What runs have tried. */
export interface Tally {
  /** Rounds of work on a store. */
  rounds: number;
  /** Stores that were opened after a crash, and compared with their history. */
  recoveries: number;
}

const ROUNDS = 3;
/** Of the moments of a round so many are tried. */
const LEAST_MOMENTS = 3;
const MOST_MOMENTS = 8;

/**
 * One run of the crash matrix, all of which the seed decides. In each of three rounds a store is worked with, and at some of
 * its operations on files the disk is looked at as it would be found if the power went right then, or the process was
 * killed; in some rounds the power does go. All these disks must recover, and one of them is what the next round opens.
 */
export async function crashRun(seed: number, focus: Focus = {}): Promise<Tally> {
  try {
    return await run(seed, focus);
  } catch (error) {
    throw new Error(`crash run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

async function run(seed: number, focus: Focus): Promise<Tally> {
  using world = new World();
  const random = new Random(seed);
  const run = new CrashRun(random, world, focus);
  const files = new FaultyFiles({
    seed,
    showsLeftovers: random.below(2) === 0,
    mapsDirectly: random.below(2) === 0,
  });
  let ground: Moment = { files, note: "the start", acknowledged: 0, committed: [{ from: 0, to: 0 }], checkpoints: [] };
  let history = new History(world);
  for (let round = 0; round < ROUNDS; round++) {
    const { moments, history: after } = await run.work(ground, history, round);
    history = after;
    for (const moment of moments) await run.verify(moment, history);
    ground = random.pick(moments);
  }
  return run.tally;
}

class CrashRun {
  readonly tally: Tally = { rounds: 0, recoveries: 0 };
  readonly #random: Random;
  readonly #world: World;
  readonly #setting: Setting;
  readonly #weight: "light" | "heavy";
  readonly #focus: Focus;

  constructor(random: Random, world: World, focus: Focus) {
    this.#random = random;
    this.#world = world;
    this.#focus = focus;
    this.#setting = { ...drawSetting(random), ...focus.setting };
    this.#weight = random.pick(["light", "light", "heavy"]);
  }

  /** Opens a disk and works on. Returns what would be found after crashes on the way, and the history by then. */
  async work(ground: Moment, history: History, round: number): Promise<{ moments: Moment[]; history: History }> {
    const random = this.#random;
    const { files } = ground;
    const moments: Moment[] = [];
    const steps = this.#drawSteps();
    const count = LEAST_MOMENTS + random.below(MOST_MOMENTS - LEAST_MOMENTS + 1);
    let seen = 0;
    let session: Session | null = null;
    const look = (note: string): Moment => {
      const found = random.below(4) === 0 ? files.killed() : files.crash();
      return session?.moment(found, note) ?? { ...ground, files: found, note: `${note}, while it was opened` };
    };
    files.crashAt = random.below(2) === 0 ? Infinity : 1 + random.below(300);
    files.fail = ({ kind, path, count: operation }) => {
      if (LOOKS.includes(kind)) return;
      // A late one is kept as often as an early one (reservoir sampling: Vitter, 1985).
      const place = seen++ < count ? seen - 1 : random.below(seen);
      if (place < count) moments[place] = look(`operation ${operation} of round ${round}, ${kind} of ${path}`);
    };
    try {
      const { state, ...opened } = await recover(ground, history, this.#setting, this.#world);
      history = history.until(state);
      session = new Session(files, this.#setting, history, this.#world, opened);
      await session.play(steps);
    } catch (error) {
      if (!isPowerLoss(error)) throw error;
    }
    files.fail = undefined;
    moments.push(look(`the end of round ${round}`));
    this.tally.rounds++;
    return { moments, history };
  }

  #drawSteps(): Step[] {
    const count = 10 + this.#random.below(this.#weight === "light" ? 80 : 50);
    return drawSteps(this.#random, { ...this.#focus.draw, count, weight: this.#weight });
  }

  /** A disk recovers, and what has been recovered stays. */
  async verify(moment: Moment, history: History): Promise<void> {
    const [setting, world, random] = [this.#setting, this.#world, this.#random];
    const found = { ...moment, files: moment.files.killed() };
    await openCheckpoints(found, history, setting, world);
    const { state } = await recover(found, history, setting, world);
    this.tally.recoveries++;
    if (random.below(3) === 0) {
      const note = `${moment.note}, opened and crashed`;
      const committed = [{ from: state, to: state }];
      const after = { ...found, note, acknowledged: state, committed, files: found.files.crash() };
      await recover(after, history, setting, world);
      this.tally.recoveries++;
    }
    if (random.below(3) === 0) await this.#crashRecovery(moment, history);
  }

  /** The power goes while the disk is being recovered. */
  async #crashRecovery(moment: Moment, history: History): Promise<void> {
    const [setting, world, random] = [this.#setting, this.#world, this.#random];
    const files = moment.files.killed();
    const crashAt = 1 + random.below(12);
    files.crashAt = crashAt;
    try {
      await recover({ ...moment, files }, history, setting, world);
    } catch (error) {
      if (!isPowerLoss(error)) throw error;
    }
    const note = `${moment.note}, and at operation ${crashAt} of its recovery`;
    await recover({ ...moment, note, files: files.crash() }, history, setting, world);
    this.tally.recoveries++;
  }
}
