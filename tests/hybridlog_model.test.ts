import { share, test } from "./support/harness.ts";
import { checkHashes } from "./support/models/hashes.ts";
import { restless } from "./support/models/hybridlog.ts";
import { checkLists } from "./support/models/lists.ts";
import { checkSets } from "./support/models/sets.ts";
import { checkSortedSets } from "./support/models/sorted_sets.ts";
import { SEED } from "./support/random.ts";

// Every type on a log of which all is on disk now and then, which is compacted, closed and opened again between operations.

const checks = { lists: checkLists, hashes: checkHashes, sets: checkSets, "sorted sets": checkSortedSets };

for (const [name, check] of Object.entries(checks)) {
  for (const face of ["sync", "async"] as const) {
    test(`${name} work on a log that forgets, is compacted and opened again, ${face}`, async () => {
      await check(restless(face, SEED), { runs: share(8) });
    });
  }
}
