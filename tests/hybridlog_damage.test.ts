import { assert, assertEquals } from "@std/assert";
import { type Recovery, StorageError } from "@ferrite/storage";
import { pattern } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { contentOf, differences } from "./support/hybridlog/content.ts";
import { damageRun, repair } from "./support/hybridlog/damage_run.ts";
import {
  removeIndex,
  some,
  tryColdRead,
  tryCompaction,
  tryOpening,
  tryOpeningKilled,
  tryRepair,
  tryRestore,
} from "./support/hybridlog/damage_trials.ts";
import { refusalOf } from "./support/hybridlog/faults.ts";
import { assertNames, type Damage, damageBit, showDamages, WholeLog } from "./support/hybridlog/damaged_log.ts";
import { KIND_COMMIT, readManifestOf } from "./support/hybridlog/log_reader.ts";
import { type Region, regionsOfIndex, wholeFile } from "./support/hybridlog/regions.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { goOnAndBeKilled, type VariedLog, writeVariedLog } from "./support/hybridlog/varied_log.ts";
import { World } from "./support/hybridlog/world.ts";
import { type Random, seeded } from "./support/random.ts";

// Whatever bits of whatever file are not what was written: that is noticed, and said with file and offset, or does not matter. What is
// read is right. And a repair keeps all that is whole. FERRITE_SEED repeats runs.

/** Of each sort of region so many are damaged somewhere. */
const DRAWS = 2;
/** Of regions that are shorter each byte is. */
const SMALL_BYTES = 16;

/** Runs with a log that was closed. */
function damageTest(name: string, run: (log: VariedLog, random: Random, world: World) => Promise<void>): void {
  test(name, () =>
    seeded(async (random) => {
      using world = new World();
      await run(await writeVariedLog(world, random.below(2) === 0), random, world);
    }));
}

/** Of each sort of region: each byte of a small one, some of large ones. */
function drawDamages(random: Random, regions: readonly Region[]): Damage[] {
  return [...new Set(regions.map(({ name }) => name))].flatMap((name) => {
    const own = regions.filter((region) => region.name === name);
    const region = random.pick(own);
    return region.to - region.from <= SMALL_BYTES
      ? everyByte(random, region)
      : Array.from({ length: DRAWS }, () => damageBit(random, random.pick(own)));
  });
}

function everyByte(random: Random, region: Region): Damage[] {
  const { from, to } = region;
  return Array.from({ length: to - from }, (_, i) => ({ region, position: from + i, mask: 1 << random.below(8) }));
}

damageTest("the log that is damaged here has everything in it", async (log, _random, world) => {
  const { regions, records } = new WholeLog(log, world.now);
  const names = new Set(regions.map(({ name }) => name));
  const values = ["string", "chunked string", "list", "hash", "set", "sorted set", "part", "node", "reclaim"];
  const others = ["tombstone", "tombstone of a part", "void record", "clear", "accounts", "commit", "pad"];
  const expected = [
    ...values.flatMap((kind) => [`${kind} header`, `${kind} key`, `${kind} value`]),
    ...others.map((kind) => `${kind} header`),
    ...["gap", "string expiry", "string padding", "hash expiry"],
  ];
  assertEquals(expected.filter((name) => !names.has(name)), []);
  assert(records.some(({ isBlind }) => isBlind));
  assert(new Set(records.map(({ path }) => path)).size >= 3);
  assert(readManifestOf(log.files, "data").epochs.length >= 3);
});

damageTest("a flipped bit anywhere in a log is found when all of it is replayed", async (log, random, world) => {
  const whole = new WholeLog(log, world.now);
  for (const damage of some(random, drawDamages(random, whole.regions), 250)) {
    await tryOpening(whole, [damage], false, world);
  }
});

damageTest("a flipped bit anywhere in a log with an index is found when it is read", async (log, random, world) => {
  const whole = new WholeLog(log, world.now);
  for (const damage of some(random, drawDamages(random, whole.regions), 25)) {
    await tryOpening(whole, [damage], true, world);
  }
});

for (const io of ["blocking", "async"] as const) {
  damageTest(`a record that is damaged behind an open store is not served, ${io}`, async (left, random, world) => {
    const files = left.files.killed();
    const whole = new WholeLog(left, world.now);
    const { store, log } = await openSmall(files, { ...QUIET, io });
    const open = { store, files, dropAll: () => log.space.dropAll() };
    const keys = [...left.content.keys()].filter((key) => !whole.sharesChain(key));
    for (const key of keys) {
      const records = whole.recordsOf(key);
      const own = whole.regions.filter(({ record }) => record !== null && records.includes(record));
      for (let i = 0; i < DRAWS; i++) {
        await tryColdRead(whole, open, key, damageBit(random, random.pick(own)), some(random, keys, 2));
      }
    }
  });
}

damageTest("a damaged index is not needed", async (log, random, world) => {
  const path = log.files.paths().find((name) => name.startsWith("data/") && name.endsWith(".idx"))!;
  for (const damage of drawDamages(random, regionsOfIndex(log.files, path))) {
    const { usedIndexFile } = await opensRight(log, [damage], world);
    assertEquals(usedIndexFile, false, showDamages([damage]));
  }
});

damageTest("a manifest is damaged by any flip, and its copy is not needed", async (log, random, world) => {
  const { files } = log;
  const manifest = wholeFile(files, "data/MANIFEST", "manifest");
  for (const damage of everyByte(random, manifest)) {
    const error = await opening(damaged(files, [damage]));
    assertNames(error, [damage]);
  }
  const copy = wholeFile(files, "data/MANIFEST.copy", "copy of the manifest");
  for (const damage of some(random, everyByte(random, copy), DRAWS)) await opensRight(log, [damage], world);
});

