import { defaultModule } from "../src/core/module.ts";
import { assert, assertEquals } from "@std/assert";
import { hashKeyByte } from "./support/hybridlog/world.ts";
import { CHAINS, NODE_MATES } from "./support/hybridlog/chain_mates.ts";
import { MATES } from "./support/hybridlog/draw_deeds.ts";
import { crashRun, type Focus } from "./support/hybridlog/crash_run.ts";
import { crashScript } from "./support/hybridlog/crash_script.ts";
import { crashAtEveryOperation } from "./support/hybridlog/every_operation.ts";
import { PAGES, type Setting } from "./support/hybridlog/small_store.ts";
import { Core } from "../src/core/core.ts";
import { share, test } from "./support/harness.ts";
import { SEED } from "./support/random.ts";

// The crash matrix: whatever a power loss or a kill at any operation on files leaves, a log opens as it was at a commit, not
// older than the last one that was acknowledged. `npm run stress` runs the same for an hour. FERRITE_SEED repeats runs: the
// first of each test is the one of that seed, and a failure names its own.

async function crashRuns(count: number, focus: Focus): Promise<void> {
  let [rounds, recoveries] = [0, 0];
  for (let i = 0; i < share(count); i++) {
    const tally = await crashRun(SEED + i, focus);
    rounds += tally.rounds;
    recoveries += tally.recoveries;
  }
  console.log(`${recoveries} recoveries in ${rounds} rounds, from seed ${SEED} on`);
}

test("a log opens as of a commit after a crash at any time, three times over", () => crashRuns(24, {}));

test("what was acknowledged under always is there after a crash", () =>
  crashRuns(8, { setting: { durability: "always" } }));

test("crashes are survived where addresses wrap", () => crashRuns(8, { setting: { firstPage: PAGES - 1 } }));

test("a crash during a checkpoint leaves a whole one or none, and the original", () =>
  crashRuns(8, { draw: { upkeep: ["checkpoint", "commit", "compact", "saveIndex"] } }));

test("crashes are survived while the log is compacted again and again", () =>
  crashRuns(8, { setting: { compaction: true }, draw: { upkeep: ["compact", "compact", "tick", "dropAll"] } }));

test("crashes are survived where keys share chains with each other and with nodes", () =>
  crashRuns(8, { draw: { keys: MATES } }));

for (let i = 0; i < share(2); i++) {
  test(`a crash at each operation of a few steps, one after another, is survived (${i})`, async () => {
    const { recoveries } = await crashAtEveryOperation(SEED + i, 15);
    console.log(`${recoveries} recoveries, of seed ${SEED + i}`);
  });
}

/** What must have happened for the script to be worth its name. */
const DEEDS_ON_FILES: Record<string, RegExp> = {
  "a segment was begun": /^create data\/.*\.log$/,
  "a segment was written": /^write data\/.*\.log$/,
  "a segment was synced": /^sync data\/.*\.log$/,
  "a segment was removed": /^remove data\/.*\.log$/,
  "an index was saved": /^sync data\/.*\.idx$/,
  "an index was replaced by another": /^remove data\/.*\.idx$/,
  "a manifest was replaced": /^replace data\/MANIFEST$/,
  "a checkpoint shares files": /^link checkpoint-\d+\/.*\.log$/,
  "a checkpoint has a copy of the last segment": /^sync checkpoint-\d+\/.*\.log$/,
  "a checkpoint has a saved index": /^link checkpoint-\d+\/.*\.idx$/,
  "a checkpoint was done": /^replace checkpoint-\d+\/MANIFEST.copy$/,
};

const SCRIPTED: readonly Partial<Setting>[] = [
  { durability: "manual" },
  { durability: "interval", firstPage: PAGES - 3 },
  { durability: "always" },
];

for (const [i, setting] of SCRIPTED.slice(0, share(SCRIPTED.length)).entries()) {
  test(`a crash at each operation of a life of all that there is is survived: ${setting.durability}`, async () => {
    const { recoveries, operations, types } = await crashScript(SEED + i, setting);
    for (const [what, pattern] of Object.entries(DEEDS_ON_FILES)) {
      assert([...operations].some((operation) => pattern.test(operation)), `not that ${what}, from seed ${SEED + i}`);
    }
    assertEquals([...types].sort(), ["hash", "list", "set", "string", "zset"]);
    console.log(`${recoveries} recoveries, of seed ${SEED + i}`);
  });
}

test("the keys of which these tests think that they share a chain do", () => {
  const hashKey = Uint8Array.from({ length: 16 }, (_, i) => hashKeyByte(i));
  const core = new Core({ maxBytes: 2 ** 24, tracksReads: false, frameBits: 17, hashKey, module: defaultModule });
  // All bits of a hash that the index uses: 11 for the bucket, 20 for the tag.
  const identityOf = (length: number) => BigInt.asUintN(31, core.calls.hashBytes(core.scratch, length));
  for (const keys of CHAINS) assertEquals(new Set(keys.map((key) => identityOf(core.putKey(key)))).size, 1);
  for (const [key, object] of NODE_MATES) {
    const identity = identityOf(core.putKey(key));
    new DataView(core.bytes.buffer).setBigUint64(core.scratch, BigInt(object) << 16n, true);
    assertEquals(identityOf(8), identity);
  }
});
