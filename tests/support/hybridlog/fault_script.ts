import { FaultyFiles, type FaultyKind, type FaultyOperation } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { FaultRun } from "./fault_run.ts";
import { type Fault, GROWING, LOOKS } from "./faults.ts";
import { History } from "./history.ts";
import { type Scene, SCENE_NAMES, SCENES } from "./script.ts";
import { Session } from "./session.ts";
import { drawSetting, openSmall, type Setting } from "./small_store.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

/** A log as it is before a scene of the script, and what that does to its files. */
export interface Stage {
  readonly scene: Scene;
  readonly seed: number;
  readonly setting: Setting;
  readonly files: FaultyFiles;
  readonly history: History;
  readonly now: number;
  /** The operations that change something, in their order. */
  readonly operations: readonly FaultyKind[];
  /** How many only look. */
  readonly looks: number;
}

/** Something that goes wrong, and at which operation. */
export interface Trial {
  readonly fault: Fault;
  readonly after: number;
}

const REOPEN: Step = { afterMs: 0, what: "reopen", face: "async", ahead: 0 };

/** The steps of a scene; at its end the store is closed and opened once more. */
const stepsOf = (scene: Scene): Step[] => [...SCENES[scene], REOPEN];

/** Plays the script up to the end of a scene. */
export async function setStage(seed: number, scene: Scene, world: World): Promise<Stage> {
  const random = new Random(seed);
  const setting = drawSetting(random);
  const files = new FaultyFiles({ seed, mapsDirectly: random.below(2) === 0 });
  const history = new History(world);
  for (const name of SCENE_NAMES) {
    const stage = {
      scene,
      seed,
      setting,
      now: world.now,
      files: files.killed(),
      history: history.until(history.length),
    };
    const session = new Session(files, setting, history, world, await openSmall(files, setting));
    const done: FaultyOperation[] = [];
    files.fail = (operation) => void done.push(operation);
    await session.play(stepsOf(name));
    files.fail = undefined;
    await session.close();
    world.forgetIntervals();
    if (name !== scene) continue;
    const operations = done.map(({ kind }) => kind).filter((kind) => !LOOKS.includes(kind));
    return { ...stage, operations, looks: done.length - operations.length };
  }
  throw new Error(`there is no scene ${scene}`);
}

/** One thing to go wrong at each operation of a scene; seeds one behind another have all that may go wrong there. */
export function trialsOf({ operations, looks, seed }: Stage): Trial[] {
  const changes = operations.map((kind, i): Trial => {
    const faults = faultsOf(kind);
    return { fault: faults[(i + seed) % faults.length], after: i + 1 };
  });
  const reads = Array.from({ length: looks }, (_, i): Trial => ({ fault: "read", after: i + 1 }));
  return [...changes, ...reads];
}

function faultsOf(kind: FaultyKind): Fault[] {
  if (kind === "write") return ["eio", "enospc", "freed", "torn"];
  return GROWING.includes(kind) ? ["eio", "enospc", "freed"] : ["eio"];
}

/** Has something go wrong in a scene. Nothing may be acknowledged falsely. Returns whether it went wrong at all. */
export async function faultInScene(stage: Stage, { fault, after }: Trial, world: World): Promise<boolean> {
  const { scene, seed, setting } = stage;
  try {
    world.now = stage.now;
    const files = stage.files.killed();
    const history = stage.history.until(stage.history.length);
    const session = new Session(files, setting, history, world, await openSmall(files, setting));
    const { happened } = await new FaultRun(session, fault, new Random(seed + after)).go(stepsOf(scene), after);
    return happened;
  } catch (error) {
    const place = `fault "${fault}" at operation ${after} of "${scene}", seed ${seed}`;
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
  } finally {
    world.forgetIntervals();
  }
}
