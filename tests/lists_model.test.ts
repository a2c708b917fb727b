import { test } from "./support/harness.ts";
import { checkLists } from "./support/models/lists.ts";
import { openAsync, openSync } from "./support/models/memory.ts";

test("lists do what arrays do", () => checkLists(openSync, { runs: 150 }));
test("lists do what arrays do, with promises", () => checkLists(openAsync, { runs: 20 }));
