import { assert, assertEquals } from "@std/assert";
import type { Log } from "../src/hybridlog/log.ts";
import { pattern } from "./support/bytes.ts";
import { MATES } from "./support/hybridlog/draw_deeds.ts";
import { History } from "./support/hybridlog/history.ts";
import { Session } from "./support/hybridlog/session.ts";
import { liveRecords, readLog } from "./support/hybridlog/log_reader.ts";
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
  for (let i = 0; i < 2; i++) {
    session.log.space.dropAll();
    await session.store.compact();
  }
  const { unverified } = session.store.stats();
  if (unverified !== 0) throw new Error(`seed ${seed}: ${unverified} are unverified after all was compacted`);
  const counted = accountsOf(session.log);
  await session.store.close();
  const found = new Map<number, number>();
  const { grid } = session.log.space.segments;
  for (const { address, size } of liveRecords(readLog(files, "data"))) {
    const segment = grid.numberOf(address);
    found.set(segment, (found.get(segment) ?? 0) + size);
  }
  assertEquals(counted, found, `seed ${seed}: live bytes of segments`);
}

/** Live bytes of each segment that has any, whenever they expire. */
function accountsOf({ space }: Log): Map<number, number> {
  const live = space.segments.numbers().map((number) => [number, space.liveBytesOf(number, -Infinity)] as const);
  return new Map(live.filter(([, bytes]) => bytes !== 0).sort(([a], [b]) => a - b));
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
