import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import type { Log } from "../../../src/hybridlog/log.ts";
import type { FileSystem } from "../../../src/runtime/files.ts";
import { pause } from "../../../src/runtime/pause.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { CallOrder, inTime, type Manner } from "./call_order.ts";
import type { Weight } from "./draw_deeds.ts";
import { type Act, type Beside, drawScript } from "./order_script.ts";
import { SlowFiles } from "./slow_files.ts";
import { drawSetting, type Opened, type Setting } from "./small_store.ts";
import { World } from "./world.ts";

/** What is not left to chance. */
export interface Focus {
  readonly setting?: Partial<Setting>;
  /** What goes on beside the calls, as often as it is named. */
  readonly beside?: readonly Beside[];
  readonly keys?: readonly string[];
  readonly weight?: Weight;
  /** How many times calls are made and waited for. */
  readonly batches?: number;
  /** Whether others have their turn after each slice of work, however short. */
  readonly isRestless?: boolean;
  /** Where the files are; in memory if not given. */
  readonly place?: Place;
}

export interface Place {
  readonly files: FileSystem;
  readonly directory: string;
}

/** Longer than a slice of any work that goes on beside calls. */
const SLICE_MS = 3;

const BESIDE: readonly Beside[] = ["dropAll", "dropAll", "commit", "tick"];

/** Opens a store of 10 MB, in segments of 1 MB. */
export async function openOn(files: FileSystem, setting: Setting, dataDir: string): Promise<Opened> {
  const { firstPage, ...options } = setting;
  let log!: Log;
  const all: HybridLogOptions = { ...options, dataDir, mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB" };
  const store = await HybridLogStore.open(all, { files, firstPage, onLog: (opened) => log = opened });
  return { store, log };
}

/**
 * Makes calls of all kinds without waiting for any, on files that take their time, while records are driven out of memory and
 * whatever else is in `focus` goes on. Each call must give what it would if calls were made one after another, and so must the
 * store, also when it is opened again, with its index and without.
 */
export async function orderRun(seed: number, focus: Focus = {}): Promise<void> {
  try {
    const random = new Random(seed);
    const setting = { ...drawSetting(random), ...focus.setting };
    const acts = drawScript(random, focus.batches ?? 8, focus.beside ?? BESIDE, focus);
    await play(acts, seed, setting, focus);
  } catch (error) {
    throw new Error(`order run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

/** Plays a script. The seed decides how long files take. */
export async function play(
  acts: readonly Act[],
  seed: number,
  setting: Setting,
  { place = { files: new FaultyFiles({ seed }), directory: "." }, isRestless = false }: Focus = {},
): Promise<void> {
  using world = new World();
  if (isRestless) rush();
  const files = new SlowFiles(place.files, new Random(seed));
  await new OrderRun(files, place.directory, setting, world).go(acts);
}

/** Has every look at the clock find that a slice is over, until the world ends. */
export function rush(): void {
  let now = 0;
  performance.now = () => now += SLICE_MS;
}

class OrderRun {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #setting: Setting;
  readonly #world: World;
  readonly #order: CallOrder;
  readonly #underWay: { what: Beside; ends: Promise<unknown> }[] = [];

  constructor(files: FileSystem, directory: string, setting: Setting, world: World) {
    this.#files = files;
    this.#directory = directory;
    this.#setting = setting;
    this.#world = world;
    this.#order = new CallOrder(world);
  }

  async go(acts: readonly Act[]): Promise<void> {
    let opened = await this.#open();
    for (const act of acts) {
      switch (act.act) {
        case "call":
          this.#order.call(opened.store, act.deed, act.face === "sync" ? act : mannerOf(act));
          break;
        case "beside":
          this.#begin(act.what, opened);
          break;
        case "turn":
          await pause();
          break;
        case "settle":
          await this.#order.settle();
          this.#order.compare(opened.store, "after a batch");
          this.#world.now += act.afterMs;
      }
    }
    await this.#order.settle();
    for (const { what, ends } of this.#underWay) await inTime(ends, what);
    this.#order.compare(opened.store, "at the end");
    for (const way of ["closed and opened", "closed and opened without its index"]) {
      await inTime(opened.store.close(), "close");
      if (way !== "closed and opened") await this.#removeIndex();
      opened = await this.#open();
      this.#order.compare(opened.store, way);
    }
    await this.#assertCounts(opened);
    await opened.store.close();
  }

  /** When all has been gone over, what has expired is gone, and no count is presumed. */
  async #assertCounts({ store, log }: Opened): Promise<void> {
    log.space.dropAll();
    await store.compact();
    this.#order.compare(store, "compacted");
    const { keys, unverified } = store.stats();
    const { size } = this.#order.content();
    if (keys !== size || unverified !== 0) {
      throw new Error(`stats() counts ${keys} keys, ${unverified} unverified; there are ${size}`);
    }
  }

  #open(): Promise<Opened> {
    return openOn(this.#files, this.#setting, `${this.#directory}/data`);
  }

  #begin(what: Beside, { store, log }: Opened): void {
    const ends = this.#keepUp(what, store, log);
    ends.catch(() => {}); // it shows at the end
    this.#underWay.push({ what, ends });
  }

  async #keepUp(what: Beside, store: HybridLogStore, log: Log): Promise<unknown> {
    switch (what) {
      case "commit":
        return await store.commit();
      case "compact":
        return await store.compact();
      case "saveIndex":
        return await store.saveIndex();
      case "checkpoint":
        return await store.checkpoint(`${this.#directory}/checkpoint-${this.#world.serial()}`);
      case "tick":
        return this.#world.tick();
      case "dropAll":
        return log.space.dropAll();
    }
  }

  async #removeIndex(): Promise<void> {
    const directory = `${this.#directory}/data`;
    for (const name of await this.#files.list(directory)) {
      if (name.endsWith(".idx")) await this.#files.remove(`${directory}/${name}`);
    }
  }
}

function mannerOf({ abortAfter }: Extract<Act, { act: "call" }>): Manner {
  if (abortAfter === null) return { face: "async" };
  const controller = new AbortController();
  const reason = new Error("given up");
  const abort = async () => {
    for (let turns = abortAfter; turns > 0; turns--) await pause();
    controller.abort(reason);
  };
  void abort();
  return { face: "async", signal: controller.signal, mayReject: (error) => error === reason };
}
