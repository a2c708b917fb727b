import { assert, assertEquals } from "@std/assert";
import { ROW_BYTES } from "../src/core/layout.ts";
import { SEGMENTS } from "../src/hybridlog/space.ts";
import { pattern } from "./support/bytes.ts";
import { MATES } from "./support/hybridlog/draw_deeds.ts";
import { History } from "./support/hybridlog/history.ts";
import { Session } from "./support/hybridlog/session.ts";
import { isNode, liveRecords, readLog } from "./support/hybridlog/log_reader.ts";
import { drawSetting, openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { drawSteps, showStep, type Upkeep } from "./support/hybridlog/steps.ts";
import { World } from "./support/hybridlog/world.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { share, test } from "./support/harness.ts";
import { Random, SEED } from "./support/random.ts";

const RUNS = 40;
const STEPS = 60;
const UPKEEP: readonly Upkeep[] = ["commit", "compact", "dropAll", "dropAll", "reopen", "tick", "saveIndex"];

/** After each step there are as many keys as are counted, but for `unverified`, and what has expired and was not noticed. */
async function checkCounts(seed: number): Promise<void> {
  using world = new World();
  const random = new Random(seed);
  const setting = drawSetting(random);
  const files = new FaultyFiles({ seed });
  const history = new History(world);
  const session = new Session(files, setting, history, world, await openSmall(files, setting));
  // Of so few keys each shares its chain with others, or with a node.
  const keys = [...MATES.slice(0, 4), ...MATES.slice(-6, -4)];
  for (const [i, step] of drawSteps(random, { count: STEPS, weight: "light", keys, upkeep: UPKEEP }).entries()) {
    world.now += step.afterMs;
    await session.take(step, `step ${i}`);
    const { keys, unverified } = session.store.stats();
    const held = [...history.states.at(-1)!.values()];
    const there = held.filter(({ expiry }) => expiry > world.now).length;
    if (unverified >= 0 && keys >= there - unverified && keys <= held.length + unverified) continue;
    throw new Error(
      `seed ${seed}, step ${i}, ${showStep(step)}: ${keys} keys are counted, ${unverified} unverified; there are ` +
        `${there}, and ${held.length - there} that have expired`,
    );
  }
  if (session.store.stats().unverified === 0) {
    await checkAccounts(session, files, seed);
    Object.assign(session, await openSmall(files, setting));
  }
  session.log.space.dropAll();
  await session.store.compact();
  const { unverified } = session.store.stats();
  if (unverified !== 0) throw new Error(`seed ${seed}: ${unverified} are unverified after all was compacted`);
  await checkAccounts(session, files, seed);
}

/** Closes a store of which all is verified. What it has counted of each segment is what there is. */
async function checkAccounts({ store, log }: Session, files: FaultyFiles, seed: number): Promise<void> {
  await store.close();
  const { space } = log;
  const found = new Map<number, { keys: number; bytes: number }>();
  for (const record of liveRecords(readLog(files, "data"))) {
    const row = space.segments.grid.numberOf(record.address) % SEGMENTS;
    const { keys, bytes } = found.get(row) ?? { keys: 0, bytes: 0 };
    found.set(row, { keys: keys + (isNode(record) ? 0 : 1), bytes: bytes + record.size });
  }
  for (let row = 0; row < SEGMENTS; row++) {
    const start = ((space.core.calls.accounts.value >>> 0) + row * ROW_BYTES) >>> 3;
    const counted = { keys: space.core.doubles[start + 8], bytes: space.liveBytesOf(row, -Infinity) };
    assertEquals(counted, found.get(row) ?? { keys: 0, bytes: 0 }, `seed ${seed}: row ${row} of the accounts`);
  }
}

test("of what is overwritten without being read, length and number are estimated, and known once all was compacted", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  const names = Array.from({ length: 400 }, (_, i) => `key:${i}`);
  for (const length of [10, 10_000, 1, 3_000]) {
    for (const name of names) store.sync.set(name, pattern(length, 1));
    log.space.dropAll();
    const { liveBytes, garbageBytes, logBytes, keys, unverified } = store.stats();
    assertEquals([keys, liveBytes >= 0, garbageBytes <= logBytes], [400, true, true]);
    // What there was before is all replaced.
    const most = names.length * (length + 40);
    assert(
      liveBytes <= most * 1.2,
      `values of ${length}: ${liveBytes} live bytes, at most ${most}; ${unverified} unverified`,
    );
  }
  for (const name of names) store.sync.del(name);
  assertEquals(store.stats().keys, 0);
  await store.compact();
  const { liveBytes, unverified, keys } = store.stats();
  assertEquals({ liveBytes, unverified, keys }, { liveBytes: 0, unverified: 0, keys: 0 });
  await store.close();
});

test("keys that share chains are counted right through blind writes, transactions, compaction and opening again", async () => {
  for (let i = 0; i < share(RUNS); i++) await checkCounts(SEED + i);
});
