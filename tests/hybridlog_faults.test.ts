import { assert } from "@std/assert";
import { test } from "./support/harness.ts";
import { type Action, ACTIONS, crashAction, tryAction, writeGround } from "./support/hybridlog/fault_action.ts";
import { faultRun } from "./support/hybridlog/fault_run.ts";
import type { Fault } from "./support/hybridlog/faults.ts";
import { World } from "./support/hybridlog/world.ts";
import { Random, SEED, seeded } from "./support/random.ts";

// Whatever goes wrong with files, nothing is acknowledged falsely: a call that resolves has done what it says, one that
// rejects has done it as a whole or not at all, and reads go on. `npm run stress` does the same for an hour. FERRITE_SEED
// repeats runs.

const RUNS: Record<Fault, number> = { once: 20, full: 12, gone: 8, read: 16, short: 6, lie: 16 };

for (const [fault, runs] of Object.entries(RUNS) as [Fault, number][]) {
  test(`nothing is acknowledged falsely when files fail: ${fault}`, async () => {
    const random = new Random();
    let happened = 0;
    for (let i = 0; i < runs; i++) {
      if ((await faultRun(SEED + i, fault, 1 + random.below(fault === "read" ? 60 : 120))).happened) happened++;
    }
    assert(happened > runs / 4, `it happened only ${happened} times`);
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
      const ground = await writeGround(world);
      const next = (after: number) => after + 1 + random.below(after < MANY ? STRIDES[action] ?? STRIDE : LONG_STRIDE);
      for (let after = 1; await crashAction(action, after, ground, world);) after = next(after);
      for (const faults of [["once", "full", "gone", "lie"], ["read"]] as const) {
        for (let after = 1; await tryAction(action, random.pick(faults), after, ground, world);) after = next(after);
      }
    }));
}
