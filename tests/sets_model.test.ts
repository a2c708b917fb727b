import { test } from "./support/harness.ts";
import { openAsync, openSync } from "./support/models/memory.ts";
import { checkSets } from "./support/models/sets.ts";

test("sets do what sets of JavaScript do", () => checkSets(openSync, { runs: 150 }));
test("sets do what sets of JavaScript do, with promises", () => checkSets(openAsync, { runs: 20 }));
