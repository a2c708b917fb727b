import { test } from "./support/harness.ts";
import { openAsync, openSync, reopening } from "./support/models/memory.ts";
import { checkHashes } from "./support/models/hashes.ts";

test("hashes do what maps do", () => checkHashes(openSync, { runs: 100 }));
test("hashes do what maps do, with promises", () => checkHashes(openAsync, { runs: 20 }));
test("hashes do what maps do, in a store that has been used before", () => checkHashes(reopening(), { runs: 60 }));
