import { test } from "./support/harness.ts";
import { openAsync, openSync } from "./support/models/memory.ts";
import { checkSortedSets } from "./support/models/sorted_sets.ts";

test("sorted sets do what sorted maps do", () => checkSortedSets(openSync, { runs: 150 }));
test("sorted sets do what sorted maps do, with promises", () => checkSortedSets(openAsync, { runs: 20 }));