damageTest("of a log that was not closed only what its last commit covers is cut", async (log, random, world) => {
  const killed = await goOnAndBeKilled(log, world);
  const whole = await WholeLog.ofKilled(killed, world.now);
  const { from } = readManifestOf(killed.files, "data").epochs.at(-1)!;
  const regions = whole.regions.filter(({ record, name }) =>
    record === null ? name === "left over" : record.address >= from
  );
  for (const damage of some(random, drawDamages(random, regions), 120)) {
    await tryOpeningKilled(whole, killed, damage, world);
  }
});

damageTest("compaction stops at what is damaged, and moves nothing", async (log, random, world) => {
  const whole = new WholeLog(log, world.now);
  for (const damage of some(random, drawDamages(random, whole.regions), 15)) {
    await tryCompaction(whole, [damage], world);
  }
});

damageTest("a damaged checkpoint says so, or is right, and is not restored", async (log, random, world) => {
  const whole = new WholeLog(log.checkpoint, world.now);
  for (const damage of some(random, drawDamages(random, whole.regions), 15)) {
    await tryOpening(whole, [damage], random.below(2) === 0, world);
    await tryRestore(whole, damage, world);
  }
});

damageTest("a file that is cut, missing or empty is found", async (log, random, world) => {
  const whole = new WholeLog(log, world.now);
  for (let i = 0; i < 12; i++) {
    const files = log.files.killed();
    const record = random.pick(whole.records);
    await removeIndex(files, "data");
    if (i % 4 === 0) await files.remove(record.path);
    else {
      const file = await files.edit(record.path);
      await file.truncate(i % 4 === 1 ? 0 : record.offset + random.below(Math.min(record.size, 16)));
      await file.close();
    }
    const error = await opening(files);
    assert(error instanceof StorageError && error.code === "CORRUPT", String(error));
    assert(error.message.includes(`file "${record.path}" at offset `), error.message);
  }
});

damageTest("repair keeps what is whole", async (log, random, world) => {
  const whole = new WholeLog(log, world.now);
  const damages = drawDamages(random, whole.regions);
  for (let i = 0; i < 20; i++) await tryRepair(whole, some(random, damages, 1 + i % 6), world, repair);
});

damageTest("repair keeps what is whole of a log that was not closed", async (log, random, world) => {
  const killed = await goOnAndBeKilled(log, world);
  const whole = await WholeLog.ofKilled(killed, world.now);
  // Without its last commit, what that covers does not count.
  const last = whole.records.findLast(({ kind }) => kind === KIND_COMMIT);
  const regions = whole.regions.filter(({ record }) => record !== last);
  for (let i = 0; i < 15; i++) {
    const draws = Array.from({ length: 1 + i % 4 }, () => damageBit(random, random.pick(regions)));
    await tryRepair(whole, draws, world, repair);
  }
});

test("repair finds the last commit in whatever order a directory is listed", async () => {
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET);
  for (let i = 0; i < 30; i++) {
    store.sync.set(`key:${i}`, pattern(100_000, i));
    await store.commit();
  }
  const found = files.killed();
  const list = found.list.bind(found);
  found.list = async (directory) => (await list(directory)).sort((a, b) => order(a) - order(b));
  const { report } = await repair(found);
  assertEquals([report.keys, report.damage, report.damagedKeys], [30, [], []]);

  /** The second file first. */
  function order(name: string): number {
    return name.includes("00001") ? 0 : 1;
  }
});

damageTest("repair needs one of two manifests, and names both when it has none", async (log, random, world) => {
  const manifest = wholeFile(log.files, "data/MANIFEST", "manifest");
  const copy = wholeFile(log.files, "data/MANIFEST.copy", "copy of the manifest");
  for (const region of [manifest, copy]) {
    const { store } = await repair(damaged(log.files, [damageBit(random, region)]));
    assertEquals(differences(contentOf(store.sync, world.now), log.content, world.now), null);
  }
  const both = [damageBit(random, manifest), damageBit(random, copy)];
  assertNames(await refusalOf(() => repair(damaged(log.files, both))), both);
});

test("damaged files are named, however long their paths are", async () => {
  const directory = `${"a-long-name/".repeat(20)}data`;
  const files = new FaultyFiles();
  const { store } = await openSmall(files, QUIET, directory);
  store.sync.set("a", "1");
  await store.close();
  await removeIndex(files, directory);
  for (const [name, place] of [["1-00000.log", " at offset 8 "], ["MANIFEST", " is damaged"]]) {
    files.flip(`${directory}/${name}`, 20, 1);
    await assertFails(() => openSmall(files, QUIET, directory), "CORRUPT", `"${directory}/${name}"${place}`);
  }
});

test("logs in which anything has happened are damaged anywhere", () =>
  seeded(async (random) => {
    for (let i = 0; i < 3; i++) await damageRun(random.below(2 ** 31));
  }));

function damaged(files: FaultyFiles, damages: readonly Damage[]): FaultyFiles {
  const copy = files.killed();
  for (const { region, position, mask } of damages) copy.flip(region.path, position, mask);
  return copy;
}

/** Opens a log and reads all of it. Returns what opening has found. */
async function opensRight({ files, content }: VariedLog, damages: readonly Damage[], world: World): Promise<Recovery> {
  const { store } = await openSmall(damaged(files, damages), QUIET);
  const away = differences(contentOf(store.sync, world.now), content, world.now);
  assert(away === null, `${showDamages(damages)}: ${away}`);
  return store.recovery;
}

function opening(files: FaultyFiles): Promise<unknown> {
  return refusalOf(() => openSmall(files, QUIET));
}
