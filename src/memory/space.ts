import { Core, type CoreOptions } from "../core/core.ts";
import { FULL } from "../core/layout.ts";
import { StorageError } from "../errors.ts";
import { formatSize } from "../size.ts";

/** While frames run low, each write recycles this many times its own size: enough even where 95 % of a page is live. */
const RECYCLE_FACTOR = 32;
/** One step of recycling at most: some 2,000 small records, a third of a millisecond. */
const RECYCLE_STEP_BYTES = 262_144;

/** What a snapshot under way does when recycling waits for it. */
export interface Drain {
  /** Takes the next records out; false when there are none left. */
  takeBlock(): boolean;
}

/** A core and the decisions about its room: when to grow, to recycle, to evict, and when to say that it is full. */
export class Space {
  readonly options: CoreOptions & { evicts: boolean };
  #core: Core | undefined;
  /** The snapshot being written from this core. */
  drain: Drain | null = null;
  /** Whether any key was ever given an expiry: without one, no operation needs the time. */
  mayExpire = false;

  constructor(options: CoreOptions & { evicts: boolean }) {
    this.options = options;
  }

  /** Made when it is first needed: Cloudflare's Workers refuse random numbers while modules are loaded. */
  get core(): Core {
    return this.#core ??= this.freshCore();
  }

  /** The time for a core call: 0, at which nothing has expired, as long as nothing can. */
  now(): number {
    return this.mayExpire ? Date.now() : 0;
  }

  /** An empty core, for content that replaces this one's. */
  freshCore(): Core {
    return new Core(this.options);
  }

  /** Replaces everything by the content of `core`. */
  replace(core: Core, mayExpire: boolean): void {
    this.#core = core;
    this.mayExpire = mayExpire;
    this.drain = null;
  }

  /** After a write of about `bytes` that left few frames: gets more memory, or pays back by recycling. */
  relieve(bytes: number): void {
    const { calls, canGrow } = this.core;
    if (canGrow && calls.isMostlyGarbage() === 0 && this.core.grow(0)) return;
    const budget = Math.min(RECYCLE_FACTOR * (bytes + 64), RECYCLE_STEP_BYTES);
    calls.recycle(budget, this.now(), this.options.evicts);
  }

  /** After a write of about `bytes` was refused with `answer`: makes room, or throws because there is none. */
  makeRoom(answer: number, bytes: number): void {
    const made = answer === FULL ? this.#dropLive(bytes) : this.#freeFrames(2);
    if (!made) throw this.outOfMemory(bytes);
  }

  /** Makes room for several records of `bytes` in all, so that writing them cannot fail half-way; throws if it cannot. */
  reserve(bytes: number, records: number): void {
    const { calls, frameBytes } = this.core;
    // Pages end with unused bytes, and an index entry takes some 16 bytes: a bucket's share, and overflow.
    const frames = Math.ceil((bytes * 1.15 + records * 24) / frameBytes) + 2;
    if (calls.fitsBytes(bytes) === 0 && !this.#dropLive(bytes)) throw this.outOfMemory(bytes);
    if (calls.canHold(bytes, frames) === 0 && !this.#freeFrames(frames + 2)) throw this.outOfMemory(bytes);
  }

  /** Brings live data down until `bytes` more fit: by what has expired, and in a cache by what was not read. */
  #dropLive(bytes: number): boolean {
    const { calls } = this.core;
    const now = this.now();
    if (this.mayExpire && calls.sweepExpired(bytes, now) !== 0) return true;
    if (calls.fitsBytes(bytes) !== 0) return true;
    if (!this.options.evicts || bytes > this.core.stats().limitBytes / 2) return false;
    while (calls.fitsBytes(bytes) === 0) {
      if (!this.#recycleStep()) return false;
    }
    return true;
  }

  #freeFrames(frames: number): boolean {
    const { core } = this;
    const missing = () => frames - core.stats().availableFrames;
    if (missing() > 0 && core.canGrow) core.grow(missing());
    // Going over everything once must have won all there is to win.
    let left = core.stats().logBytes * 2;
    while (missing() > 0) {
      if (left < 0 || !this.#recycleStep()) return false;
      left -= RECYCLE_STEP_BYTES;
    }
    return true;
  }

  #recycleStep(): boolean {
    const { calls } = this.core;
    if (calls.recycle(RECYCLE_STEP_BYTES, this.now(), this.options.evicts) > 0) return true;
    if (this.drain === null) return false;
    // The oldest page still belongs to the snapshot, which leaves its blocks where the waiting key and value are.
    const saved = this.core.saveScratch();
    const took = this.drain.takeBlock();
    this.core.restoreScratch(saved);
    return took;
  }

  outOfMemory(bytes: number): StorageError {
    const { liveBytes, indexBytes, limitBytes } = this.core.stats();
    return new StorageError(
      "OUT_OF_MEMORY",
      `Cannot write ${formatSize(bytes)} more: live data (${formatSize(liveBytes)}) and index (${
        formatSize(indexBytes)
      }) may take ${formatSize(limitBytes)}, 90 % of maxSize; raise maxSize, remove keys, or turn on eviction`,
    );
  }

  /** Recycles until every page has been gone over once, pausing after each step. */
  async compact(pause: () => Promise<void>): Promise<void> {
    const core = this.core;
    let left = core.stats().logBytes;
    while (left > 0 && core === this.core) {
      const done = core.calls.recycle(RECYCLE_STEP_BYTES, this.now(), false);
      if (done === 0) return;
      left -= done;
      await pause();
    }
  }
}
