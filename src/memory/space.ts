import { readCursorNumber } from "../arguments.ts";
import { Core, type CoreOptions } from "../core/core.ts";
import { FULL, NEEDS_FRAMES } from "../core/layout.ts";
import { keepScratch } from "../core/scratch.ts";
import type { Key, StorageStats } from "../engine.ts";
import { StorageError } from "../errors.ts";
import type { Keyspace } from "../records/keyspace.ts";
import type { Packing } from "../records/packing.ts";
import { Records } from "../records/records.ts";
import { statsOf } from "../records/stats.ts";
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
/** One slice of reclaiming: some 20 µs for each operation that finds something to reclaim. */
const RECLAIM_RECORDS = 64;
/** Frames without which nothing is reclaimed. */
const RECLAIM_FRAMES = 2;
/** A step that may add at most this much is not worth a transaction, where there is room for it. */
const DIRECT_BYTES = 4 * 1024 * 1024;
/** The most that the core wants to be free before a single write: two trees split on every level, and their blobs. */
const WORST_WRITE_BYTES = 256 * 1024;
/** A step is run again at most so often. */
const MAX_ATTEMPTS = 100;

/** What a snapshot under way does when recycling waits for it. */
export interface Drain {
  /** Goes over some more records, which are the store's own again after that; false when there are none left. */
  takeBlock(): boolean;
}

/** Thrown out of a transaction that needs room: nothing can be recycled before it has been undone. */
class NeedsRoom extends StorageError {
  readonly frames: number;
  readonly bytes: number;

  constructor(frames: number, bytes: number) {
    super("OUT_OF_MEMORY", "Cannot write: the transaction has to begin again with more room");
    this.frames = frames;
    this.bytes = bytes;
  }
}

/** A core and the decisions about its room: when to grow, to recycle, to evict, and when to say that it is full. */
export class Space extends Records implements Keyspace {
  isClosed = false;
  readonly options: CoreOptions & { evicts: boolean };
  #core: Core | undefined;
  /** What was there when the transaction under way began, if one is. */
  #before: { frames: number; liveBytes: number } | null = null;
  /** While a step runs without a transaction: in a cache, what it works on must not be evicted in the middle. */
  #isStepping = false;
  /** While one does that there must be room for. */
  #isPromised = false;
  /** What it has turned out to need: it is undone even if the function that it runs has caught that error. */
  #needs: NeedsRoom | null = null;
  /** The snapshot being written from this core. */
  drain: Drain | null = null;
  /** The time of the call under way, once that has asked for it. */
  #time = 0;

  constructor(options: CoreOptions & { evicts: boolean }) {
    super();
    this.options = options;
  }

  /** Made when it is first needed: Cloudflare's Workers refuse random numbers while modules are loaded. */
  get core(): Core {
    return this.#core ??= new Core(this.options);
  }

