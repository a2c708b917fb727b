import { Core, type CoreOptions } from "../core/core.ts";
import { FULL } from "../core/layout.ts";
import { StorageError } from "../errors.ts";
import { formatSize } from "../size.ts";

/** While frames run low, each write recycles this many times its own size: enough even where 95 % of a page is live. */
const RECYCLE_FACTOR = 32;
/** One step of recycling at most: some 2,000 small records, a third of a millisecond. */
const RECYCLE_STEP_BYTES = 262_144;
/** With less garbage than that, more memory is better than recycling. */
const GROW_ABOVE_SHARE = 0.6;
/** With less garbage than that, a cache evicts: recycling would copy much to win little. */
const EVICT_ABOVE_SHARE = 0.85;
/** How far below the limit a cache evicts once it is there, as a share of the limit. */
const EVICTION_SLACK = 1 / 16;
const NEVER_EVICT = Infinity;

/** What a snapshot under way does when recycling waits for it. */
export interface Drain {
  /** Goes over some more records, which are the store's own again after that; false when there are none left. */
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
    return this.#core ??= new Core(this.options);
  }

  /** The time for a core call: 0, at which nothing has expired, as long as nothing can. */
  now(): number {
    return this.mayExpire ? Date.now() : 0;
  }

  /** Replaces everything by the content of `core`, or by nothing, so that the runtime gets the memory back. */
  replace(core: Core | undefined, mayExpire: boolean): void {
    this.#core = core;
    this.mayExpire = mayExpire;
    this.drain = null;
  }

  /** After writes of about `bytes`: where they left few frames, gets more memory or pays back by recycling. */
  relieve(bytes: number): void {
    const { core } = this;
    if (core.calls.areFramesLow() === 0) return;
    const liveShare = core.calls.liveShare();
    if (core.canGrow && liveShare > GROW_ABOVE_SHARE && core.grow(0)) return;
    const evictAbove = this.options.evicts && liveShare > EVICT_ABOVE_SHARE ? 0 : NEVER_EVICT;
    core.calls.recycle(Math.min(RECYCLE_FACTOR * (bytes + 64), RECYCLE_STEP_BYTES), this.now(), evictAbove);
  }

  /** After a write that adds about `bytes` was refused with `answer`: makes room, or throws because there is none. */
  makeRoom(answer: number, bytes: number): void {
    if (answer === FULL) this.#dropLive(bytes);
    else this.#freeFrames(3, bytes);
  }

  /**
   * Makes room for several records, so that writing them, marked as RESERVED, cannot fail half-way; throws if it cannot.
   * They take `bytes`, no record more than `longest`.
   */
  reserve(bytes: number, records: number, longest: number): void {
    if (bytes === 0) return;
    const { calls, frameBytes } = this.core;
    if (calls.fitsBytes(bytes) === 0) this.#dropLive(bytes);
    // A page may end with as much unused as the longest record takes. An index entry takes some 16 bytes of buckets; at
    // worst the index begins a frame of buckets and one of overflow buckets, and a write wants three free beside.
    const pages = Math.min(records, Math.ceil(bytes / (frameBytes - longest - 64)));
    const frames = pages + Math.ceil(records * 24 / frameBytes) + 5;
    if (calls.availableFrames() < frames) this.#freeFrames(frames, bytes);
  }

  /** Brings live data down until `bytes` more fit: by what has expired, and in a cache by what was not read. */
  #dropLive(bytes: number): void {
    const { core } = this;
    if (this.mayExpire) core.calls.sweepExpired(bytes, this.now());
    // A cache evicts some more than it must: each pass over pages that it only just needs would copy the most of them.
    const limit = core.calls.limitBytes();
    const evictAbove = this.options.evicts ? limit - Math.max(bytes, limit * EVICTION_SLACK) : NEVER_EVICT;
    // It may go over everything several times: the first time what was read is spared.
    let left = this.options.evicts ? core.stats().logBytes * 3 : 0;
    while (core.calls.fitsBytes(bytes) === 0) {
      if (left <= 0 || !this.#recycleStep(evictAbove)) throw this.#outOfMemory(bytes);
      left -= RECYCLE_STEP_BYTES;
    }
  }

  /** Frees frames until `frames` are at hand, for a write of about `bytes`. */
  #freeFrames(frames: number, bytes: number): void {
    const { core } = this;
    const missing = () => frames - core.calls.availableFrames();
    if (missing() > 0) core.grow(missing());
    // Going over everything once wins all the garbage there is; where pages pack badly a cache must evict then.
    for (const evictAbove of this.options.evicts ? [this.#evictAbove(), 0] : [NEVER_EVICT]) {
      let left = core.stats().logBytes * 2;
      while (missing() > 0 && left > 0 && this.#recycleStep(evictAbove)) left -= RECYCLE_STEP_BYTES;
    }
    if (missing() > 0) throw this.#outOfMemory(bytes);
  }

  #evictAbove(): number {
    return this.core.calls.liveShare() > EVICT_ABOVE_SHARE ? 0 : NEVER_EVICT;
  }

  #recycleStep(evictAbove: number): boolean {
    const { calls } = this.core;
    const recycle = () => calls.recycle(RECYCLE_STEP_BYTES, this.now(), evictAbove) > 0;
    if (recycle()) return true;
    if (this.drain === null) return false;
    // The oldest page still belongs to the snapshot, which leaves its blocks where the waiting key and value are.
    const saved = this.core.saveScratch();
    try {
      return this.drain.takeBlock() || recycle();
    } finally {
      this.core.restoreScratch(saved);
    }
  }

  #outOfMemory(bytes: number): StorageError {
    const { liveBytes, indexBytes, limitBytes, wastedBytes } = this.core.stats();
    const asIs = `live data takes ${formatSize(liveBytes)}, the index ${formatSize(indexBytes)}`;
    const why = liveBytes + indexBytes + bytes > limitBytes
      ? `${asIs}, and both may take ${formatSize(limitBytes)}, 90 % of maxSize`
      : `${asIs}, and the ends of pages that no record fits into ${formatSize(wastedBytes)}`;
    const what = this.options.evicts ? "raise maxSize" : "raise maxSize, remove keys, or turn on eviction";
    return new StorageError("OUT_OF_MEMORY", `Cannot write ${formatSize(bytes)} more: ${why}; ${what}`);
  }

  /** Recycles until every page has been gone over once, pausing after each step. */
  async compact(pause: () => Promise<void>): Promise<void> {
    const { core } = this;
    let left = core.stats().logBytes;
    while (left > 0 && core === this.#core) {
      const done = core.calls.recycle(RECYCLE_STEP_BYTES, this.now(), NEVER_EVICT);
      if (done === 0) return;
      left -= done;
      await pause();
    }
  }
}
