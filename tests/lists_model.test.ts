import { test } from "./support/harness.ts";
import { openAsync, openSync, reopening } from "./support/models/memory.ts";
import { checkLists } from "./support/models/lists.ts";

test("lists do what arrays do", () => checkLists(openSync, { runs: 100 }));
test("lists do what arrays do, with promises", () => checkLists(openAsync, { runs: 20 }));
test("lists do what arrays do, in a store that has been used before", () => checkLists(reopening(), { runs: 60 }));
