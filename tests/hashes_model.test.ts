import { test } from "./support/harness.ts";
import { openAsync, openSync } from "./support/models/memory.ts";
import { checkHashes } from "./support/models/hashes.ts";

test("hashes do what maps do", () => checkHashes(openSync, { runs: 150 }));
test("hashes do what maps do, with promises", () => checkHashes(openAsync, { runs: 20 }));
