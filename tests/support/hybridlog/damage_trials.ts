import { assertEquals } from "@std/assert";
import { type HybridLogStore, StorageError } from "@ferrite/storage";
import type { FaultyFiles } from "../faulty_files.ts";
import type { Random } from "../random.ts";
import { contentOf, differences } from "./content.ts";
import { assertNames, type Damage, flip, placeOf, showDamages, type WholeLog } from "./damaged_log.ts";
import { refusalOf } from "./faults.ts";
import { KIND_COMMIT, type LogRecord } from "./log_reader.ts";
import { openSmall, QUIET } from "./small_store.ts";
import type { Killed } from "./varied_log.ts";
import { awaitViews } from "./views.ts";
import type { World } from "./world.ts";

const PAGE_BYTES = 2 ** 17;

/** Does something with damaged files, and says what is damaged if that is not as it should be. */
async function trial<T>(what: string, damages: readonly Damage[], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new Error(`${what}, damaged in ${showDamages(damages)}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Opens a damaged copy, with its saved index or without, and reads all of it. What cannot be read must be damaged, and everything else
 * be as it was. Without an index nothing that is damaged stays unnoticed.
 */
export function tryOpening(
  whole: WholeLog,
  damages: readonly Damage[],
  usesIndex: boolean,
  world: World,
): Promise<void> {
  return trial(usesIndex ? "a log" : "a log without an index", damages, async () => {
    const files = whole.damaged(damages);
    if (!usesIndex) await removeIndex(files, whole.directory);
    const isHarmless = damages.every(({ region }) => region.record === null);
    const opened = await whole.open(files, damages);
    if (opened instanceof StorageError) {
      if (isHarmless) throw opened;
      return;
    }
    if (!isHarmless && !usesIndex) throw new Error("opens as if nothing were wrong");
    whole.assertReads(opened.store, damages);
    tryScan(opened.store, damages, whole);
    if (files.mapsDirectly) {
      await awaitViews();
      opened.log.space.dropAll();
      whole.assertReads(opened.store, damages);
      tryScan(opened.store, damages, whole);
    }
    await opened.store.close();
    world.forgetIntervals();
  });
}

/** A scan, which goes over all records, gives every key, or says what is damaged. */
function tryScan(store: HybridLogStore, damages: readonly Damage[], whole: WholeLog): void {
  const names = new Set<string>();
  try {
    for (const key of store.sync.keys()) names.add(new TextDecoder().decode(key));
  } catch (error) {
    assertNames(error, damages);
    return;
  }
  for (const [key, { expiry }] of whole.content) {
    if (expiry > whole.now && !names.has(key)) throw new Error(`a scan has not found ${key}`);
  }
}

/** Damages what a key consists of behind the back of an open store. */
export function tryColdRead(
  whole: WholeLog,
  { store, files, dropAll }: { store: HybridLogStore; files: FaultyFiles; dropAll(): void },
  key: string,
  damage: Damage,
  others: readonly string[],
): Promise<void> {
  const damages = [damage];
  return trial(`${key}`, damages, async () => {
    dropAll();
    if (files.mapsDirectly) {
      whole.assertReadsKey(store, key, []);
      await awaitViews();
      dropAll();
    }
    flip(files, damage);
    const found = whole.assertReadsKey(store, key, damages);
    if (!(found instanceof StorageError)) throw new Error("is read as if nothing were wrong");
    const again = await refusalOf(() => READ[whole.content.get(key)!.print.split(" ")[0]](store, key));
    if (again === null) throw new Error("is read as if nothing were wrong, by an awaited call");
    assertNames(again, damages);
    for (const other of others) whole.assertReadsKey(store, other, damages);
    flip(files, damage);
    whole.assertReadsKey(store, key, []);
  });
}

const READ: Record<string, (store: HybridLogStore, key: string) => Promise<unknown>> = {
  string: (store, key) => store.get(key),
  list: (store, key) => store.lrange(key, 0, -1),
  hash: (store, key) => store.hgetall(key),
  set: (store, key) => store.smembers(key),
  // By both of its trees.
  zset: async (store, key) => {
    const entries = await store.zrangeWithScores(key, 0, -1);
    return await store.zmscore(key, entries.map(([member]) => member));
  },
};

/** Compacts a log that is damaged: either that can be done without what is, or nothing is moved. */
export function tryCompaction(whole: WholeLog, damages: readonly Damage[], world: World): Promise<void> {
  return trial("a log that is compacted", damages, async () => {
    const files = whole.files.killed();
    const { store, log } = await openSmall(files, QUIET, whole.directory);
    log.space.dropAll();
    for (const damage of damages) flip(files, damage);
    const error = await refusalOf(() => store.compact());
    if (error !== null) assertNames(error, damages);
    whole.assertReads(store, damages);
    if (error !== null) {
      // Where it was before, so that what is made good again is there again.
      for (const damage of damages) flip(files, damage);
      await store.compact();
    }
    log.space.dropAll();
    whole.assertReads(store, []);
    await store.close();
    world.forgetIntervals();
  });
}

/**
 * Opens a log that was not closed. What is damaged behind the last commit but one is cut, with the last one; what is damaged before
 * that, in what was written since it was opened last, is CORRUPT.
 */
export function tryOpeningKilled(whole: WholeLog, killed: Killed, damage: Damage, world: World): Promise<void> {
  return trial("a log that was not closed", [damage], async () => {
    const { record } = damage.region;
    const files = whole.damaged([damage]);
    const commits = whole.records.filter(({ kind }) => kind === KIND_COMMIT).slice(-killed.commits.length);
    // The commit that covers it.
    const place = record === null ? Infinity : whole.records.indexOf(record);
    const covering = commits.filter((commit) => whole.records.indexOf(commit) < place).length;
    if (covering < commits.length - 1) return assertNames(await refusalOf(() => openSmall(files, QUIET)), [damage]);
    const { store } = await openSmall(files, QUIET);
    const expected = killed.commits[covering === commits.length ? covering - 1 : commits.length - 2];
    const away = differences(contentOf(store.sync, world.now), expected, world.now);
    if (away !== null) throw new Error(away);
    if (store.recovery.cutBytes === 0) throw new Error("does not say that something was cut");
    await store.close();
    world.forgetIntervals();
  });
}

/** Restores a damaged checkpoint: a whole one replaces what there is, any other changes nothing. */
export function tryRestore(whole: WholeLog, damage: Damage, world: World): Promise<void> {
  return trial("a checkpoint that is restored", [damage], async () => {
    const { store } = await openSmall(whole.damaged([damage]), QUIET, "other");
    store.sync.set("other", "content");
    const error = await refusalOf(() => store.restore(whole.directory));
    if (error === null) {
      if (damage.region.record !== null) throw new Error("is restored as if nothing were wrong");
      whole.assertReads(store, []);
    } else {
      assertNames(error, [damage]);
      assertEquals([...contentOf(store.sync, world.now).keys()], ["other"]);
    }
    await store.close();
    world.forgetIntervals();
  });
}

/** Repairs a damaged copy: everything that is whole comes back as it was, and what is damaged is told. */
export function tryRepair(
  whole: WholeLog,
  damages: readonly Damage[],
  world: World,
  repair: (files: FaultyFiles) => Promise<RepairedLog>,
): Promise<void> {
  return trial("a log that is repaired", damages, async () => {
    const { store, report } = await repair(whole.damaged(damages));
    const content = contentOf(store.sync, whole.now);
    for (const key of whole.keys) {
      const holding = content.get(key) ?? null;
      if (!whole.isTouched(key, damages, false)) whole.assertHolds(key, holding);
    }
    const strange = [...content.keys()].filter((key) => !whole.keys.includes(key));
    if (strange.length > 0) throw new Error(`${strange} was never committed`);
    assertTold(report.damage, damages, whole);
    if (report.keys !== content.size) throw new Error(`${report.keys} keys are told, and there are ${content.size}`);
    await store.close();
    world.forgetIntervals();
  });
}

/** Of damaged records that lie one behind another on a page the first is told. */
function assertTold(told: readonly string[], damages: readonly Damage[], whole: WholeLog): void {
  const damaged = new Set(damages.map(({ region }) => region.record));
  const places: string[] = [];
  let last: LogRecord | null = null;
  for (const record of whole.records) {
    if (damaged.has(record)) {
      const isFirst = last === null || last.path !== record.path || pageOf(last) !== pageOf(record);
      if (isFirst) places.push(placeOf(record));
    }
    last = damaged.has(record) ? record : null;
  }
  assertEquals(told, places);
}

function pageOf({ offset }: LogRecord): number {
  return Math.floor(offset / PAGE_BYTES);
}

export interface RepairedLog {
  store: HybridLogStore;
  report: { keys: number; damage: string[]; damagedKeys: Uint8Array[] };
}

export async function removeIndex(files: FaultyFiles, directory: string): Promise<void> {
  const isIndex = (path: string) => path.startsWith(`${directory}/`) && path.endsWith(".idx");
  for (const path of files.paths().filter(isIndex)) await files.remove(path);
}

/** Some of a list, in its order. */
export function some<T>(random: Random, items: readonly T[], most: number): T[] {
  const chosen = new Set<T>();
  while (chosen.size < Math.min(most, items.length)) chosen.add(random.pick(items));
  return items.filter((item) => chosen.has(item));
}
