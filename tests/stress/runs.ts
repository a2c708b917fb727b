import { FaultyFiles } from "../support/faulty_files.ts";
import { closingRun } from "../support/hybridlog/closing_run.ts";
import { crashCallsRun } from "../support/hybridlog/crash_calls_run.ts";
import { crashRun, type Focus } from "../support/hybridlog/crash_run.ts";
import { crashScript } from "../support/hybridlog/crash_script.ts";
import { damageRun } from "../support/hybridlog/damage_run.ts";
import { MATES } from "../support/hybridlog/draw_deeds.ts";
import { crashAtEveryOperation } from "../support/hybridlog/every_operation.ts";
import { ACTIONS, crashAction, tryAction, writeGround } from "../support/hybridlog/fault_action.ts";
import { faultRun } from "../support/hybridlog/fault_run.ts";
import { faultInScene, setStage, trialsOf } from "../support/hybridlog/fault_script.ts";
import { FAULTS } from "../support/hybridlog/faults.ts";
import { type Focus as OrderFocus, orderRun, type Place } from "../support/hybridlog/order_run.ts";
import type { Beside } from "../support/hybridlog/order_script.ts";
import { restoreRun } from "../support/hybridlog/restore_run.ts";
import { savingRun } from "../support/hybridlog/saving_run.ts";
import { scanRun } from "../support/hybridlog/scan_run.ts";
import { SCENE_NAMES } from "../support/hybridlog/script.ts";
import { PAGES } from "../support/hybridlog/small_store.ts";
import { twinRun } from "../support/hybridlog/twin_run.ts";
import { World } from "../support/hybridlog/world.ts";
import { killAlwaysRun, killIntervalRun } from "../support/kill_run.ts";
import { checkHashes } from "../support/models/hashes.ts";
import { restless } from "../support/models/hybridlog.ts";
import { checkLists } from "../support/models/lists.ts";
import { checkSets } from "../support/models/sets.ts";
import { checkSortedSets } from "../support/models/sorted_sets.ts";
import { RUNTIMES } from "../support/processes.ts";
import { Random } from "../support/random.ts";

/** Something that a seed decides. */
export interface Kind {
  readonly run: (seed: number) => Promise<unknown>;
  /** How many are run in one process: some ten seconds of them. */
  readonly batch: number;
}

const crash = (focus: Focus): Kind => ({ run: (seed) => crashRun(seed, focus), batch: 30 });

/** What goes on beside calls that race it. */
const BESIDE: readonly Beside[] = ["compact", "compact", "saveIndex", "checkpoint", "commit", "dropAll", "tick"];

const order = (focus: OrderFocus): Kind => ({ run: (seed) => orderRun(seed, focus), batch: 10 });

export const KINDS: Readonly<Record<string, Kind>> = {
  crash: crash({}),
  "crash-always": crash({ setting: { durability: "always" } }),
  "crash-wrap": crash({ setting: { firstPage: PAGES - 1 } }),
  "crash-checkpoint": crash({ draw: { upkeep: ["checkpoint", "commit", "compact", "saveIndex"] } }),
  "crash-compact": crash({
    setting: { compaction: true },
    draw: { upkeep: ["compact", "compact", "tick", "dropAll"] },
  }),
  "crash-chains": crash({ draw: { keys: MATES } }),
  "crash-everywhere": { run: (seed) => crashAtEveryOperation(seed, 20), batch: 3 },
  fault: { run: faultAnywhere, batch: 150 },
  "fault-action": { run: faultInAction, batch: 150 },
  damage: { run: damageRun, batch: 20 },
  "crash-script": { run: (seed) => crashScript(seed), batch: 3 },
  "crash-calls": { run: crashCallsRun, batch: 30 },
  "fault-script": { run: faultInScript, batch: 20 },
  order: order({}),
  "order-wrap": order({ keys: MATES, setting: { firstPage: PAGES - 1 } }),
  race: order({ beside: BESIDE, isRestless: true, setting: { compaction: true } }),
  "race-chains": order({ beside: BESIDE, isRestless: true, keys: MATES }),
  restore: { run: restoreRun, batch: 30 },
  closing: { run: (seed) => closingRun(seed, inMemory(seed)), batch: 20 },
  twin: { run: (seed) => twinRun(seed, inMemory(seed)), batch: 10 },
  scan: { run: scanRun, batch: 20 },
  saving: { run: savingRun, batch: 5 },
  kill: { run: killChildren, batch: 2 },
  model: { run: checkModel, batch: 1 },
};

function faultAnywhere(seed: number): Promise<unknown> {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  const fault = random.pick(FAULTS);
  return faultRun(seed, fault, 1 + random.below(fault === "read" ? 80 : 150));
}

async function faultInAction(seed: number): Promise<void> {
  using world = new World();
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  const ground = await writeGround(world, random.below(2) === 0);
  const action = random.pick(ACTIONS);
  const after = 1 + random.below(80);
  if (random.below(4) === 0) await crashAction(action, after, ground, world);
  else await tryAction(action, random.pick(FAULTS), after, ground, world);
}

function inMemory(seed: number): Place {
  return { files: new FaultyFiles({ seed }), directory: "." };
}

/** So many of the operations of a scene fail, one in each of as many runs. */
const TRIALS = 10;

async function faultInScript(seed: number): Promise<void> {
  using world = new World();
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  const stage = await setStage(seed, random.pick(SCENE_NAMES), world);
  const trials = trialsOf(stage);
  for (let i = 0; i < TRIALS; i++) await faultInScene(stage, random.pick(trials), world);
}

/** `kill -9`, on any runtime. */
async function killChildren(seed: number): Promise<void> {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  await random.pick([killAlwaysRun, killIntervalRun])(random.pick(RUNTIMES), 4, random);
}

/** The generators of these take their seed from FERRITE_SEED. */
async function checkModel(seed: number): Promise<void> {
  const check = new Random(seed).pick([checkLists, checkHashes, checkSets, checkSortedSets]);
  for (const face of ["sync", "async"] as const) await check(restless(face, seed), { runs: 20 });
}
