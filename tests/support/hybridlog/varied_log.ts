import type { HybridLogStore } from "@ferrite/storage";
import { pattern } from "../bytes.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { SAMPLE_STAGES } from "../sample.ts";
import { CHAINS } from "./chain_mates.ts";
import { type Content, contentOf } from "./content.ts";
import { openSmall, QUIET } from "./small_store.ts";
import type { World } from "./world.ts";

/** A directory that nobody has open, and what it holds. */
export interface Left {
  readonly files: FaultyFiles;
  readonly directory: string;
  readonly content: Content;
}

export interface VariedLog extends Left {
  /** A checkpoint that was made on the way. */
  readonly checkpoint: Left;
}

const PAGE_BYTES = 2 ** 17;
const UNIT_BYTES = 8;
const HEADER_BYTES = 16;
const [FIRST_MATES, SECOND_MATES] = CHAINS;

/** A log of three epochs, in several segments, with records of every kind and values of every type. It has been closed. */
export async function writeVariedLog(world: World, mapsDirectly: boolean = false): Promise<VariedLog> {
  const files = new FaultyFiles({ mapsDirectly });
  const [write, change, remove] = SAMPLE_STAGES;
  {
    const { store, log } = await openSmall(files, QUIET);
    await write(store, "cleared");
    await store.commit();
    await store.clear();
    await write(store, "sample");
    for (const key of FIRST_MATES) store.sync.set(key, `first of ${key}`);
    log.space.dropAll();
    fillPage(store);
    await store.saveIndex();
    store.sync.rpush(SECOND_MATES[0], numbered(50, "element"));
    store.sync.set("expired", "x", { ttl: 1000 });
    store.sync.sadd("dropped", [...numbered(400, "member"), pattern(60_000)]);
    await store.close();
  }
  let checkpoint: Left;
  {
    const { store, log } = await openSmall(files, QUIET);
    await change(store, "sample");
    for (let i = 0; i < 12; i++) store.sync.set(`large:${i}`, pattern(100_000 + i, i));
    await store.commit();
    log.space.dropAll();
    store.sync.set(FIRST_MATES[1], "second, in the middle of its chain");
    store.sync.sadd(SECOND_MATES[1], numbered(300, "member"));
    for (let i = 0; i < 6; i++) store.sync.set(`short:${i}`, pattern(20 + i, i));
    await store.saveIndex();
    const content = contentOf(store.sync, world.now);
    checkpoint = { files, directory: await store.checkpoint("checkpoint"), content };
    store.sync.del("dropped"); // some of which is left to reclaim
    await store.close();
  }
  const { store, log } = await openSmall(files, QUIET);
  await remove(store, "sample");
  log.space.dropAll();
  world.now += 2000;
  store.sync.set("short:1", "written without a look at what was there");
  store.sync.set(SECOND_MATES[2], pattern(30_000));
  for (let i = 6; i < 12; i++) store.sync.set(`large:${i}`, pattern(90_000 + i, i));
  await store.commit();
  const content = contentOf(store.sync, world.now);
  await store.close();
  return { files, directory: "data", content, checkpoint };
}

/** Leaves eight bytes of a page, which are too few for a record that would say so. */
function fillPage(store: HybridLogStore): void {
  for (let i = 0;; i++) {
    const left = PAGE_BYTES - store.stats().addresses.tail * UNIT_BYTES % PAGE_BYTES - UNIT_BYTES;
    const size = Math.min(left, 16_000);
    store.sync.set(`filling ${i}`, pattern(size - HEADER_BYTES - "filling 0".length));
    if (size === left) return;
  }
}

/** What a process has left that was killed, and what the log held at the end of each of its commits. */
export interface Killed extends Left {
  readonly commits: readonly Content[];
}

/** Goes on with a log, commits several times, on one page and on several, writes something more, and is killed. */
export async function goOnAndBeKilled(left: Left, world: World): Promise<Killed> {
  const files = left.files.killed();
  const { store, log } = await openSmall(files, QUIET, left.directory);
  const commits: Content[] = [];
  for (let i = 0; i < 6; i++) {
    store.sync.set(`committed:${i}`, pattern(300, i));
    store.sync.zadd("sample:zset", numbered(5, `member of commit ${i}`).map((member, score) => [score, member]));
    store.sync.set("short:2", `changed ${i} times`);
    await store.commit();
    commits.push(contentOf(store.sync, world.now));
    if (i === 2) log.space.dropAll(); // ends a page
  }
  store.sync.set("not committed", pattern(1000));
  log.space.dropAll();
  store.sync.set("not committed either", pattern(1000));
  log.space.dropAll();
  const found = files.killed();
  await store.close();
  world.forgetIntervals();
  return { files: found, directory: left.directory, content: commits.at(-1)!, commits };
}

function numbered(length: number, name: string): string[] {
  return Array.from({ length }, (_, i) => `${name} ${i}`);
}
