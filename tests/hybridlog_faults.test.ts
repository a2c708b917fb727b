import { assert } from "@std/assert";
import type { Fault } from "./support/hybridlog/faults.ts";
import { faultRun } from "./support/hybridlog/fault_run.ts";
import { test } from "./support/harness.ts";
import { Random, SEED } from "./support/random.ts";

// Whatever goes wrong with files, nothing is acknowledged falsely: a call that resolves has done what it says, one that
// rejects has done it as a whole or not at all, and reads go on. FERRITE_SEED repeats runs.

const RUNS: Record<Fault, number> = { once: 60, full: 25, gone: 15, read: 40, short: 10, lie: 25 };

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

test("each operation on files may fail, one after another", async () => {
  for (let after = 1;; after++) {
    const { happened } = await faultRun(SEED, "once", after);
    if (!happened) return;
  }
});
