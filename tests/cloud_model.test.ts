import { share, test } from "./support/harness.ts";
import { sharing } from "./support/models/cloud.ts";
import { checkHashes } from "./support/models/hashes.ts";
import { checkLists } from "./support/models/lists.ts";
import { checkSets } from "./support/models/sets.ts";
import { checkSortedSets } from "./support/models/sorted_sets.ts";
import { SEED } from "./support/random.ts";

// Every type in a bucket that several stores share, in objects of all lengths, of which none may be left when all keys are gone.

const checks = { lists: checkLists, hashes: checkHashes, sets: checkSets, "sorted sets": checkSortedSets };

for (const [name, check] of Object.entries(checks)) {
  test(`${name} work in a bucket that stores share`, async () => {
    await check(sharing(SEED), { runs: share(4), transactions: false });
  });
}