  now(): number {
    if (!this.mayExpire) return 0;
    if (this.#time === 0) this.#time = Date.now();
    return this.#time;
  }

  stopClock(): void {
    if (this.#before === null) this.#time = 0;
  }

  /** Whether the step under way will be run again with more room, whatever it does now. */
  get isDoomed(): boolean {
    return this.#needs !== null;
  }

  /** Replaces everything by the content of `core`, or by nothing, so that the runtime gets the memory back. */
  replace(core?: Core): void {
    this.#core = core;
    this.mayExpire = core !== undefined && core.calls.mayExpire.value !== 0;
    this.hits = 0;
    this.misses = 0;
    this.drain = null;
  }

  clear(): void {
    this.replace();
  }

  size(): number {
    return this.core.stats().keys;
  }

  /** Goes from bucket to bucket of the index. */
  scan(cursor: string | null, count: number, visit: (record: number) => void): string | null {
    const { core } = this;
    const next = core.calls.scan(Number(readCursorNumber(cursor, 0n, 32)), count) >>> 0;
    const records = core.words.slice(core.scratch >>> 2, (core.scratch >>> 2) + core.calls.scanned.value);
    for (const record of records) visit(record >>> 0);
    return next === 0 ? null : String(next);
  }

  stats(): StorageStats {
    return statsOf(this, "memory", this.options.maxBytes);
  }

  putKeyAt(key: Key, at: number): number {
    return this.core.putKeyAt(key, at);
  }

  /** A snapshot under way may still need any record as it is. */
  isOverwritable(): boolean {
    return this.drain === null;
  }

  missing(): never {
    throw new StorageError("CORRUPT", "Cannot read value: a record that it consists of is missing");
  }

  atomically<T>(step: () => T, bytes: number = Infinity): T {
    if (this.#before !== null) return step();
    if (this.#isSafe(bytes)) return this.#directly(step, bytes);
    for (let attempt = 1;; attempt++) {
      this.begin();
      try {
        const result = step();
        if (this.#needs === null) {
          this.commit();
          return result;
        }
      } catch (error) {
        if (this.#needs === null) {
          this.rollback();
          throw error;
        }
      }
      const { bytes: wanted, frames } = this.#needs;
      this.rollback();
      if (attempt === MAX_ATTEMPTS) throw this.#outOfMemory(wanted);
      if (this.core.calls.fits(wanted) === 0) this.#dropLive(wanted);
      if (this.core.calls.availableFrames() < frames) this.#freeFrames(frames, wanted);
    }
  }

  /** Begins a transaction: until it ends, all records stay as they are, and nothing is recycled. */
  begin(): void {
    const { calls } = this.core;
    this.#needs = null;
    this.#before = { frames: calls.availableFrames(), liveBytes: this.core.stats().liveBytes };
    calls.beginTransaction();
  }

  commit(): void {
    const used = this.#before!.frames - this.core.calls.availableFrames();
    this.#before = null;
    this.core.calls.commitTransaction();
    this.relieve(Math.max(0, used) * this.core.frameBytes);
  }

  rollback(): void {
    this.#before = null;
    this.core.calls.rollbackTransaction();
  }

  /** Runs a step that was found to be safe. */
  #directly<T>(step: () => T, bytes: number): T {
    this.#isStepping = true;
    this.#isPromised = bytes > 0;
    try {
      return step();
    } finally {
      this.#isStepping = false;
      this.#isPromised = false;
      this.relieve(bytes);
    }
  }

  /**
   * Whether a step that adds at most `bytes` cannot be refused half-way. One that only removes, which adds none, needs no
   * room: so what is full can be emptied. Under a snapshot, which wants copies of what is changed, none is.
   */
  #isSafe(bytes: number): boolean {
    return this.drain === null && (bytes === 0 || bytes <= DIRECT_BYTES && this.#hasRoom(bytes));
  }

  /** Whether `bytes` more can be written without any further ado; memory is grown for that. */
  #hasRoom(bytes: number): boolean {
    const { core } = this;
    const wanted = bytes + WORST_WRITE_BYTES;
    // Two pages may be begun for nothing, and a write wants some frames free beside.
    const frames = Math.ceil(wanted / core.frameBytes) + 8;
    if (core.calls.fits(wanted) === 0) return false;
    const missing = frames - core.calls.availableFrames();
    return missing <= 0 || core.canGrow && core.grow(missing) && core.calls.availableFrames() >= frames;
  }

  relieve(bytes: number): void {
    const { core } = this;
    if (this.#before !== null || this.#isStepping || core.calls.needsCare() === 0) return;
    if (core.calls.isReclaiming() !== 0) this.reclaim(RECLAIM_RECORDS);
    if (core.calls.areFramesLow() === 0) return;
    const liveShare = core.calls.liveShare();
    if (core.canGrow && liveShare > GROW_ABOVE_SHARE && core.grow(0)) return;
    const evictAbove = this.options.evicts && liveShare > EVICT_ABOVE_SHARE ? 0 : NEVER_EVICT;
    core.calls.recycle(Math.min(RECYCLE_FACTOR * (bytes + 64), RECYCLE_STEP_BYTES), this.now(), evictAbove);
  }

  makeRoom(answer: number, bytes: number): void {
    // Otherwise a step could stop half-way: a mistake in what it was said to add, or in what the core asks for.
    if (this.#isPromised) throw new Error(`A write of ${bytes} bytes was refused although room for it was found`);
    const { framesWanted, bytesWanted } = this.core.calls;
    const frames = answer === NEEDS_FRAMES ? framesWanted.value : 0;
    const added = answer === FULL ? bytesWanted.value : bytes;
    if (this.#before !== null) {
      // Growing moves nothing.
      if (answer === NEEDS_FRAMES && this.core.canGrow && this.core.grow(frames)) return;
      throw this.#needsRoom(frames, added);
    }
    if (answer === FULL) this.#dropLive(added);
    else this.#freeFrames(frames, added);
  }

  /** What the transaction needs in all, when it wants `frames` more at hand and to add `bytes`. More memory may be enough. */
  #needsRoom(frames: number, bytes: number): NeedsRoom {
    const { core } = this;
    const before = this.#before!;
    const used = Math.max(0, before.frames - core.calls.availableFrames());
    const added = Math.max(0, core.stats().liveBytes - before.liveBytes) + bytes;
    // A quarter more than it had come to, so that it does not have to come back for each frame.
    return this.#needs = new NeedsRoom(frames === 0 ? 0 : used + (used >> 2) + frames, added);
  }

  /**
   * Makes room for the writes of `packing`, so that doing them, marked as RESERVED, cannot fail half-way; throws if it
   * cannot. They add `bytes` of live data. Returns whether anything had to be done for it: then what was found before may
   * have moved, or be gone.
   */
  reserve(packing: Packing, bytes: number = packing.bytes): boolean {
    const { core } = this;
    const { calls, frameBytes } = core;
    // An index entry takes some 16 bytes of buckets; at worst the index begins a frame of buckets and one of overflow
    // buckets, and a write wants three frames free beside.
    const frames = packing.pages + Math.ceil(packing.records * 24 / frameBytes) + 5;
    const fits = calls.fits(bytes) !== 0;
    if (fits && calls.availableFrames() >= frames) return false;
    if (this.#before !== null) {
      if (fits && core.canGrow && core.grow(frames - calls.availableFrames()) && calls.availableFrames() >= frames) {
        return true;
      }
      throw this.#needsRoom(frames, bytes);
    }
    // One page is always being filled.
    const indexFrames = Math.ceil(core.stats().indexBytes / frameBytes);
    if (frames > core.maxFrames - indexFrames - 1) throw this.#outOfMemory(packing.bytes);
    if (!fits) this.#dropLive(bytes);
    if (calls.availableFrames() < frames) this.#freeFrames(frames, packing.bytes);
    return true;
  }

  /** Brings live data down until `bytes` more fit: by what has expired, and in a cache by what was not read. */
  #dropLive(bytes: number): void {
    const { core } = this;
    const fits = () => core.calls.fits(bytes) !== 0;
    this.#reclaimUntil(fits);
    if (fits()) return;
    const { indexBytes, limitBytes, logBytes } = core.stats();
    if (indexBytes + bytes > limitBytes) throw this.#outOfMemory(bytes); // before anything is dropped for nothing
    if (this.now() > 0) {
      core.calls.sweepExpired(bytes, this.now());
      this.#reclaimUntil(fits);
    }
    // A cache evicts some more than it must: each pass over pages that it only just needs would copy the most of them.
    // It may go over everything several times: the first time what was read is spared.
    if (this.options.evicts) {
      this.#recycleUntil(fits, logBytes * 3, limitBytes - Math.max(bytes, limitBytes * EVICTION_SLACK));
    }
    if (!fits()) throw this.#outOfMemory(bytes);
  }

  /** Frees frames until `frames` are at hand, for a write of about `bytes`. */
  #freeFrames(frames: number, bytes: number): void {
    const { core } = this;
    const missing = () => frames - core.calls.availableFrames();
    const isEnough = () => missing() <= 0;
    if (core.calls.isReclaiming() !== 0 && !core.canGrow) this.#reclaimUntil(() => false);
    const liveShare = core.calls.liveShare();
    if (liveShare > GROW_ABOVE_SHARE && !isEnough()) core.grow(missing());
    // Going over everything twice wins all the garbage there is, also what the first time has made of the tail.
    const evictAbove = this.options.evicts && !core.canGrow && liveShare > EVICT_ABOVE_SHARE ? 0 : NEVER_EVICT;
    this.#recycleUntil(isEnough, core.stats().logBytes * 2, evictAbove);
    if (!isEnough()) core.grow(missing());
    // Where pages pack badly, a cache must evict though live data is below the limit.
    if (this.options.evicts) this.#recycleUntil(isEnough, core.stats().logBytes * 3, 0);
    // What has expired was dropped on the way.
    if (!isEnough() && core.calls.isReclaiming() !== 0) {
      this.#reclaimUntil(() => false);
      this.#recycleUntil(isEnough, core.stats().logBytes * 2, evictAbove);
    }
    if (!isEnough()) throw this.#outOfMemory(bytes);
  }

  /** Frees about so many records of values that were dropped, and returns how many it did. */
  protected reclaim(records: number): number {
    const { core } = this;
    // A store that was just restored has no more frames than it needed.
    const missing = RECLAIM_FRAMES - core.calls.availableFrames();
    if (missing > 0 && core.calls.isReclaiming() !== 0 && core.canGrow) core.grow(missing);
    return core.calls.reclaim(records);
  }

  /** Frees what waits for it until `isEnough`. */
  #reclaimUntil(isEnough: () => boolean): void {
    while (!isEnough() && this.reclaim(RECLAIM_RECORDS) !== 0);
  }

