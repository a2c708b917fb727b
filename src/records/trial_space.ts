import { Core, type CoreOptions } from "../core/core.ts";
import { FULL } from "../core/layout.ts";
import type { Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import type { Miss } from "./miss.ts";
import type { Packing } from "./packing.ts";
import { Records } from "./records.ts";

/** Frames that are made available before a step or a load, where that is possible, and those without which neither is begun. */
const WANTED_FRAMES = 16;
const LEAST_FRAMES = 4;
/** What a write wants free beside its pages: see wasm/frames.ts. */
const WRITE_FRAMES = 5;
const RECYCLE_BYTES = 2 ** 20;
/** A step is run again at most so often. */
const MAX_ATTEMPTS = 100;

/** Thrown out of a step that needs room: nothing can be recycled before it has been undone. */
class NeedsRoom extends StorageError {
  readonly frames: number;

  constructor(frames: number) {
    super("OUT_OF_MEMORY", "Cannot write: the step has to begin again with more room");
    this.frames = frames;
  }
}

/** A core in which steps are tried out: what they change is undone, or kept once it is kept elsewhere, too. */
export abstract class TrialSpace extends Records {
  readonly #options: CoreOptions;
  #core: Core | undefined;
  /** The frames that were available when the step under way began, if one is. */
  #before: number | null = null;
  /** Why it cannot go on. */
  #doom: unknown = null;
  /** The time of the step under way, once that has asked for it. */
  #time = 0;

  constructor(options: CoreOptions) {
    super();
    this.#options = options;
  }

  /** Made when it is first needed: Cloudflare's Workers refuse random numbers while modules are loaded. */
  get core(): Core {
    return this.#core ??= new Core(this.#options);
  }

  /** Lets go of the memory. */
  drop(): void {
    this.#core = undefined;
  }

  now(): number {
    if (!this.mayExpire) return 0;
    if (this.#time === 0) this.#time = Date.now();
    return this.#time;
  }

  /** A step begins. */
  stopClock(): void {
    this.#time = 0;
  }

  /** Whether the step under way ends, whatever it does now. */
  get isDoomed(): boolean {
    return this.#doom !== null;
  }

  putKeyAt(key: Key, at: number): number {
    return this.core.putKeyAt(key, at);
  }

  isOverwritable(): boolean {
    return true;
  }

  /** There is nothing to be paid back before a step has ended. */
  relieve(): void {}

  atomically<T>(step: () => T): T {
    return step();
  }

  missing(): never {
    throw new StorageError("CORRUPT", "Cannot read value: a record that it consists of is missing");
  }

  /** Runs a step, which may change what is there, hands the result to `look`, and undoes it. `OUT_OF_MEMORY` if it does not fit. */
  tryOut<T, R>(step: () => T, look: (result: T) => R): R {
    const seen = this.hold(() => look(step()));
    this.rollback();
    return seen;
  }

  /**
   * Runs a step. What it has changed waits for `commit` or `rollback`, and nothing else may be done before; unless it throws, which undoes it.
   * `OUT_OF_MEMORY` if it does not fit.
   */
  hold<T>(step: () => T): T {
    this.spareFrames();
    for (let attempt = 1;; attempt++) {
      this.stopClock();
      try {
        return this.#begin(step);
      } catch (error) {
        if (!(error instanceof NeedsRoom) || attempt === MAX_ATTEMPTS) throw error;
        this.#makeFrames(error.frames, error.frames);
      }
    }
  }

  #begin<T>(step: () => T): T {
    const { calls } = this.core;
    this.#before = calls.availableFrames();
    calls.beginTransaction();
    try {
      const result = step();
      if (this.#doom === null) return result;
      throw this.#doom;
    } catch (error) {
      const doom = this.#doom;
      this.rollback();
      throw doom ?? error;
    }
  }

  /** Keeps what the last step has changed. */
  commit(): void {
    this.#before = null;
    this.core.calls.commitTransaction();
  }

  /** Undoes it. */
  rollback(): void {
    this.#before = null;
    this.#doom = null;
    this.core.calls.rollbackTransaction();
  }

  /** Whether a step is under way, or waits to be kept or undone. */
  get isHolding(): boolean {
    return this.#before !== null;
  }

  /** Ends the step under way, even if the function that it runs catches this. */
  protected doom(error: unknown): never {
    throw this.#doom ??= error;
  }

  protected override putOff(): void {
    this.#doom = null;
  }

  protected override giveUp(miss: Miss): never {
    this.doom(miss);
  }

  makeRoom(answer: number): void {
    if (answer === FULL) this.doom(outOfMemory(this.sizeOption));
    const { framesWanted } = this.core.calls;
    if (!this.core.grow(framesWanted.value)) this.#needFrames(framesWanted.value);
  }

  reserve(packing: Packing, addedBytes: number = packing.bytes): boolean {
    const { calls, frameBytes } = this.core;
    if (calls.fits(addedBytes) === 0) this.doom(outOfMemory(this.sizeOption));
    const frames = packing.pages + Math.ceil(packing.records * 24 / frameBytes) + WRITE_FRAMES;
    const missing = () => frames - calls.availableFrames();
    if (missing() <= 0) return false;
    this.core.grow(missing());
    if (missing() > 0) this.#needFrames(frames);
    return true;
  }

  #needFrames(frames: number): never {
    const used = Math.max(0, this.#before! - this.core.calls.availableFrames());
    // A quarter more than it had come to, so that it does not have to come back for each frame.
    this.doom(new NeedsRoom(used + (used >> 2) + frames));
  }

  /** Makes frames available before something is written. `OUT_OF_MEMORY` if there are none. */
  protected spareFrames(): void {
    this.#makeFrames(WANTED_FRAMES, LEAST_FRAMES);
  }

  /**
   * Makes `frames` available, by growing, or by going over the oldest pages, where what was forgotten and what was undone lies. `OUT_OF_MEMORY`
   * if it comes to fewer than `least`.
   */
  #makeFrames(frames: number, least: number): void {
    const { calls } = this.core;
    if (calls.availableFrames() >= frames || this.core.grow(frames)) return;
    // Going over everything twice wins all there is, also what the first time has made of the tail.
    for (let left = this.core.stats().logBytes * 2; calls.availableFrames() < frames && left > 0;) {
      const done = calls.recycle(RECYCLE_BYTES, 0, Infinity);
      if (done === 0) break;
      left -= done;
    }
    if (calls.availableFrames() < least) throw outOfMemory(this.sizeOption);
  }
}

function outOfMemory(option: string): StorageError {
  return new StorageError(
    "OUT_OF_MEMORY",
    `Cannot carry out: what is needed at a time does not fit the cache; raise ${option}`,
  );
}
