import type { HybridLogStore } from "@ferrite/storage";
import { pause } from "../../../src/runtime/pause.ts";
import { Random } from "../random.ts";
import { CallOrder, inTime, isClosedError } from "./call_order.ts";
import { CallSource } from "./draw_calls.ts";
import { KEYS } from "./draw_deeds.ts";
import { openOn, type Place } from "./order_run.ts";
import { SlowFiles } from "./slow_files.ts";
import { drawSetting, type Opened } from "./small_store.ts";
import { World } from "./world.ts";

/**
 * Closes a store while calls, compactions and so on are under way. Whatever was called before has been done, or has been rejected
 * as `CLOSED` and has done nothing; whatever is called after is rejected. What was done is there when the store is opened again.
 */
export async function closingRun(seed: number, place: Place): Promise<void> {
  try {
    using world = new World();
    await new ClosingRun(seed, place, world).go();
  } catch (error) {
    throw new Error(`closing run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

class ClosingRun {
  readonly #random: Random;
  readonly #place: Place;
  readonly #seed: number;
  readonly #world: World;
  readonly #order: CallOrder;

  constructor(seed: number, place: Place, world: World) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#place = place;
    this.#world = world;
    this.#order = new CallOrder(world);
  }

  async go(): Promise<void> {
    const random = this.#random;
    const files = new SlowFiles(this.#place.files, new Random(this.#seed));
    const setting = { ...drawSetting(random), compaction: false };
    const directory = `${this.#place.directory}/data`;
    const source = new CallSource(random, "light", KEYS.slice(0, 10));
    for (let round = 0; round < 3; round++) {
      const opened = await openOn(files, setting, directory);
      const { store } = opened;
      this.#order.compare(store, `opened, round ${round}`);
      const upkeep: Promise<void>[] = [];
      for (let i = random.below(40); i > 0; i--) {
        if (random.below(6) === 0) upkeep.push(doneOrClosed(this.#keepUp(opened)));
        if (random.below(12) === 0) await pause();
        const face = random.below(12) === 0 ? "sync" : "async";
        this.#order.call(store, source.draw(), { face, mayReject: isClosedError });
      }
      const closings = [store.close(), store.close()];
      for (let i = random.below(10); i > 0; i--) {
        if (random.below(4) === 0) await pause();
        await assertRefused(store, source);
      }
      await inTime(Promise.all(closings), "close");
      await inTime(Promise.all(upkeep), "what was under way");
      await assertRefused(store, source);
      await this.#order.settle();
      this.#world.now += random.below(1000);
    }
    const { store } = await openOn(files, setting, directory);
    this.#order.compare(store, "at the end");
    await store.close();
  }

  async #keepUp({ store, log }: Opened): Promise<unknown> {
    switch (this.#random.below(6)) {
      case 0:
        return await store.commit();
      case 1:
        return await store.compact();
      case 2:
        return await store.saveIndex();
      case 3:
        return await store.checkpoint(`${this.#place.directory}/checkpoint-${this.#world.serial()}`);
      case 4:
        return this.#world.tick();
      default:
        return log.space.dropAll();
    }
  }
}

async function doneOrClosed(what: Promise<unknown>): Promise<void> {
  try {
    await what;
  } catch (error) {
    if (!isClosedError(error)) throw error;
  }
}

/** Nothing that is called now is done. */
async function assertRefused(store: HybridLogStore, source: CallSource): Promise<void> {
  const { calls: [{ method, args }] } = source.draw();
  // deno-lint-ignore no-explicit-any
  const faces: any[] = [store, store.sync];
  const attempts = faces.map((face) => async () => await face[method](...args));
  attempts.push(() => store.commit(), () => store.compact(), () => store.transact((tx) => tx.set("key:1", "too late")));
  for (const attempt of attempts) {
    const error = await attempt().then(() => new Error(`${method} is done after close()`), (error) => error);
    if (!isClosedError(error)) throw error;
  }
}
