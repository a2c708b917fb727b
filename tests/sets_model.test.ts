import { test } from "./support/harness.ts";
import { openAsync, openSync, reopening } from "./support/models/memory.ts";
import { checkSets } from "./support/models/sets.ts";

test("sets do what sets of JavaScript do", () => checkSets(openSync, { runs: 100 }));
test("sets do what sets of JavaScript do, with promises", () => checkSets(openAsync, { runs: 20 }));
test("sets do what sets of JavaScript do, in a store that has been used before", () =>
  checkSets(reopening(), { runs: 60 }));
