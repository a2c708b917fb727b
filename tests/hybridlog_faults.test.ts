import { assert } from "@std/assert";
import { SHARE, test } from "./support/harness.ts";
import { type Action, ACTIONS, crashAction, tryAction, writeGround } from "./support/hybridlog/fault_action.ts";
import { faultRun } from "./support/hybridlog/fault_run.ts";
import { faultInScene, setStage, trialsOf } from "./support/hybridlog/fault_script.ts";
import type { Fault } from "./support/hybridlog/faults.ts";
import { SCENE_NAMES } from "./support/hybridlog/script.ts";
import { World } from "./support/hybridlog/world.ts";
import { Random, SEED, seeded } from "./support/random.ts";

// Whatever goes wrong with files, nothing is acknowledged falsely: a call that resolves has done what it says, one that
// rejects has done it as a whole or not at all, and reads go on. `npm run stress` does the same for an hour. FERRITE_SEED
// repeats runs.

const RUNS: Partial<Record<Fault, number>> = {
  once: 20,
  torn: 8,
  full: 12,
  freed: 8,
  gone: 8,
  read: 16,
  short: 6,
  lie: 16,
};

for (const [fault, runs] of Object.entries(RUNS) as [Fault, number][]) {
  test(`nothing is acknowledged falsely when files fail: ${fault}`, async () => {
    const random = new Random();
    let happened = 0;
    // Where it happens is drawn, and some runs end before that.
    for (let i = 0; i < runs || happened === 0 && i < 10 * runs; i++) {
      if ((await faultRun(SEED + i, fault, 1 + random.below(fault === "read" ? 60 : 120))).happened) happened++;
    }
    assert(happened > 0, "it has never happened");
  });
}

/** So many operations on files are passed over at most, to the next one that fails. */
const STRIDES: Partial<Record<Action, number>> = { commit: 1, restore: 8, repair: 25 };
const STRIDE = 6;
/** The same where there are many. */
const MANY = 60;
const LONG_STRIDE = 80;

for (const action of ACTIONS) {
  test(`any operation on files may fail, or be the last one: ${action}`, () =>
    seeded(async (random) => {
      using world = new World();
      const ground = await writeGround(world, random.below(2) === 0);
      const next = (after: number) => after + 1 + random.below(after < MANY ? STRIDES[action] ?? STRIDE : LONG_STRIDE);
      for (let after = 1; await crashAction(action, after, ground, world);) after = next(after);
      for (const faults of [["once", "torn", "full", "freed", "gone", "lie"], ["read"]] as const) {
        for (let after = 1; await tryAction(action, random.pick(faults), after, ground, world);) after = next(after);
      }
    }));
}

for (const [i, scene] of SCENE_NAMES.entries()) {
  test(`each operation of a life of all that there is may fail: ${scene}`, async () => {
    using world = new World();
    const stage = await setStage(SEED + i, scene, world);
    const trials = trialsOf(stage).filter((_, i) => i % SHARE === SEED % SHARE);
    let happened = 0;
    for (const trial of trials) if (await faultInScene(stage, trial, world)) happened++;
    console.log(
      `${happened} faults at ${stage.operations.length} changes and ${stage.looks} looks, of seed ${SEED + i}`,
    );
    // Another schedule of what is awaited may make it a few more or less.
    assert(happened > trials.length * 0.9, `only ${happened} of ${trials.length} faults happened, seed ${SEED + i}`);
  });
}
