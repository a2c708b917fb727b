import { HybridLogStore, StorageError } from "@ferrite/storage";
import { pattern } from "../bytes.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { type Content, contentOf, differences } from "./content.ts";
import { assertTold, type Fault, inject, refusalOf } from "./faults.ts";
import { isPowerLoss } from "./session.ts";
import { openSmall, QUIET } from "./small_store.ts";
import type { World } from "./world.ts";

/** How often what a crash leaves is drawn. */
const DRAWS = 2;
const CHECKPOINT = "another checkpoint";

/** What takes more than a few operations on files. */
export const ACTIONS = ["open", "close", "commit", "compact", "saveIndex", "checkpoint", "restore", "repair"] as const;
export type Action = typeof ACTIONS[number];

/** A log that was killed, with something at its end that is not committed, and a checkpoint beside it. */
export interface Ground {
  readonly files: FaultyFiles;
  readonly content: Content;
  readonly checkpoint: Content;
}

const REPAIRED = { mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB", dataDir: "repaired" } as const;

export async function writeGround(world: World, mapsDirectly: boolean): Promise<Ground> {
  const files = new FaultyFiles({ mapsDirectly });
  {
    const { store, log } = await openSmall(files, QUIET);
    store.sync.set("string", "1");
    store.sync.set("large", pattern(700_000));
    store.sync.rpush("list", numbered(200, "element"));
    store.sync.zadd("scores", numbered(100, "member").map((name, i) => [i, name]));
    log.space.dropAll();
    store.sync.hmset("hash", numbered(100, "field").map((name) => [name, name]));
    store.sync.set("replaced", pattern(400_000));
    await store.close();
  }
  const { store, log } = await openSmall(files, QUIET);
  await store.checkpoint("checkpoint");
  const checkpoint = contentOf(store.sync, world.now);
  store.sync.set("replaced", "2");
  store.sync.lpop("list", 10);
  log.space.dropAll();
  store.sync.del("scores");
  await store.commit();
  const content = contentOf(store.sync, world.now);
  store.sync.set("not committed", pattern(5000));
  log.space.dropAll();
  const found = files.killed();
  await store.close();
  world.forgetIntervals();
  return { files: found, content, checkpoint };
}

/**
 * Does one thing with a log, and has something go wrong at the `after`th operation on files of that. Either it is done then, or it
 * fails, says so, and can be done again. Returns whether it went wrong at all.
 */
export async function tryAction(
  action: Action,
  fault: Fault,
  after: number,
  ground: Ground,
  world: World,
): Promise<boolean> {
  try {
    return await new Attempt(action, ground, world).go(fault, after);
  } catch (error) {
    // A disk that lies may lose anything, but not without a word.
    if (fault === "lie" && (error as { code?: string }).code === "CORRUPT") return true;
    throw new Error(`${action}, fault "${fault}" at ${after}: ${(error as Error).message}`, { cause: error });
  } finally {
    world.forgetIntervals();
  }
}

/** The same where the power goes at that operation. What is found then is as it was before or after. */
export async function crashAction(action: Action, after: number, ground: Ground, world: World): Promise<boolean> {
  try {
    return await new Attempt(action, ground, world).crash(after);
  } catch (error) {
    throw new Error(`${action}, crash at ${after}: ${(error as Error).message}`, { cause: error });
  } finally {
    world.forgetIntervals();
  }
}

class Attempt {
  readonly #action: Action;
  readonly #ground: Ground;
  readonly #world: World;
  readonly #files: FaultyFiles;

  constructor(action: Action, ground: Ground, world: World) {
    this.#action = action;
    this.#ground = ground;
    this.#world = world;
    this.#files = ground.files.killed();
  }

  async go(fault: Fault, after: number): Promise<boolean> {
    const { store, written, done } = await this.#prepare();
    const happened = inject(this.#files, fault, after, new Random(after));
    const error = await refusalOf(() => this.#act(store));
    this.#files.fail = undefined;
    if (error !== null && happened() === null) throw error;
    if (error !== null) assertTold(error);
    const allowed = error === null ? [done] : [done, written];
    if (this.#action === "checkpoint") await this.#openCheckpoint(error === null, written);
    const later = store === null || this.#action === "close" ? null : await this.#goOn(store, allowed);
    if (later !== null) await this.#comeBack([later]);
    else await this.#comeBack(error === null ? allowed : [...allowed, this.#ground.content]);
    return happened() !== null;
  }

  async crash(after: number): Promise<boolean> {
    const files = this.#files;
    const { store, written, done } = await this.#prepare();
    files.crashAt = files.operations + after;
    const error = await refusalOf(() => this.#act(store));
    if (error !== null && !isPowerLoss(error)) throw error;
    if (this.#action === "checkpoint") await this.#openCheckpoint(error === null, written);
    const allowed = error === null ? [done] : [done, written, this.#ground.content];
    for (let i = 0; i < DRAWS; i++) await this.#open(files.crash(), allowed);
    return error !== null;
  }

  /** Opens the log, unless that is what is to be done, and writes something. */
  async #prepare(): Promise<{ store: HybridLogStore | null; written: Content; done: Content }> {
    const { content, checkpoint } = this.#ground;
    if (this.#action === "open" || this.#action === "repair") return { store: null, written: content, done: content };
    const { store } = await openSmall(this.#files, QUIET);
    store.sync.set("written", pattern(3000));
    store.sync.zadd("scores", [[1, "one"]]);
    const written = contentOf(store.sync, this.#world.now);
    return { store, written, done: this.#action === "restore" ? checkpoint : written };
  }

  async #act(store: HybridLogStore | null): Promise<void> {
    const files = this.#files;
    switch (this.#action) {
      case "open":
        return (await openSmall(files, QUIET)).store.close();
      case "repair":
        await HybridLogStore.repair("data", REPAIRED, { files });
        return await this.#open(files, [this.#ground.content], "repaired");
      case "restore":
        return await store!.restore("checkpoint");
      case "checkpoint":
        return void await store!.checkpoint(CHECKPOINT);
      default:
        return await store![this.#action]();
    }
  }

  /** All can be read, and be written, unless it says that it cannot. Returns what was committed then. */
  async #goOn(store: HybridLogStore, allowed: readonly Content[]): Promise<Content | null> {
    this.#assertHolds(store, allowed);
    const error = await refusalOf(async () => {
      await store.set("later", "1");
      await store.commit();
    });
    if (error !== null) assertTold(error);
    const content = contentOf(store.sync, this.#world.now);
    if (error === null) await this.#open(this.#files.killed(), [content]);
    const closing = await refusalOf(() => store.close());
    if (closing !== null) assertTold(closing);
    return error === null ? content : null;
  }

  /** One that was not finished refuses, or is whole. */
  async #openCheckpoint(isDone: boolean, expected: Content): Promise<void> {
    for (const files of [this.#files.killed(), this.#files.crash()]) {
      if (!isDone && !files.paths().some((path) => path.startsWith(`${CHECKPOINT}/`))) continue;
      const error = await refusalOf(async () => {
        await this.#open(files, [expected], CHECKPOINT);
      });
      if (error !== null && (isDone || !(error instanceof StorageError))) throw error;
    }
  }

  /** What is found afterwards, by a process that comes after this one, and after a crash. */
  async #comeBack(allowed: readonly Content[]): Promise<void> {
    const crashed = this.#files.crash();
    for (const files of [this.#files, this.#files.crash(), crashed]) await this.#open(files, allowed);
    if (this.#action !== "repair") return;
    await HybridLogStore.repair("data", { ...REPAIRED, dataDir: "repaired again" }, { files: this.#files });
    await this.#open(this.#files, allowed, "repaired again");
  }

  async #open(files: FaultyFiles, allowed: readonly Content[], directory = "data"): Promise<void> {
    const { store } = await openSmall(files, QUIET, directory);
    this.#assertHolds(store, allowed);
    await store.close();
  }

  #assertHolds(store: HybridLogStore, allowed: readonly Content[]): void {
    const { now } = this.#world;
    const content = contentOf(store.sync, now);
    const away = allowed.map((expected) => differences(content, expected, now));
    if (away.every((difference) => difference !== null)) throw new Error(`it holds something else: ${away[0]}`);
  }
}

function numbered(length: number, name: string): string[] {
  return Array.from({ length }, (_, i) => `${name} ${i}`);
}
