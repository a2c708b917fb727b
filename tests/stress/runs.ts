import { crashRun, type Focus } from "../support/hybridlog/crash_run.ts";
import { damageRun } from "../support/hybridlog/damage_run.ts";
import { MATES } from "../support/hybridlog/draw_deeds.ts";
import { crashAtEveryOperation } from "../support/hybridlog/every_operation.ts";
import { ACTIONS, crashAction, tryAction, writeGround } from "../support/hybridlog/fault_action.ts";
import { faultRun } from "../support/hybridlog/fault_run.ts";
import { FAULTS } from "../support/hybridlog/faults.ts";
import { PAGES } from "../support/hybridlog/small_store.ts";
import { World } from "../support/hybridlog/world.ts";
import { checkHashes } from "../support/models/hashes.ts";
import { restless } from "../support/models/hybridlog.ts";
import { checkLists } from "../support/models/lists.ts";
import { checkSets } from "../support/models/sets.ts";
import { checkSortedSets } from "../support/models/sorted_sets.ts";
import { Random } from "../support/random.ts";

/** Something that a seed decides. */
export interface Kind {
  readonly run: (seed: number) => Promise<unknown>;
  /** How many are run in one process: some ten seconds of them. */
  readonly batch: number;
}

const crash = (focus: Focus): Kind => ({ run: (seed) => crashRun(seed, focus), batch: 30 });

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

/** The generators of these take their seed from FERRITE_SEED. */
async function checkModel(seed: number): Promise<void> {
  const check = new Random(seed).pick([checkLists, checkHashes, checkSets, checkSortedSets]);
  for (const face of ["sync", "async"] as const) await check(restless(face, seed), { runs: 20 });
}
