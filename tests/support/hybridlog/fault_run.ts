import type { HybridLogStore, StorageError } from "@ferrite/storage";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { contentOf, differences } from "./content.ts";
import { assertTold, type Fault, inject, refusalOf } from "./faults.ts";
import { History } from "./history.ts";
import { openCheckpoints, recover } from "./recover.ts";
import { type Moment, Session } from "./session.ts";
import { drawSetting, openSmall, type Setting } from "./small_store.ts";
import { drawSteps, type Step } from "./steps.ts";
import { World } from "./world.ts";

/** What came of a fault. */
export interface Outcome {
  /** Whether the operation that was to go wrong came at all. */
  readonly happened: boolean;
  readonly isPoisoned: boolean;
}

/**
 * Works with a store, and has something go wrong at the `after`th operation on files from some moment on. Nothing may be
 * acknowledged falsely: what a call says is so, now, after the store is opened again, and after a crash.
 */
export async function faultRun(seed: number, fault: Fault, after: number): Promise<Outcome> {
  try {
    using world = new World();
    const random = new Random(seed);
    const setting = drawSetting(random);
    const files = new FaultyFiles({ seed, mapsDirectly: random.below(2) === 0 });
    const session = new Session(files, setting, new History(world), world, await openSmall(files, setting));
    const steps = drawSteps(random, { count: 60, weight: random.below(6) === 0 ? "heavy" : "light" });
    const prelude = random.below(20);
    await session.play(steps.slice(0, prelude));
    await session.play([COMMIT]);
    return await new FaultRun(session, fault, random).go(steps.slice(prelude), after);
  } catch (error) {
    throw new Error(`fault "${fault}" at ${after}, seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

const COMMIT: Step = { afterMs: 0, what: "commit", face: "async", ahead: 0 };

/** What goes on with a store after something has gone wrong with its files. */
export class FaultRun {
  readonly #session: Session;
  readonly #fault: Fault;
  readonly #random: Random;
  readonly #world: World;
  readonly #setting: Setting;
  readonly #files: FaultyFiles;

  constructor(session: Session, fault: Fault, random: Random) {
    this.#session = session;
    this.#fault = fault;
    this.#random = random;
    this.#world = session.world;
    this.#setting = session.setting;
    this.#files = session.files;
  }

  /** Goes through steps, and has the fault happen at the `after`th operation of them. */
  async go(steps: readonly Step[], after: number): Promise<Outcome> {
    const [files, session] = [this.#files, this.#session];
    const happened = inject(files, this.#fault, after, this.#random);
    const isPoisoned = await this.#work(session, steps);
    files.fail = undefined;
    if (this.#fault === "lie") await this.#survive(session);
    else await this.#comeBack(session);
    return { happened: happened() !== null, isPoisoned };
  }

  /** Takes steps until the store takes no more writes. Returns whether it came to that. */
  async #work(session: Session, steps: readonly Step[]): Promise<boolean> {
    for (const [i, step] of steps.entries()) {
      this.#world.now += step.afterMs;
      const before = session.history.length;
      const error = await this.#attempt(session, step, `step ${i}`);
      if (error === null) continue;
      if (this.#fault === "short" || this.#fault === "lie") throw error;
      assertTold(error);
      if (step.what === "reopen") return false;
      this.#settle(session, before);
      if (session.log.writer.poison === null) continue;
      await this.#assertPoisoned(session);
      return true;
    }
    return false;
  }

  async #attempt(session: Session, step: Step, name: string): Promise<Error | null> {
    try {
      await session.take(step, name);
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  /** After a call has failed, what it was to do is done as a whole or not at all. */
  #settle(session: Session, before: number): void {
    const content = this.#read(session.store);
    const { states } = session.history;
    if (differences(content, states.at(-1)!, this.#world.now) === null) return;
    const away = differences(content, states[before], this.#world.now);
    if (away !== null) throw new Error(`a failed call changed something: ${away}`);
    session.history = session.history.until(before);
  }

  #read(store: HybridLogStore) {
    const { fail } = this.#files;
    this.#files.fail = undefined;
    const content = contentOf(store.sync, this.#world.now);
    this.#files.fail = fail;
    return content;
  }

  /** Nothing is written any more, and all can be read. */
  async #assertPoisoned(session: Session): Promise<void> {
    const { store } = session;
    const writes: (() => unknown)[] = [
      () => store.set("a", "1"),
      () => store.sync.set("a", "1"),
      () => store.del("key:1"),
      () => store.sync.rpush("a", ["1"]),
      () => store.transact((tx) => tx.set("a", "1")),
      () => store.sync.clear(),
      () => store.commit(),
      () => store.compact(),
      () => store.checkpoint("checkpoint-of-a-poisoned-one"),
    ];
    for (const write of writes) {
      const error = await refusalOf(write);
      if ((error as StorageError | null)?.code !== "POISONED") {
        throw new Error(`${write} is not refused as POISONED: ${error}`);
      }
    }
    // That file may fail first.
    assertTold(await refusalOf(() => store.saveIndex()));
    const away = differences(this.#read(store), session.history.states.at(-1)!, this.#world.now);
    if (away !== null) throw new Error(`a poisoned store does not read what it held: ${away}`);
  }

  /** The last state that was acknowledged, or a newer one, is there after closing, and after crashes before and after that. */
  async #comeBack(session: Session): Promise<void> {
    const { history } = session;
    const crashed = session.moment(this.#files.crash(), "the end");
    await session.close().catch(assertTold);
    await this.#verify(crashed, history);
    const closed = session.moment(this.#files, "the end, and closed");
    const state = await this.#verify({ ...closed, checkpoints: [] }, history);
    // What has been seen may have come from the memory of the system, after a sync that failed.
    const note = "the end, closed and opened again";
    const seen = { ...closed, note, acknowledged: state, committed: [{ from: state, to: state }], checkpoints: [] };
    await this.#verify({ ...seen, files: this.#files.crash() }, history);
  }

  async #verify(moment: Moment, history: History): Promise<number> {
    await openCheckpoints(moment, history, this.#setting, this.#world);
    const { state } = await recover(moment, history, this.#setting, this.#world);
    return state;
  }

  /** Of a disk that lies only this can be asked: what is lost is noticed, or a whole commit. */
  async #survive(session: Session): Promise<void> {
    const moment = session.moment(this.#files.crash(), "the end");
    try {
      await recover({ ...moment, acknowledged: 0 }, session.history, this.#setting, this.#world);
    } catch (error) {
      const { code } = ((error as Error).cause ?? error) as { code?: string };
      if (code !== "CORRUPT") throw error;
    }
  }
}
