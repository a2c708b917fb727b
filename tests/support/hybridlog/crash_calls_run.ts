import type { HybridLogStore } from "@ferrite/storage";
import { pause } from "../../../src/runtime/pause.ts";
import { pattern } from "../bytes.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { CHAINS } from "./chain_mates.ts";
import { inTime } from "./call_order.ts";
import { openOn, rush } from "./order_run.ts";
import { SlowFiles } from "./slow_files.ts";
import { drawSetting, type Opened, type Setting } from "./small_store.ts";
import { World } from "./world.ts";

const KEYS = [...Array.from({ length: 5 }, (_, i) => `key:${i}`), ...CHAINS[0]];
const TURNS = 120;
/** In so many turns there is a crash in one. */
const CRASHES = 12;
/** Each call leaves its number, in so many digits. */
const DIGITS = 5;

/** A call that adds its number to all of its keys, or writes it over what they hold. */
interface Made {
  readonly keys: readonly string[];
  readonly writesOver: boolean;
  isAcknowledged: boolean;
}

/**
 * Makes calls without waiting for any, and looks at what crashes would leave. Of the calls on a key those up to one of them must be
 * there, and all that were acknowledged; calls on several keys are there as a whole.
 */
export async function crashCallsRun(seed: number): Promise<void> {
  try {
    using world = new World();
    if (seed % 2 === 0) rush();
    await new CrashCallsRun(seed, world).go();
  } catch (error) {
    throw new Error(`crash calls run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

class CrashCallsRun {
  readonly #random: Random;
  readonly #world: World;
  readonly #files: FaultyFiles;
  readonly #setting: Setting;
  readonly #made: Made[] = [];
  readonly #underWay: Promise<unknown>[] = [];

  constructor(seed: number, world: World) {
    this.#random = new Random(seed);
    this.#world = world;
    this.#files = new FaultyFiles({ seed });
    this.#setting = { ...drawSetting(this.#random), compaction: false };
  }

  async go(): Promise<void> {
    const random = this.#random;
    const opened = await openOn(new SlowFiles(this.#files, new Random(random.below(2 ** 31))), this.#setting, "data");
    for (let turn = 0; turn < TURNS; turn++) {
      for (let i = random.below(4); i > 0; i--) this.#call(opened.store);
      if (random.below(6) === 0) this.#underWay.push(this.#keepUp(opened));
      if (random.below(CRASHES) === 0) await this.#crash();
      await pause();
    }
    await inTime(Promise.all(this.#underWay), "a call");
    await opened.store.close();
    for (const made of this.#made) made.isAcknowledged = true;
    await this.#crash();
  }

  #call(store: HybridLogStore): void {
    const random = this.#random;
    const keys = [...new Set(Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.pick(KEYS)))];
    const made = { keys, writesOver: random.below(4) === 0, isAcknowledged: false };
    const number = this.#made.push(made) - 1;
    const text = textOf(number);
    const done = made.writesOver
      ? store.mset(keys.map((key) => [key, text]))
      : keys.length === 1
      ? store.append(keys[0], text)
      : store.transact((tx) => keys.forEach((key) => tx.append(key, text)));
    this.#underWay.push(done.then(() => {
      if (this.#setting.durability === "always") made.isAcknowledged = true;
    }));
  }

  async #keepUp({ store, log }: Opened): Promise<void> {
    const random = this.#random;
    switch (random.below(7)) {
      case 0:
        return log.space.dropAll();
      case 1:
        return this.#world.tick();
      case 2:
        return void await store.set("ballast", pattern(random.below(300_000)));
      case 3:
        return await store.compact();
      case 4:
        return await store.saveIndex();
      default: {
        const before = this.#made.slice();
        await store.commit();
        for (const made of before) made.isAcknowledged = true;
      }
    }
  }

  /** Looks at what is found after a crash at this moment. */
  async #crash(): Promise<void> {
    const made = this.#made.map((one) => ({ ...one }));
    const found = this.#random.below(3) === 0 ? this.#files.killed() : this.#files.crash();
    const { store } = await openOn(found, this.#setting, "data");
    /** The last call on each key that is there; -1 for none. */
    const last = new Map(KEYS.map((key) => [key, lastOf(key, store.sync.get(key), made)]));
    await store.close();
    for (const [i, { keys }] of made.entries()) {
      const isThere = keys.map((key) => i <= last.get(key)!);
      if (isThere.includes(true) && isThere.includes(false)) throw new Error(`call ${i} on ${keys} is there in part`);
    }
  }
}

/** The last of the calls on a key that is there. Throws where it holds anything else than what that left, or an acknowledged one is missing. */
function lastOf(key: string, value: Uint8Array | null, made: readonly Made[]): number {
  const found = new TextDecoder().decode(value ?? new Uint8Array(0));
  const last = found === "" ? -1 : Number(found.slice(-DIGITS));
  let expected = "";
  for (const [i, { keys, writesOver, isAcknowledged }] of made.entries()) {
    if (!keys.includes(key)) continue;
    if (i > last && isAcknowledged) {
      throw new Error(`${key} holds ${found}: call ${i}, which was acknowledged, is not there`);
    }
    if (i <= last) expected = writesOver ? textOf(i) : expected + textOf(i);
  }
  if (found !== expected) throw new Error(`${key} holds ${found}, not ${expected}`);
  return last;
}

function textOf(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
