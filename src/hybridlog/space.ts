import { toBytes } from "../arguments.ts";
import type { Core } from "../core/core.ts";
import { CACHE_NEEDS_FRAME, COLD, FULL, IS_CACHED, NEEDS_FRAMES, ROW_BYTES } from "../core/layout.ts";
import { keepScratch } from "../core/scratch.ts";
import type { Key, StorageStats } from "../engine.ts";
import { quote, StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { nameOf } from "../records/names.ts";
import type { Packing } from "../records/packing.ts";
import type { Keyspace } from "../records/keyspace.ts";
import { Records } from "../records/records.ts";
import { formatSize } from "../size.ts";
import { Grid, isOlder } from "./addresses.ts";
import type { Epoch } from "./manifest.ts";
import type { Segments } from "./segments.ts";
import { cursorOf, readCursor, scanStep } from "./scan.ts";
import { scanBytes } from "./walk.ts";
import { Window } from "./window.ts";
import type { Writer } from "./writer.ts";

/**
 * The first read of a cold record: where most are shorter, a read of 4 KiB costs a fifth more; where most are longer, two reads
 * cost twice as much. So it follows what a quarter of the last reads would have needed.
 */
const LEAST_READ_BYTES = 512;
const MOST_READ_BYTES = 4096;
const READS_TO_LOOK_AT = 64;
/** Answers of takeLoaded are from here to -1; what is less is a pointer. */
const LAST_ANSWER = -3;
/** What coldNode answers when there is none. */
const NO_SUCH_NODE = -2;
/** Frames for what a transaction may read. */
const SPARE_FRAMES = 16;
/** Frames for what a step may write at most are made before it, but not more than this share of all: few come near that. */
const WRITTEN_SHARE = 16;
/** A call that has read so many times the memory reads the same again and again. */
const FETCH_FACTOR = 256;
/** While a blocking read takes less than that on average, waiting for it costs less than going on with something else. */
const FAST_READ_MS = 0.05;
/** No read counts for more: the process may have lost its processor meanwhile. */
const LONGEST_READ_MS = 4 * FAST_READ_MS;
/** While they are fast, one read in so many is timed; and the average is over about so many of those. */
const TIMED_MASK = 15;
const TIMED_AVERAGE = 8;
/** One write that others have to wait for takes about a millisecond, sealing it included. */
const FLUSH_BYTES = 2 ** 20;
/** Reclaiming that has failed is not tried again for so long. */
const CARE_AGAIN_MS = 1_000;
/** One slice of reclaiming, for each operation that finds something to reclaim. */
const RECLAIM_RECORDS = 64;
/** Frames that a write wants free at most, beside its pages. */
const WRITE_FRAMES = 5;
/** A step may need so much of the memory at a time: one that needs more would drive out what it has read itself. */
const STEP_SHARE = 4;
/** A step is run again at most so often because it needs room. */
const MAX_ATTEMPTS = 100;
/** The share of what is not mutable that pages of the log keep; the rest is the read cache's. */
const LOG_SHARE = 8;
/** Of a frame of the read cache that is emptied, so much is copied once more if it was read. */
const SPARED_SHARE = 0.75;

/** Thrown out of a transaction that needs frames: nothing is dropped from memory before it has been undone. */
class NeedsRoom extends StorageError {
  readonly frames: number;

  constructor(frames: number) {
    super("OUT_OF_MEMORY", "Cannot write: the transaction has to begin again with more room");
    this.frames = frames;
  }
}

/** Keys, by their bytes as characters, and node ids. */
export type Loaded = Set<string | bigint>;

/** Whether it was there; it is afterwards. */
function isAgain(loaded: Loaded, name: string | bigint): boolean {
  if (loaded.has(name)) return true;
  loaded.add(name);
  return false;
}

/** A core, the files behind it, and the decisions about what is in memory. */
export class HybridSpace extends Records implements Keyspace {
  isClosed = false;
  override readonly sizeOption = "mutableSize or readonlySize";
  readonly core: Core;
  readonly segments: Segments;
  readonly pages: Grid;
  readonly epochs: Epoch[];
  readonly mutableBytes: number;
  readonly window: Window;
  writer!: Writer;
  /** What `stats()` shows: the store knows more than this. */
  describe!: () => StorageStats;
  /** Records that were read from disk. */
  diskReads = 0;
  /** Whether the call under way may wait for the disk. */
  mayBlock = true;
  /** Writes that had to wait for a flush. */
  stalls = 0;
  stalledMs = 0;
  /** Where the last `clear` was written, as long as the files of what was before are there. */
  clearedAt: number | null = null;
  /** What a blocking read of a record takes, on average of the last ones, in milliseconds. */
  #readMs = 0;
  /** Where chains go on that lead to damaged records: repair knows. */
  detours: ReadonlyMap<number, number> = new Map();
  /** Frames that the index may take, and the setting that says so. */
  readonly indexFrames: number;
  /** Why what comes after writes, reclaiming above all, has failed the last time; `null` when it has not. */
  careError: unknown = null;
  #careAt = 0;
  #time = 0;
  /** What the call under way has read. */
  #fetchedBytes = 0;
  #transaction: { frames: number } | null = null;
  /** What a step has turned out to need: it is undone even if the function that it runs has caught that error. */
  #needs: NeedsRoom | Miss | null = null;
  #loadView: Uint8Array | null = null;
  #loadMemory: Uint8Array | null = null;
  #firstReadBytes = LEAST_READ_BYTES;
  /** Of the last reads: how many there were, how many were too short, and how many twice as long as they had to be. */
  #looked = { reads: 0, short: 0, long: 0 };

  constructor(
    core: Core,
    segments: Segments,
    epochs: Epoch[],
    options: { mutableBytes: number; indexFrames: number },
  ) {
    super();
    this.core = core;
    this.segments = segments;
    this.pages = new Grid(core.frameBytes);
    this.epochs = epochs;
    this.mutableBytes = options.mutableBytes;
    this.indexFrames = options.indexFrames;
    this.window = new Window(core, segments);
    this.mayExpire = core.calls.mayExpire.value !== 0;
  }

  now(): number {
    if (!this.mayExpire) return 0;
    if (this.#time === 0) this.#time = Date.now();
    return this.#time;
  }

  stopClock(): void {
    if (this.#transaction !== null) return;
    this.#time = 0;
    this.#fetchedBytes = 0;
  }

  get memoryBytes(): number {
    return this.core.maxFrames * this.core.frameBytes;
  }

  get isTransacting(): boolean {
    return this.#transaction !== null;
  }

  putKeyAt(key: Key, at: number): number {
    return this.core.putKeyAt(key, at);
  }

  isOverwritable(): boolean {
    return false;
  }

  scan(cursor: string | null, count: number, visit: (record: number) => void): string | null {
    const next = scanStep(this, readCursor(this, cursor), count, visit);
    return next === null ? null : cursorOf(next);
  }

  /** Brings in what the next step of a scan will look at, without blocking. */
  async readAhead(cursor: string | null, count: number): Promise<void> {
    const { at, inLog } = readCursor(this, cursor);
    if (inLog && isOlder(at, this.core.calls.headAddress())) await this.segments.readAhead(at, scanBytes(count));
  }

  size(): number {
    return this.core.stats().keys;
  }

  /** Everything from before counts no more, from the next commit on. */
  clear(): void {
    this.makeFrames(WRITE_FRAMES);
    this.core.calls.clearAll();
    // In memory at once; on the disk when the next commit is there.
    this.clearedAt = this.core.calls.writeClear();
    this.core.calls.moveBegin(this.clearedAt);
    this.hits = 0;
    this.misses = 0;
  }

  stats(): StorageStats {
    return this.describe();
  }

  /** A read that is all that its step does: it loads what it misses at once, where it may block, without throwing. */
  override find(key: Key): number {
    const { core } = this;
    const length = core.putKey(key);
    const record = core.calls.find(length) >>> 0;
    if (record !== COLD) return record;
    if (!this.mayBlock) return this.missing();
    if (this.#transaction !== null) return super.find(key); // which drives nothing out of memory
    const address = core.calls.coldAt.value;
    const found = core.calls.takeLoaded(address, this.epochAt(address), this.#readWhole(address), length);
    return found >= 0 || found < LAST_ANSWER ? found >>> 0 : this.missing();
  }

  missing(): never {
    const { calls, bytes } = this.core;
    if (calls.missingCount.value > 0) this.#miss([], this.core.missingIds());
    const start = calls.coldKey.value >>> 0;
    this.#miss([bytes.slice(start, start + calls.coldKeyLength.value)], []);
  }

  override missingKeys(keys: readonly Key[]): never {
    this.#miss(keys.map((key) => toBytes(key).slice()), []);
  }

  #miss(keys: readonly Uint8Array[], ids: readonly bigint[]): never {
    const miss = new Miss(keys, ids);
    if (this.#transaction !== null) this.#needs = miss;
    throw miss;
  }

  /** Runs what may miss records, loading them with blocking reads until none is missing. */
  run<T>(step: () => T): T {
    this.mayBlock = true;
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Miss)) throw error;
      return this.runAgain(step, error);
    }
  }

  /** The same after a first attempt that has ended in `miss`. */
  runAgain<T>(step: () => T, miss: Miss, loaded: Loaded = new Set()): T {
    // A function that was given to `transact` reads past its transaction, which has noted the miss, and will run again.
    if (this.#transaction !== null) throw miss;
    this.mayBlock = true;
    let loadedBytes = 0;
    const limit = this.memoryBytes / STEP_SHARE;
    for (;;) {
      loadedBytes += this.load(miss, loaded);
      if (loadedBytes > limit) {
        throw this.#tooManyReads();
      }
      try {
        return step();
      } catch (error) {
        if (!(error instanceof Miss)) throw error;
        miss = error;
      }
    }
  }

  atomically<T>(step: () => T, bytes: number = Infinity): T {
    if (this.#transaction !== null) return step();
    // What it misses is read in place while frames are left. Whenever it has to begin anew, what it has written is garbage.
    const { frameBytes, maxFrames } = this.core;
    const written = bytes === Infinity ? 0 : Math.ceil(Math.min(bytes / frameBytes, maxFrames / WRITTEN_SHARE));
    const frames = SPARE_FRAMES + written;
    for (let attempt = 1;; attempt++) {
      if (this.core.calls.availableFrames() < frames) this.#spareFrames(frames);
      this.#begin();
      try {
        const result = step();
        if (this.#needs === null) return this.#commit(result);
      } catch (error) {
        if (this.#needs === null) {
          this.#rollback();
          throw error;
        }
      }
      const needs: NeedsRoom | Miss = this.#needs;
      this.#rollback();
      if (needs instanceof Miss) throw needs;
      if (attempt === MAX_ATTEMPTS) throw this.#tooLarge();
      this.makeFrames(needs.frames);
    }
  }

  /** Makes frames for what a transaction may read and write, or as many as the index and what is mutable leave. */
  #spareFrames(frames: number): void {
    try {
      this.makeFrames(frames);
    } catch (error) {
      if ((error as StorageError).code !== "TOO_LARGE") throw error;
    }
  }

  #begin(): void {
    this.#needs = null;
    this.#transaction = { frames: this.core.calls.availableFrames() };
    this.core.calls.beginTransaction();
  }

  #commit<T>(result: T): T {
    this.#transaction = null;
    this.core.calls.commitTransaction();
    this.relieve(0);
    return result;
  }

  #rollback(): void {
    this.#transaction = null;
    this.#needs = null;
    this.core.calls.rollbackTransaction();
  }

  makeRoom(answer: number, _bytes: number): void {
    if (answer === FULL) throw this.core.calls.isLogFull() !== 0 ? this.#logFull() : this.#indexFull();
    const frames = this.core.calls.framesWanted.value;
    if (this.#transaction === null) return this.makeFrames(frames);
    if (answer === NEEDS_FRAMES && this.core.canGrow && this.core.grow(frames)) return;
    this.#needRoom(frames);
  }

  #needRoom(frames: number): never {
    const used = Math.max(0, this.#transaction!.frames - this.core.calls.availableFrames());
    const most = this.#stepFrames();
    if (used + frames > most) throw this.#tooLarge();
    throw this.#needs = new NeedsRoom(Math.min(most, used + (used >> 2) + frames));
  }

  reserve(packing: Packing): boolean {
    if (this.core.calls.isLogFull() !== 0) throw this.#logFull();
    const frames = packing.pages + Math.ceil(packing.records * 24 / this.core.frameBytes) + WRITE_FRAMES;
    if (this.core.calls.availableFrames() >= frames) return false;
    if (frames > this.#stepFrames()) throw this.#tooLarge();
    if (this.#transaction === null) {
      this.makeFrames(frames);
      return true;
    }
    if (this.core.canGrow) this.core.grow(frames - this.core.calls.availableFrames());
    if (this.core.calls.availableFrames() < frames) this.#needRoom(frames);
    return true;
  }

  /** How many frames one step may use. */
  #stepFrames(): number {
    return Math.floor(this.core.maxFrames / STEP_SHARE) + WRITE_FRAMES;
  }

  relieve(_bytes: number): void {
    if (this.#transaction !== null || this.core.calls.needsCare() === 0) return;
    // The write that brings this about is over: what goes wrong here is not its error. Where it matters, it shows again.
    try {
      this.#care();
    } catch (error) {
      this.careError = error;
      this.#careAt = performance.now() + CARE_AGAIN_MS;
    }
  }

  #care(): void {
    const { core } = this;
    if (core.calls.isReclaiming() !== 0 && (this.careError === null || performance.now() > this.#careAt)) {
      this.reclaim(RECLAIM_RECORDS);
      this.careError = null;
    }
    if (core.calls.areFramesLow() === 0) return;
    if (core.canGrow && core.grow(0)) return;
    this.writeBehind();
    this.#dropOne();
  }

  /** Frees about so many records of values that were dropped, and returns how many it did. */
  reclaim(records: number): number {
    const { calls } = this.core;
    const freed = calls.reclaim(records);
    if (freed > 0 || calls.missingCount.value === 0) return freed;
    // A result may still lie in the scratch area.
    const ids = keepScratch(this.core, () => {
      const missing = this.core.missingIds();
      this.load(new Miss([], missing), new Set());
      return missing;
    });
    const freedThen = calls.reclaim(records);
    if (freedThen === 0 && calls.missingCount.value > 0) throw this.#lost(ids[0]);
    return freedThen;
  }

  /** Has pages that are out of the mutable part written, in the background. */
  writeBehind(): void {
    if (this.writer.poison !== null) return;
    this.core.calls.freeze(this.mutableBytes);
    if (!this.writer.isFlushing) this.writer.flush().catch(() => {}); // the next write tells
  }

  /** Frees a frame: of a page of the log that is written, or of the read cache, whichever has more than its share. */
  #dropOne(): boolean {
    const { calls } = this.core;
    const logPages = calls.logPages.value;
    const cacheFrames = calls.cacheFrames.value;
    const mutablePages = Math.ceil(calls.mutableBytes() / this.core.frameBytes);
    const shared = logPages + cacheFrames - mutablePages;
    const isLogLarge = cacheFrames < 2 || logPages - mutablePages > shared / LOG_SHARE;
    // Where no others get their turn, nothing is written behind: a page is written here then.
    if (isLogLarge && calls.canDropPage(this.writer.written) === 0 && this.writer.poison === null) {
      this.writer.flushSync(1);
    }
    const canDropPage = calls.canDropPage(this.writer.written) !== 0;
    if (canDropPage && isLogLarge) {
      // Keeping what was read takes frames itself.
      calls.dropPage(calls.availableFrames() >= 2);
      return true;
    }
    return calls.emptyCacheFrame(Math.floor(this.core.frameBytes * SPARED_SHARE)) !== 0 ||
      canDropPage && this.#dropPage();
  }

  #dropPage(): true {
    this.core.calls.dropPage(false);
    return true;
  }

  /** Frees frames until `frames` are at hand. */
  makeFrames(frames: number): void {
    const { core } = this;
    const missing = () => frames - core.calls.availableFrames();
    if (missing() > 0 && core.canGrow) core.grow(missing());
    // What a transaction has replaced or written must stay where it is.
    if (missing() > 0 && this.#transaction !== null) this.#needRoom(frames);
    while (missing() > 0) if (!this.#dropOne()) this.#flushSome();
  }

  /** Writes pages so that they can be dropped, where all that could be dropped has yet to be written. */
  #flushSome(): void {
    const { calls } = this.core;
    const start = performance.now();
    for (const mutableBytes of [this.mutableBytes, 0]) {
      calls.freeze(mutableBytes);
      this.writer.flushSync(FLUSH_BYTES);
      if (calls.canDropPage(this.writer.written) !== 0) break;
    }
    this.stalls++;
    this.stalledMs += performance.now() - start;
    if (calls.canDropPage(this.writer.written) === 0 && calls.readOnlyAddress() === this.writer.written) {
      throw this.#tooLarge();
    }
  }

  /** Has the next record begin a page, whose address it returns. */
  beginPage(): number {
    this.makeFrames(WRITE_FRAMES);
    this.core.calls.endPage();
    return this.pages.startOf(this.core.calls.tailAddress());
  }

  /** Drops everything from memory but the page that is being filled, which is a new one. */
  dropAll(): void {
    const { calls } = this.core;
    this.beginPage();
    calls.freeze(0);
    this.writer.flushSync();
    while (calls.canDropPage(this.writer.written) !== 0) calls.dropPage(false);
    calls.endCacheFrame();
    while (calls.emptyCacheFrame(0) !== 0);
  }

  #tooManyReads(): StorageError {
    return new StorageError(
      "TOO_LARGE",
      `Cannot do this in one step: it needs more than ${
        formatSize(this.memoryBytes / STEP_SHARE)
      } of records at once, a quarter of the memory; raise readonlySize`,
    );
  }

  #tooLarge(): StorageError {
    return new StorageError(
      "TOO_LARGE",
      `Cannot do so much in one step: mutableSize and readonlySize allow ${
        formatSize(this.memoryBytes)
      } in all, and a step may need a quarter of that; raise them`,
    );
  }

  #logFull(): StorageError {
    const { segments } = this;
    return new StorageError(
      "OUT_OF_MEMORY",
      `Cannot write: the log in ${quote(segments.directory)} is ${
        formatSize(longestLog(segments.grid.bytes))
      } long, the most for segments of ${
        formatSize(segments.grid.bytes)
      }; remove keys and compact(), or copy the store to one with a larger segmentSize`,
    );
  }

  #indexFull(): StorageError {
    return new StorageError(
      "OUT_OF_MEMORY",
      `Cannot add key: the index takes ${
        formatSize(this.indexFrames * this.core.frameBytes)
      }, which is its limit; raise indexSize or readonlySize, or remove keys`,
    );
  }

  // Records on disk.

  /**
   * Where it may block, loads what is missing at once. A transaction must not drive anything out of memory: when it has too few
   * frames left for what it reads, it begins again with more. With as many it would read the same again and again.
   */
  override fetch(): void {
    const { core } = this;
    const { calls } = core;
    if (!this.mayBlock) this.missing();
    if (this.#transaction !== null) this.makeFrames(WRITE_FRAMES);
    if (calls.missingCount.value > 0) {
      for (const id of core.missingIds()) this.#fetchedBytes += this.#loadNode(id);
    } else {
      const key = calls.coldKey.value >>> 0;
      this.#fetchedBytes += this.#loadFrom(calls.coldAt.value, key, calls.coldKeyLength.value, false);
    }
    if (this.#fetchedBytes > this.memoryBytes * FETCH_FACTOR) throw this.#tooManyReads();
  }

  /**
   * Loads what a step has missed, and returns about how many bytes that took. `loaded` has what was loaded for the step before: if it
   * is missed again, the step itself has put another record of its chain before it, and it is written to the tail. A node that is
   * not there may be gone since the step asked for it; `CORRUPT` when it asks again.
   */
  load({ keys, ids }: Miss, loaded: Loaded): number {
    const { core } = this;
    let bytes = 0;
    for (const key of keys) {
      const length = core.putKey(key);
      const address = core.calls.coldAddress(length);
      if (address >= 0) bytes += this.#loadFrom(address, core.scratch, length, false);
      if (isAgain(loaded, nameOf(key))) this.#promote(core.scratch, length);
    }
    for (const id of ids) {
      const isMissedAgain = isAgain(loaded, id);
      if (!isMissedAgain && this.#coldNode(id) === NO_SUCH_NODE) continue;
      bytes += this.#loadNode(id);
      if (isMissedAgain) this.#promote(core.calls.nodeId.value >>> 0, 8);
    }
    return bytes;
  }

  #loadNode(id: bigint): number {
    const { calls } = this.core;
    const address = this.#coldNode(id);
    if (address === NO_SUCH_NODE) throw this.#lost(id);
    return address < 0 ? 0 : this.#loadFrom(address, calls.nodeId.value >>> 0, 8, true);
  }

  #promote(key: number, keyLength: number): void {
    this.makeFrames(WRITE_FRAMES);
    this.core.calls.promote(key, keyLength);
  }

  #coldNode(id: bigint): number {
    return this.core.calls.coldNode(Number(id & 0xffff_ffffn) | 0, Number(id >> 32n) | 0);
  }

  #lost(id: bigint): StorageError {
    return new StorageError(
      "CORRUPT",
      `Cannot read value: record ${id}, which it consists of, is not in ${quote(this.segments.directory)}`,
    );
  }

  /** Brings the record of the key (or node id) at `key` into memory, whose chain goes on at `address`. */
  #loadFrom(address: number, key: number, keyLength: number, isNode: boolean): number {
    const { calls } = this.core;
    if (this.detours.has(address)) return this.#adopt(this.#pastDamage(address), key, keyLength, isNode);
    const size = this.readRecord(address);
    for (;;) {
      const answer = calls.cacheLoaded(address);
      if (answer === IS_CACHED) return size;
      if (answer !== CACHE_NEEDS_FRAME) break;
      this.makeFrames(2);
    }
    // What is adopted is written: in a transaction it would be undone with it.
    if (this.#transaction !== null) this.missing();
    return size + this.#adopt(address, key, keyLength, isNode);
  }

  /** Goes on along a chain of which more than the first record is on disk, and puts what is found, or that there is nothing, first. */
  #adopt(address: number, key: number, keyLength: number, isNode: boolean): number {
    const { calls } = this.core;
    let bytes = 0;
    for (; address !== 0; address = this.prevOfLoaded()) {
      bytes += this.readRecord(address);
      if (calls.hasLoadedKey(key, keyLength, isNode) !== 0) break;
    }
    this.makeFrames(WRITE_FRAMES);
    const loaded = calls.loadBench.value >>> 0;
    const found = address === 0 || calls.isTombstone(loaded) !== 0 ? 0 : loaded;
    calls.adopt(found, address, key, keyLength, isNode);
    return bytes;
  }

  /** Where the chain of the record goes on that has just been read; 0 where it ends. */
  prevOfLoaded(): number {
    const { calls } = this.core;
    return this.#pastDamage(calls.prevAddress(calls.loadBench.value));
  }

  #pastDamage(address: number): number {
    return this.detours.get(address) ?? address;
  }

  epochAt(address: number): number {
    return this.epochOf(address).number;
  }

  epochOf(address: number): Epoch {
    for (let i = this.epochs.length - 1; i > 0; i--) {
      if (!isOlder(address, this.epochs[i].from)) return this.epochs[i];
    }
    return this.epochs[0];
  }

  /** Whether going on with something else costs less than waiting for reads. */
  get readsSlowly(): boolean {
    return this.#readMs >= FAST_READ_MS;
  }

  /** Reads as much of the record at `address` as most records have into loadBench. */
  #readFirst(address: number): number {
    // Two looks at the clock cost as much as a tenth of a read of what the system has in memory.
    if ((++this.diskReads & TIMED_MASK) !== 0 && !this.readsSlowly) return this.#readSome(address);
    const start = performance.now();
    const length = this.#readSome(address);
    this.#readMs += (Math.min(performance.now() - start, LONGEST_READ_MS) - this.#readMs) / TIMED_AVERAGE;
    return length;
  }

  #readSome(address: number): number {
    const { core } = this;
    if (this.#loadMemory !== core.bytes) {
      this.#loadMemory = core.bytes;
      const start = core.calls.loadBench.value >>> 0;
      this.#loadView = core.bytes.subarray(start, start + this.#firstReadBytes);
    }
    const view = this.#loadView!;
    const room = core.frameBytes - this.pages.offsetOf(address);
    return this.segments.readSync(address, room < view.length ? view.subarray(0, room) : view);
  }

  /** Learns from how long a record was that was read. */
  #noteSize(size: number): void {
    const looked = this.#looked;
    if (size > this.#firstReadBytes) looked.short++;
    else if (size * 2 <= this.#firstReadBytes) looked.long++;
    if (++looked.reads < READS_TO_LOOK_AT) return;
    const isShort = looked.short > READS_TO_LOOK_AT / 4;
    const isLong = looked.long > READS_TO_LOOK_AT * 3 / 4;
    if (isShort) this.#firstReadBytes = Math.min(MOST_READ_BYTES, this.#firstReadBytes * 2);
    else if (isLong) this.#firstReadBytes = Math.max(LEAST_READ_BYTES, this.#firstReadBytes / 2);
    this.#looked = { reads: 0, short: 0, long: 0 };
    this.#loadMemory = null;
  }

  /** Reads the record at `address`, checks it, and leaves it in loadBench. Returns its size in bytes. `CORRUPT` when it is not what was written. */
  readRecord(address: number): number {
    const { calls } = this.core;
    const length = this.#readWhole(address);
    if (calls.isLoaded(address, this.epochAt(address), length) === 0) throw this.damaged(address);
    return calls.loadedBytes(length);
  }

  /** Reads the record at `address` into loadBench, as far as it is there, and returns how many bytes are. */
  #readWhole(address: number): number {
    const { core } = this;
    const length = this.#readFirst(address);
    const size = core.calls.loadedBytes(length);
    this.#noteSize(size);
    if (size <= length || size > core.frameBytes - this.pages.offsetOf(address)) return length;
    const start = core.calls.loadBench.value >>> 0;
    return this.segments.readSync(address, core.bytes.subarray(start, start + size));
  }

  /** Loads what a step has missed without blocking. What cannot be found at once is left to `load`. */
  async loadAsync({ keys, ids }: Miss, loaded: Loaded): Promise<void> {
    const { core } = this;
    const addresses = new Set<number>();
    for (const key of keys) addresses.add(core.calls.coldAddress(core.putKey(key)));
    for (const id of ids) addresses.add(this.#coldNode(id));
    addresses.delete(-1);
    addresses.delete(NO_SUCH_NODE);
    await Promise.all([...addresses].map((address) => this.#fetch(address)));
    // Whatever is still missing is on chains of several records, or has moved meanwhile.
    this.load({ keys, ids }, loaded);
  }

  /** Reads the record at `address` into the read cache, if it is still the one that its key leads to first. */
  async #fetch(address: number): Promise<void> {
    const { core, segments } = this;
    const { calls } = core;
    this.diskReads++;
    const room = core.frameBytes - this.pages.offsetOf(address);
    let bytes = new Uint8Array(Math.min(room, this.#firstReadBytes));
    bytes = bytes.subarray(0, await segments.read(address, bytes));
    const size = this.#putLoaded(bytes);
    if (size > bytes.length && size <= room) {
      bytes = new Uint8Array(size);
      bytes = bytes.subarray(0, await segments.read(address, bytes));
    }
    this.makeFrames(2);
    // During the pause the record may have been removed; what is wrong with it shows in `load`.
    if (this.#putLoaded(bytes) === 0 || calls.isLoaded(address, this.epochAt(address), bytes.length) === 0) return;
    calls.cacheLoaded(address);
  }

  #putLoaded(bytes: Uint8Array): number {
    this.core.bytes.set(bytes, this.core.calls.loadBench.value >>> 0);
    return this.core.calls.loadedBytes(bytes.length);
  }

  damaged(address: number): StorageError {
    this.window.forget();
    return new StorageError(
      "CORRUPT",
      `Cannot read record: ${
        this.segments.placeOf(address)
      } is not what was written there; repair() keeps what is intact`,
    );
  }

  // Accounts of segments.

  /** Bytes of a segment that are live at `now`. */
  liveBytesOf(segment: number, now: number): number {
    const { calls, doubles } = this.core;
    const row = ((calls.accounts.value >>> 0) + (segment & (SEGMENTS - 1)) * ROW_BYTES) >>> 3;
    const age = now - doubles[row];
    let live = doubles[row + 1];
    for (let i = 0; i < EDGES_MS.length; i++) if (age < EDGES_MS[i]) live += doubles[row + 2 + i];
    return live;
  }
}

/** How many segments a log can have at once. */
export const SEGMENTS = 8192;
/** Of those, compaction may need so many before it has removed others. */
const SPARE_SEGMENTS = 64;
/** Half of what addresses reach, so that it can be told which of two is older, less what compaction may need. */
const LONGEST_LOG_BYTES = 2 ** 41;

/** How long a log of such segments may become, in bytes. */
export function longestLog(segmentBytes: number): number {
  return Math.min(LONGEST_LOG_BYTES, (SEGMENTS - SPARE_SEGMENTS) * segmentBytes);
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const EDGES_MS = [MINUTE, 10 * MINUTE, 100 * MINUTE, DAY, 10 * DAY, 100 * DAY];
