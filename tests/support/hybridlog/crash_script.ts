import { FaultyFiles, type FaultyOperation } from "../faulty_files.ts";
import { Random } from "../random.ts";
import type { Tally } from "./crash_run.ts";
import { LOOKS } from "./faults.ts";
import { History } from "./history.ts";
import { openCheckpoints, recover } from "./recover.ts";
import { SCENE_NAMES, SCENES } from "./script.ts";
import { type Moment, Session } from "./session.ts";
import { drawSetting, openSmall, type Setting } from "./small_store.ts";
import { World } from "./world.ts";

/** What has been done to files, and what a log has held. */
export interface Played extends Tally {
  /** `<kind> <path>` of all operations that change something. */
  readonly operations: ReadonlySet<string>;
  /** The types of all values there were. */
  readonly types: ReadonlySet<string>;
}

/**
 * Plays the whole script once, and looks before each operation that changes files what would be found if the power went right then:
 * nothing, everything or something of what was not synced. All of it must recover.
 */
export async function crashScript(seed: number, focus: Partial<Setting> = {}): Promise<Played> {
  try {
    using world = new World();
    return await new CrashScript(seed, focus, world).go();
  } catch (error) {
    throw new Error(`crashes in the script, seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

class CrashScript {
  readonly #random: Random;
  readonly #world: World;
  readonly #setting: Setting;
  readonly #files: FaultyFiles;
  readonly #history: History;
  readonly #operations = new Set<string>();
  #session: Session | null = null;
  #moments: Moment[] = [];
  #recoveries = 0;

  constructor(seed: number, focus: Partial<Setting>, world: World) {
    this.#random = new Random(seed);
    this.#world = world;
    this.#setting = { ...drawSetting(this.#random), ...focus };
    const [showsLeftovers, mapsDirectly] = [this.#random.below(2) === 0, this.#random.below(2) === 0];
    this.#files = new FaultyFiles({ seed, showsLeftovers, mapsDirectly });
    this.#history = new History(world);
  }

  async go(): Promise<Played> {
    const files = this.#files;
    for (const scene of SCENE_NAMES) {
      files.fail = (operation) => this.#look(operation, scene);
      const opened = await openSmall(files, this.#setting);
      const session = this.#session = new Session(files, this.#setting, this.#history, this.#world, opened);
      await session.play(SCENES[scene]);
      await session.close();
      files.fail = undefined;
      // Looked at now, before there are too many to be kept.
      for (const moment of this.#moments.splice(0)) await this.#verify(moment);
    }
    const prints = this.#history.states.flatMap((state) => Array.from(state.values(), ({ print }) => print));
    const types = new Set(prints.map((print) => print.split(" ")[0]));
    return { rounds: 1, recoveries: this.#recoveries, operations: this.#operations, types };
  }

  #look({ kind, path, count }: FaultyOperation, scene: string): void {
    if (LOOKS.includes(kind)) return;
    this.#operations.add(`${kind} ${path}`);
    const note = `operation ${count}, ${kind} of ${path}, in "${scene}"`;
    const files = this.#files.crash();
    const atStart = { files, note, acknowledged: 0, committed: [{ from: 0, to: 0 }], checkpoints: [] };
    this.#moments.push(this.#session?.moment(files, note) ?? atStart);
  }

  /** A disk recovers, and now and then once more, after another crash at once. */
  async #verify(moment: Moment): Promise<void> {
    const [setting, world, history] = [this.#setting, this.#world, this.#history];
    await openCheckpoints(moment, history, setting, world);
    const { state } = await recover(moment, history, setting, world);
    this.#recoveries++;
    if (this.#random.below(6) !== 0) return;
    const note = `${moment.note}, opened and crashed`;
    const committed = [{ from: state, to: state }];
    const again = { ...moment, note, acknowledged: state, committed, files: moment.files.crash() };
    await recover(again, history, setting, world);
    this.#recoveries++;
  }
}
