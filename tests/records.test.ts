import { assert } from "@std/assert";
import { SyncMemoryStore } from "../src/memory/sync.ts";
import { ForgetfulSpace } from "./support/forgetful_space.ts";
import { test } from "./support/harness.ts";
import type { Subject, SyncFace } from "./support/models/face.ts";
import { checkHashes } from "./support/models/hashes.ts";
import { checkLists } from "./support/models/lists.ts";
import { checkSets } from "./support/models/sets.ts";
import { checkSortedSets } from "./support/models/sorted_sets.ts";
import { Random, SEED } from "./support/random.ts";

// Every type over records of which a random part is missing, where steps meet conflicts: each operation must take effect
// exactly once, and when all keys are gone no record may be left behind.

let stores = 0;
let loads = 0;
let conflicts = 0;

async function openForgetful(): Promise<Subject> {
  const space = new ForgetfulSpace(new Random(SEED + ++stores));
  const store = new SyncMemoryStore(space);
  const face = new Proxy(store, {
    get: (_, name) => (...args: unknown[]) =>
      space.run(() => (store as unknown as Record<string | symbol, (...args: unknown[]) => unknown>)[name](...args)),
  });
  return {
    face: face as unknown as SyncFace,
    [Symbol.asyncDispose]: async () => {
      loads += space.loads;
      conflicts += space.conflicts;
      space.reclaimEverything();
      if (space.stored.size === 0) return;
      const names = [...space.stored.keys()].slice(0, 5).join(", ");
      throw new Error(`${space.stored.size} records are left behind: ${names}`);
    },
  };
}

const checks = { lists: checkLists, hashes: checkHashes, sets: checkSets, "sorted sets": checkSortedSets };

for (const [name, check] of Object.entries(checks)) {
  test(`${name} work where records are missing and steps are undone`, async () => {
    await check(openForgetful, { runs: 6 });
    assert(loads > 100 && conflicts > 100, `${loads} loads, ${conflicts} conflicts`);
  });
}