  /** Frees all that waits for it, pausing after each slice. */
  async reclaimAll(pause: () => Promise<void>): Promise<void> {
    const { core } = this;
    while (core === this.#core && this.reclaim(RECLAIM_RECORDS * 16) !== 0) await pause();
  }

  /** Recycles until `isEnough`, but not over more than `limitBytes` of the log. */
  #recycleUntil(isEnough: () => boolean, limitBytes: number, evictAbove: number): void {
    let left = limitBytes;
    while (!isEnough() && left > 0) {
      // What is dropped already comes first: evicting more would be too much.
      const freed = evictAbove === NEVER_EVICT ? 0 : this.reclaim(RECLAIM_RECORDS);
      const done = freed > 0 ? 1 : this.core.calls.recycle(RECYCLE_STEP_BYTES, this.now(), evictAbove);
      if (done === 0 && !this.#drainStep()) return;
      left -= done;
    }
  }

  /** Has a snapshot under way take out what recycling waits for; false when it is not that. */
  #drainStep(): boolean {
    const { drain } = this;
    // It leaves its blocks where the key and value that wait for room are.
    return drain !== null && keepScratch(this.core, () => drain.takeBlock());
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

  /** Frees all that waits for it and recycles until every page has been gone over once, pausing after each step. */
  async compact(pause: () => Promise<void>): Promise<void> {
    await this.reclaimAll(pause);
    await this.#recycleAll(pause);
    // What has expired was dropped on the way.
    await this.reclaimAll(pause);
  }

  async #recycleAll(pause: () => Promise<void>): Promise<void> {
    const { core } = this;
    let left = core.stats().logBytes;
    while (left > 0 && core === this.#core) {
      this.stopClock();
      const done = core.calls.recycle(RECYCLE_STEP_BYTES, this.now(), NEVER_EVICT);
      if (done === 0) return;
      left -= done;
      await pause();
    }
  }
}
