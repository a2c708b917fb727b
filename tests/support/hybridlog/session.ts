import type { HybridLogStore } from "@ferrite/storage";
import type { Log } from "../../../src/hybridlog/log.ts";
import { type FaultyFiles, PowerLoss } from "../faulty_files.ts";
import { difference } from "../models/plain.ts";
import { type Deed, performAsync, performSync, showDeed } from "./deeds.ts";
import type { History } from "./history.ts";
import { type Opened, openSmall, type Setting } from "./small_store.ts";
import type { Step, Upkeep } from "./steps.ts";
import type { World } from "./world.ts";

/** States that something may have: those from one on, up to another; `Infinity` while it is under way. */
export interface Span {
  readonly from: number;
  to: number;
}

/** A checkpoint, or what has been made of it. */
export interface Checkpoint extends Span {
  readonly path: string;
}

/** The disk at some moment, and what is known of it. */
export interface Moment {
  /** What is found after it. */
  readonly files: FaultyFiles;
  /** What was about to be done. */
  readonly note: string;
  /** The newest state that is acknowledged. */
  readonly acknowledged: number;
  /** Which states a commit may have. */
  readonly committed: readonly Span[];
  readonly checkpoints: readonly Checkpoint[];
}

/** A store that goes through steps, the history that it should have, and what of that is on the disk for sure. */
export class Session {
  readonly files: FaultyFiles;
  readonly setting: Setting;
  history: History;
  readonly world: World;
  /** The newest state of which a commit has ended. */
  acknowledged: number;
  store: HybridLogStore;
  log: Log;
  /** The states that may be found after a crash. */
  readonly #committed: Span[];
  readonly #checkpoints: Checkpoint[] = [];
  /** Steps that are under way, and how many more may begin before they are waited for. */
  readonly #underWay: { ends: Promise<void>; ahead: number }[] = [];

  /** The store holds the last state of the history, and has that on the disk. */
  constructor(files: FaultyFiles, setting: Setting, history: History, world: World, { store, log }: Opened) {
    this.files = files;
    this.setting = setting;
    this.history = history;
    this.world = world;
    this.store = store;
    this.log = log;
    this.acknowledged = history.length;
    this.#committed = [{ from: history.length, to: history.length }];
  }

  /** What a crash at this moment leaves. */
  moment(files: FaultyFiles, note: string): Moment {
    return {
      files,
      note,
      acknowledged: this.acknowledged,
      committed: this.#committed.map((span) => ({ ...span, to: Math.min(span.to, this.history.length) })),
      checkpoints: this.#checkpoints.map((checkpoint) => ({ ...checkpoint })),
    };
  }

  /** Goes through steps; false when the power was gone before their end. Throws where an answer is not the right one. */
  async play(steps: readonly Step[]): Promise<boolean> {
    try {
      for (const [i, step] of steps.entries()) {
        this.world.now += step.afterMs;
        if (step.what === "reopen") await this.#wait(0);
        const ends = this.take(step, `step ${i}`);
        ends.catch(() => {});
        const canBeAhead = typeof step.what === "string" && step.what !== "reopen";
        this.#underWay.push({ ends, ahead: canBeAhead ? step.ahead : 0 });
        await this.#wait(1);
      }
      await this.#wait(0);
      return true;
    } catch (error) {
      if (isPowerLoss(error)) return false;
      throw error;
    }
  }

  /** Waits for what may not go on while `more` other steps begin. */
  async #wait(more: number): Promise<void> {
    for (const step of [...this.#underWay]) {
      if (more > 0 && step.ahead-- >= more) continue;
      await step.ends;
      this.#underWay.splice(this.#underWay.indexOf(step), 1);
    }
  }

  /** Takes a step. Resolves when it is over. */
  take(step: Step, name: string): Promise<void> {
    return typeof step.what === "string" ? this.#keepUp(step.what) : this.#perform(step.what, step.face, name);
  }

  async #perform(deed: Deed, face: Step["face"], name: string): Promise<void> {
    const isManual = this.setting.durability === "manual";
    const expected = this.history.perform(deed);
    const state = this.history.length;
    if (!isManual) this.#committed.push({ from: state - 1, to: state });
    const actual = face === "sync" ? performSync(deed, this.store.sync) : await performAsync(deed, this.store);
    if (this.setting.durability === "always") this.acknowledged = Math.max(this.acknowledged, state);
    const found = difference(actual, expected);
    if (found !== null) throw new Error(`${name}, ${showDeed(deed)}: ${found}`);
  }

  async #keepUp(upkeep: Upkeep): Promise<void> {
    const { store, log, world } = this;
    switch (upkeep) {
      case "commit":
        return await this.#committing(() => store.commit());
      case "compact":
        return await this.#committing(() => store.compact());
      case "saveIndex":
        return await this.#committing(() => store.saveIndex());
      case "checkpoint": {
        const checkpoint = { path: `checkpoint-${world.serial()}`, from: this.history.length, to: Infinity };
        this.#checkpoints.push(checkpoint);
        await this.#committing(() => store.checkpoint(checkpoint.path));
        checkpoint.to = this.history.length;
        return;
      }
      case "tick": {
        // What it begins is under way for as long as it likes.
        if (this.setting.durability !== "always") this.#committed.push({ from: this.history.length, to: Infinity });
        return world.tick();
      }
      case "dropAll":
        return log.space.dropAll();
      case "reopen":
        await this.close();
        Object.assign(this, await openSmall(this.files, this.setting));
    }
  }

  /** Closes the store, which commits. */
  close(): Promise<void> {
    return this.#committing(() => this.store.close());
  }

  /** Does what commits all that was there when it was called. */
  async #committing(run: () => Promise<unknown>): Promise<void> {
    const from = this.history.length;
    const span = { from, to: Infinity };
    this.#committed.push(span);
    await run();
    span.to = this.history.length;
    this.acknowledged = Math.max(this.acknowledged, from);
  }
}

/** Whether an error comes from the power being gone. */
export function isPowerLoss(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof PowerLoss) return true;
  return false;
}
