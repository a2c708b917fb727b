import type { FileSystem } from "../../../src/runtime/files.ts";
import { pause } from "../../../src/runtime/pause.ts";
import { difference } from "../models/plain.ts";
import { Random } from "../random.ts";
import { contentOf, differences } from "./content.ts";
import { performAsync, performSync, showDeed } from "./deeds.ts";
import { DeedSource, KEYS } from "./draw_deeds.ts";
import { History } from "./history.ts";
import { openOn, type Place, rush } from "./order_run.ts";
import { SlowFiles } from "./slow_files.ts";
import { drawSetting, type Opened, type Setting } from "./small_store.ts";
import { World } from "./world.ts";

/** A store, and what it should hold. */
interface Twin {
  readonly name: string;
  readonly directory: string;
  opened: Opened;
  readonly history: History;
}

/** The bytes of files, by their names. */
type Files = Map<string, Uint8Array>;

/**
 * Takes a checkpoint while a store is written to, opens it, and goes on with both: each must hold what has been done to itself, and
 * as they share files, nothing that is written to one may change a byte of the other.
 */
export async function twinRun(seed: number, place: Place): Promise<void> {
  try {
    using world = new World();
    rush();
    await new TwinRun(seed, place, world).go();
  } catch (error) {
    throw new Error(`twin run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

class TwinRun {
  readonly #random: Random;
  readonly #world: World;
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #setting: Setting;
  readonly #source: DeedSource;

  constructor(seed: number, place: Place, world: World) {
    this.#random = new Random(seed);
    this.#world = world;
    this.#files = new SlowFiles(place.files, new Random(seed));
    this.#directory = place.directory;
    this.#setting = { ...drawSetting(this.#random), compaction: false };
    this.#source = new DeedSource(this.#random, this.#random.pick(["light", "heavy"]), KEYS);
  }

  async go(): Promise<void> {
    const random = this.#random;
    const original = await this.#open("the original", `${this.#directory}/data`, new History(this.#world));
    await this.#work(original, 10 + random.below(30));
    const copy = await this.#fork(original);
    for (const [writes, rests] of [[copy, original], [original, copy]]) {
      // What is sealed is on its way to the files until then.
      await rests.opened.store.commit();
      const before = await this.#read(rests.directory);
      await this.#work(writes, 5 + random.below(15));
      await writes.opened.store.commit();
      assertSame(before, await this.#read(rests.directory), `when ${writes.name} was written to, ${rests.name}`);
    }
    for (let i = 0; i < 4; i++) {
      await Promise.all([this.#work(original, random.below(6)), this.#work(copy, random.below(6))]);
    }
    for (const twin of [original, copy]) {
      this.#compare(twin, "at the end");
      await twin.opened.store.close();
      const { opened } = await this.#open(twin.name, twin.directory, twin.history);
      this.#compare({ ...twin, opened }, "opened again");
      await opened.store.close();
    }
  }

  async #open(name: string, directory: string, history: History): Promise<Twin> {
    return { name, directory, history, opened: await openOn(this.#files, this.#setting, directory) };
  }

  /** Takes a checkpoint, while things happen, and opens it. */
  async #fork(original: Twin): Promise<Twin> {
    const { history, opened: { store } } = original;
    const from = history.length;
    const directory = `${this.#directory}/checkpoint`;
    let isOver = false;
    const ends = store.checkpoint(directory).finally(() => isOver = true);
    while (!isOver) {
      // Not without end, on a slow disk.
      if (history.length < from + 40) await this.#step(original, "sync");
      await pause();
    }
    await ends;
    const opened = await openOn(this.#files, this.#setting, directory);
    const content = contentOf(opened.store.sync, this.#world.now);
    for (let state = history.length; state >= from; state--) {
      if (differences(content, history.states[state], this.#world.now) !== null) continue;
      return { name: "the checkpoint", directory, opened, history: history.until(state) };
    }
    const away = differences(content, history.states[from], this.#world.now);
    throw new Error(`the checkpoint is at none of the states ${from} … ${history.length}; from the first, ${away}`);
  }

  async #work(twin: Twin, steps: number): Promise<void> {
    const random = this.#random;
    const { store, log } = twin.opened;
    const underWay: Promise<unknown>[] = [];
    for (; steps > 0; steps--) {
      if (random.below(6) === 0) log.space.dropAll();
      if (random.below(12) === 0) underWay.push(store.compact());
      if (random.below(12) === 0) underWay.push(store.saveIndex());
      await this.#step(twin, random.pick(["sync", "async"]));
    }
    await Promise.all(underWay);
  }

  async #step({ opened: { store }, history, name }: Twin, face: "sync" | "async"): Promise<void> {
    const deed = this.#source.draw();
    const expected = history.perform(deed);
    const actual = face === "sync" ? performSync(deed, store.sync) : await performAsync(deed, store);
    const found = difference(actual, expected);
    if (found !== null) throw new Error(`${name}, ${showDeed(deed)}: ${found}`);
  }

  #compare({ name, opened: { store }, history }: Twin, when: string): void {
    const away = differences(contentOf(store.sync, this.#world.now), history.states.at(-1)!, this.#world.now);
    if (away !== null) throw new Error(`${name}, ${when}: ${away}`);
  }

  async #read(directory: string): Promise<Files> {
    const found: Files = new Map();
    for (const name of await this.#files.list(directory)) {
      if (/^\.|lock/i.test(name)) continue;
      found.set(name, await readFile(this.#files, `${directory}/${name}`));
    }
    return found;
  }
}

async function readFile(files: FileSystem, path: string): Promise<Uint8Array> {
  const file = await files.open(path);
  try {
    const bytes = new Uint8Array(await file.size());
    await file.read(bytes, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

function assertSame(before: Files, after: Files, what: string): void {
  for (const [name, bytes] of before) {
    const now = after.get(name);
    if (now === undefined) throw new Error(`${what} lost ${name}`);
    const at = bytes.findIndex((byte, i) => byte !== now[i]);
    if (at >= 0 || bytes.length !== now.length) {
      throw new Error(`${what} changed in ${name}, at ${at} of ${bytes.length}`);
    }
  }
  for (const name of after.keys()) if (!before.has(name)) throw new Error(`${what} got ${name}`);
}
