import { test } from "./support/harness.ts";
import { openAsync, openSync, reopening } from "./support/models/memory.ts";
import { checkSortedSets } from "./support/models/sorted_sets.ts";

test("sorted sets do what sorted maps do", () => checkSortedSets(openSync, { runs: 100 }));
test("sorted sets do what sorted maps do, with promises", () => checkSortedSets(openAsync, { runs: 20 }));
test("sorted sets do what sorted maps do, in a store that has been used before", () =>
  checkSortedSets(reopening(), { runs: 60 }));
