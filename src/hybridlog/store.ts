import type {
  Bytes,
  CallOptions,
  Capabilities,
  Change,
  CopyOptions,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  PersistenceOps,
  ReadOptions,
  RenameOptions,
  ScanOptions,
  ScanResult,
  SetOptions,
  StorageEngine,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  Transaction,
  TransactionOps,
  Value,
  ValueType,
} from "../engine.ts";
import { checkOptions, isIterable, readScanOptions } from "../arguments.ts";
import type { CollectionOps } from "../collections.ts";
import { describe, quote, StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { OPERATIONS } from "../types/operations.ts";
import { SyncStore } from "../types/sync_store.ts";
import { ioError } from "./io_error.ts";
import { Log, type Recovery } from "./log.ts";
import { type CheckedOptions, checkHybridOptions, type Hidden, type HybridLogOptions } from "./options.ts";
import type { OnProgress } from "./progress.ts";
import { type RepairReport, salvage } from "./repair.ts";
import { pause } from "../runtime/pause.ts";
import { lockSource, restoreLog } from "./restore.ts";
import { type HybridLogStats, statsOf } from "./stats.ts";
import { isWrite } from "../types/methods.ts";
import { BlockingStore } from "./sync.ts";
import { Ticket, Tickets } from "./tickets.ts";

/** Every so many writes look at the clock. */
const CLOCK_MASK = 127;
/** Writes that are awaited one after another let others have their turn after so long. */
const TURN_MS = 5;
/** While reads are slow, one call in so many may block, to see if they still are. */
const PROBE_CALLS = 64;
/** The index is saved when this many bytes have been written since, and more than so many times what it takes itself. */
const SAVE_INDEX_BYTES = 64 * 2 ** 20;
const SAVE_INDEX_FACTOR = 4;
/** How often it is looked if there is anything to do, commits apart. */
const MAINTENANCE_MS = 1_000;
/** Closing compacts so much, in some 20 ms: a program that is never open for long would not do it otherwise. */
const CLOSING_BYTES = 16 * 2 ** 20;

/** Operations that touch only the key which they are given first. */
const MANY_KEYS = /^(s|z)(inter|union|diff)|^(l|s)move|^zrangeStore|^s(inter|union|diff)card/;

/** The data types' methods are put on the prototype below. */
export interface HybridLogStore extends CollectionOps {}

/**
 * A store on files, larger than memory: one log of records, of which the newest are in memory and changed in place, those before
 * them read-only and on their way to disk, and all others on disk, with copies in memory of those that are read.
 *
 * What is committed survives a crash, exactly: after it, the store is as it was at its last commit. One process opens a
 * directory at a time. It is opened with {@linkcode HybridLogStore.open}.
 *
 * @example
 * ```ts
 * import { HybridLogStore } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const dataDir = await Deno.makeTempDir();
 * {
 *   await using store = await HybridLogStore.open({ dataDir, durability: "always" });
 *   await store.set("greeting", "hello"); // on the disk
 *   await store.zadd("scores", [[3, "ann"], [5, "ben"]]);
 * }
 * await using store = await HybridLogStore.open({ dataDir });
 * assertEquals(new TextDecoder().decode((await store.get("greeting"))!), "hello");
 * assertEquals(await store.zrank("scores", "ben"), 1);
 * ```
 */
export class HybridLogStore implements StorageEngine, TransactionOps, PersistenceOps {
  /** What this store can do. */
  readonly supports: Capabilities = Object.freeze({
    sync: true,
    lists: true,
    hashes: true,
    sets: true,
    sortedSets: true,
    transactions: true,
    persistence: true,
  });
  /** The same operations, answered at once: where records are on disk, by blocking reads, and writes by a blocking sync under `"always"`. */
  readonly sync: SyncStorageEngine & SyncCollectionOps & SyncTransactionOps;
  readonly #options: CheckedOptions;
  readonly #hidden: Hidden;
  #log: Log;
  #inner: SyncStore;
  #tickets: Tickets;
  readonly #isAlways: boolean;
  readonly #tickMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The last of the checkpoints, compactions and so on: they run one after another. */
  #maintenance: Promise<unknown> = Promise.resolve();
  #isMaintaining = false;
  #maintenanceError: unknown = null;
  #savedAt = 0;
  #calls = 0;
  #writes = 0;
  #lastTurn = 0;
  #closing: Promise<void> | null = null;

  private constructor(options: CheckedOptions, log: Log, hidden: Hidden) {
    this.#options = options;
    this.#hidden = hidden;
    this.#log = log;
    this.#isAlways = options.durability === "always";
    this.#inner = new SyncStore(log.space);
    this.#tickets = this.#use(log);
    this.sync = new BlockingStore(() => this.#inner, {
      finishPending: () => {
        // A function that runs within a call comes before those that wait: it reads past them.
        if (!this.#inner.isChanging) this.#finishWaiting();
        this.#log.space.mayBlock = true;
      },
      assertWritable: () => this.#log.writer.assertSound(),
      settle: () => {
        if (this.#isAlways || (++this.#writes & CLOCK_MASK) === 0 && this.#isOverdue()) this.#log.writer.commitSync();
      },
      again: (step, miss) => this.#log.space.runAgain(step, miss),
    });
    this.#tickMs = Math.min(options.commitIntervalMs, MAINTENANCE_MS);
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
    (this.#timer as { unref?: () => void }).unref?.();
    if (typeof this.#timer === "number") {
      (globalThis as { Deno?: { unrefTimer(id: number): void } }).Deno?.unrefTimer(this.#timer);
    }
  }

  #use(log: Log): Tickets {
    this.#hidden.onLog?.(log);
    log.space.describe = () => statsOf(log, this.#options);
    this.#savedAt = log.space.segments.bytesWritten;
    return new Tickets(log.space);
  }

  /**
   * Opens the log in `dataDir`, or makes one, and recovers what was committed in it. `LOCKED` when another process has it open,
   * `CORRUPT`, naming file and offset, when something that was committed is damaged, `UNSUPPORTED` when it was written by a
   * version with a later format, `CONFIG` for options that make no sense. O(log written since the index was last saved).
   */
  static async open(options: HybridLogOptions = {}, hidden: Hidden = {}): Promise<HybridLogStore> {
    const checked = checkHybridOptions(options, hidden);
    try {
      return new HybridLogStore(checked, await Log.open(checked.log), hidden);
    } catch (error) {
      throw error instanceof StorageError ? error : ioError(`open storage in ${quote(checked.log.directory)}`, error);
    }
  }

  /**
   * Saves what is intact of a damaged log: it is read, not written, and what is in it goes into a new log in `options.dataDir`. What the
   * disk cannot read is damage, too. Of a collection that has lost a part the rest is kept. `CONFIG` when there is something in the new one already.
   */
  static async repair(damagedDir: string, options: HybridLogOptions, hidden: Hidden = {}): Promise<RepairReport> {
    const { log } = checkHybridOptions(options, hidden);
    const store = await HybridLogStore.open(options, hidden);
    try {
      if (store.sync.size() > 0) {
        throw new StorageError("CONFIG", `Cannot repair into ${quote(log.directory)}: there are keys in it`);
      }
      const lock = await lockSource(log.files, damagedDir);
      const salvaging = salvage({ ...log, directory: damagedDir }, store.sync, options.onProgress);
      const report = await salvaging.finally(() => lock?.release().catch(() => {}));
      await store.close();
      return report;
    } catch (error) {
      await store.close().catch(() => {}); // the first error says more
      throw error instanceof StorageError ? error : ioError(`repair ${quote(damagedDir)}`, error);
    }
  }

  /** What opening has found and done. */
  get recovery(): Recovery {
    return this.#log.recovery;
  }

  /** See {@linkcode StorageEngine.get}. */
  get(key: Key, options?: ReadOptions): Promise<Bytes | null> {
    return this.#read([key], () => this.#inner.get(key, options), options?.signal);
  }

  /** See {@linkcode StorageEngine.set}. */
  set(key: Key, value: Value, options?: SetOptions): Promise<boolean> {
    return this.#write([key], () => this.#inner.set(key, value, options), options?.signal);
  }

  /** See {@linkcode StorageEngine.del}. */
  del(key: Key, options?: CallOptions): Promise<boolean> {
    return this.#write([key], () => this.#inner.del(key), options?.signal);
  }

  /** See {@linkcode StorageEngine.exists}. */
  exists(key: Key, options?: CallOptions): Promise<boolean> {
    return this.#read([key], () => this.#inner.exists(key), options?.signal);
  }

  /** See {@linkcode StorageEngine.mget}. */
  mget(keys: readonly Key[], options?: ReadOptions): Promise<(Bytes | null)[]> {
    return this.#read(keys, () => this.#inner.mget(keys, options), options?.signal);
  }

  /** See {@linkcode StorageEngine.mset}. */
  mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl" | "signal">): Promise<void> {
    const list = isIterable(entries) ? [...entries] : entries; // an iterator can be gone through only once
    return this.#write(null, () => this.#inner.mset(list, options), options?.signal);
  }

  /** See {@linkcode StorageEngine.update}. */
  update(key: Key, change: Change, options?: Pick<SetOptions, "ttl" | "signal">): Promise<Bytes | null> {
    return this.#write([key], () => this.#inner.update(key, change, options), options?.signal);
  }

  /** See {@linkcode StorageEngine.incrBy}. */
  incrBy<N extends number | bigint = number>(key: Key, delta?: N, options?: CallOptions): Promise<Integer<N>> {
    return this.#write([key], () => this.#inner.incrBy(key, delta), options?.signal);
  }

  /** See {@linkcode StorageEngine.append}. */
  append(key: Key, suffix: Value, options?: CallOptions): Promise<number> {
    return this.#write([key], () => this.#inner.append(key, suffix), options?.signal);
  }

  /** See {@linkcode StorageEngine.expire}. */
  expire(key: Key, ttl: number, options?: ExpireOptions): Promise<boolean> {
    return this.#write([key], () => this.#inner.expire(key, ttl, options), options?.signal);
  }

  /** See {@linkcode StorageEngine.ttl}. */
  ttl(key: Key, options?: CallOptions): Promise<number | null> {
    return this.#read([key], () => this.#inner.ttl(key), options?.signal);
  }

  /** See {@linkcode StorageEngine.persist}. */
  persist(key: Key, options?: CallOptions): Promise<boolean> {
    return this.#write([key], () => this.#inner.persist(key), options?.signal);
  }

  /** See {@linkcode StorageEngine.type}. */
  type(key: Key, options?: CallOptions): Promise<ValueType | null> {
    return this.#read([key], () => this.#inner.type(key), options?.signal);
  }

  /** See {@linkcode StorageEngine.getRange}. */
  getRange(key: Key, start: number, end: number, options?: CallOptions): Promise<Bytes> {
    return this.#read([key], () => this.#inner.getRange(key, start, end), options?.signal);
  }

  /** See {@linkcode StorageEngine.setRange}. */
  setRange(key: Key, offset: number, value: Value, options?: CallOptions): Promise<number> {
    return this.#write([key], () => this.#inner.setRange(key, offset, value), options?.signal);
  }

  /** See {@linkcode StorageEngine.strlen}. */
  strlen(key: Key, options?: CallOptions): Promise<number> {
    return this.#read([key], () => this.#inner.strlen(key), options?.signal);
  }

  /** See {@linkcode StorageEngine.rename}. */
  rename(source: Key, destination: Key, options?: RenameOptions): Promise<boolean> {
    return this.#write(
      [source, destination],
      () => this.#inner.rename(source, destination, options),
      options?.signal,
    );
  }

  /** See {@linkcode StorageEngine.copy}. */
  copy(source: Key, destination: Key, options?: CopyOptions): Promise<boolean> {
    return this.#write(
      [source, destination],
      () => this.#inner.copy(source, destination, options),
      options?.signal,
    );
  }

  /** See {@linkcode TransactionOps.transact}. */
  transact<T>(change: (transaction: Transaction) => T, options?: CallOptions): Promise<T> {
    return this.#write(null, () => this.#inner.transact(change), options?.signal);
  }

  /** See {@linkcode StorageEngine.scan}. */
  async scan(options: ScanOptions = {}): Promise<ScanResult> {
    const { cursor, count } = readScanOptions(options);
    if (!this.#readsBlocking()) await this.#log.space.readAhead(cursor, count);
    return await this.#read(null, () => this.#inner.scan(options), options?.signal);
  }

  /** See {@linkcode StorageEngine.size}. */
  size(options?: CallOptions): Promise<number> {
    return this.#read(null, () => this.#inner.size(), options?.signal);
  }

  /** See {@linkcode StorageEngine.clear}. */
  clear(options?: CallOptions): Promise<void> {
    return this.#write(null, () => this.#inner.clear(), options?.signal);
  }

  /** See {@linkcode StorageEngine.keys}. */
  async *keys(options?: KeysOptions): AsyncIterableIterator<Bytes> {
    checkOptions(options);
    let cursor: string | null = null;
    do {
      const step: ScanResult = await this.scan({ ...options, cursor, count: 1000 });
      yield* step.keys;
      cursor = step.cursor;
    } while (cursor !== null);
  }

  /** Figures of the store, by tier. O(segments). */
  stats(): HybridLogStats {
    return this.#inner.stats() as HybridLogStats;
  }

  /** Resolves when everything written before this call is on the disk. Callers at a time share one sync. */
  async commit(options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    this.#assertOpen("commit");
    if (this.#inner.isChanging) await undefined; // a function that runs within a call comes before those that wait
    this.#finishWaiting();
    await this.#log.writer.commit();
  }

  /**
   * Makes a directory at `path` that opens as this store is now: a commit, links to the files that are not written any more,
   * and a copy of the last one. Writes go on meanwhile. Resolves to the path. `UNAVAILABLE` when it cannot be written,
   * as when there is something already.
   */
  checkpoint(path?: string, onProgress?: OnProgress): Promise<string> {
    return this.#maintain("checkpoint", async () => {
      checkPath("checkpoint", path);
      this.#finishWaiting();
      await this.#log.checkpoint(path, onProgress);
      return path;
    });
  }

  /**
   * Replaces the whole content by that of the checkpoint at `path`, which stays as it is. Calls go on meanwhile, and come before.
   * `CORRUPT`, with nothing changed, when it is damaged, `LOCKED` when another store has it open. O(its log).
   */
  restore(path?: string, onProgress?: OnProgress): Promise<void> {
    return this.#maintain("restore", async () => {
      checkPath("restore", path);
      const old = this.#log;
      const log = await restoreLog(old, path, onProgress);
      this.#finishWaiting();
      old.space.isClosed = true;
      log.space.isClosed = this.#closing !== null;
      this.#log = log;
      this.#inner = new SyncStore(log.space);
      this.#tickets = this.#use(log);
      await old.letGo();
    });
  }

  /**
   * Moves what is live in everything written so far to the end of the log, in slices, and removes what is left: dead records, expired
   * keys, and their files. O(log).
   */
  compact(onProgress?: OnProgress): Promise<void> {
    return this.#maintain("compact", () => this.#log.compact(onProgress));
  }

  /** Saves the index, so that the next opening reads only what was written since. It is done now and then anyway. O(keys). */
  saveIndex(onProgress?: OnProgress): Promise<void> {
    return this.#maintain("save index", () => this.#saveIndex(onProgress));
  }

  async #saveIndex(onProgress?: OnProgress): Promise<void> {
    const { segments } = this.#log.space;
    this.#savedAt = segments.bytesWritten;
    await this.#log.saveIndex(onProgress);
  }

  #maintain<T>(operation: string, run: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closed(operation));
    const result = this.#maintenance.then(run).catch((error) => {
      throw error instanceof StorageError ? error : ioError(operation, error);
    });
    this.#maintenance = result.catch(() => {});
    return result;
  }

  /** What is to be done now and then. */
  #tick(): void {
    const { writer, space } = this.#log;
    if (writer.poison !== null || this.#closing !== null) return;
    const elapsed = performance.now() - writer.commits.lastAt + this.#tickMs / 2;
    if (this.#options.durability === "interval" && writer.isDirty && elapsed > this.#options.commitIntervalMs) {
      writer.commit().catch(() => {}); // the next write tells
    }
    if (this.#isMaintaining) return;
    const written = space.segments.bytesWritten - this.#savedAt;
    const isIndexOld = written > Math.max(SAVE_INDEX_BYTES, SAVE_INDEX_FACTOR * space.core.stats().indexBytes);
    const wantsCompaction = this.#options.compaction && this.#log.wantsCompaction;
    if (!isIndexOld && !wantsCompaction && space.clearedAt === null) return;
    this.#isMaintaining = true;
    this.#maintain("maintain", async () => {
      await this.#log.dropCleared();
      if (wantsCompaction) await this.#log.compactSome();
      if (isIndexOld) await this.#saveIndex();
      this.#maintenanceError = null;
    }).then(() => true, (error) => void (this.#maintenanceError = error)).then((isDone) => {
      this.#isMaintaining = false;
      if (isDone && wantsCompaction) this.#tick();
    });
  }

  /** Why the last maintenance that began on its own has failed; `null` when it has not. */
  get maintenanceError(): unknown {
    return this.#maintenanceError ?? this.#log.space.careError;
  }

  /**
   * Commits, saves the index and closes the files. The directory can be opened again then, whatever comes of it: `POISONED` when
   * writes could not be committed, and are lost, `UNAVAILABLE` when something else went wrong that lost nothing.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close().catch((error) => {
      throw error instanceof StorageError ? error : ioError("close storage", error);
    });
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#inner.isChanging) await undefined;
    this.#finishWaiting();
    this.#log.space.isClosed = true;
    this.#log.stop(CLOSING_BYTES);
    await this.#maintenance;
    const { writer, space } = this.#log;
    try {
      if (writer.poison === null && this.#options.compaction && this.#log.wantsCompaction) {
        await this.#log.compactSome().catch((error) => void (this.#maintenanceError = error));
      }
      // What is lost must be told here, if no other call has.
      if (writer.poison === null || !writer.isSettled) await writer.commit();
      if (writer.poison === null && space.segments.bytesWritten > this.#savedAt) await this.#log.saveIndex();
    } finally {
      await this.#log.close();
    }
  }

  /** Closes the store at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #finishWaiting(): void {
    if (!this.#tickets.isEmpty) this.#tickets.finishAll();
  }

  #assertOpen(operation: string): void {
    if (this.#closing !== null) throw closed(operation);
  }

  /** Does what a call does that only reads. */
  #read<T>(keys: readonly Key[] | null, step: () => T, signal: AbortSignal | undefined): Promise<T> {
    try {
      const result = this.#attempt(keys, step, signal);
      return result instanceof Ticket ? result.promise : Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Does what a call does that writes; under `"always"` it ends when that is on the disk. */
  #write<T>(keys: readonly Key[] | null, step: () => T, signal: AbortSignal | undefined): Promise<T> {
    try {
      const { writer } = this.#log;
      writer.assertSound();
      const result = this.#attempt(keys, step, signal);
      if (!(result instanceof Ticket)) {
        if (this.#isAlways) return writer.committed(result);
        return (++this.#writes & CLOCK_MASK) === 0 ? this.#inTurn(result) : Promise.resolve(result);
      }
      return result.promise.then((value) => {
        writer.assertSound(); // it may have failed while the call waited
        return this.#isAlways ? writer.committed(value) : value;
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Whoever awaits calls that need no disk lets nothing else run: no timer, no write behind. So now and then one of them lets others
   * have their turn.
   */
  async #inTurn<T>(result: T): Promise<T> {
    await this.#log.keepPace();
    if (performance.now() - this.#lastTurn > TURN_MS) {
      await pause();
      this.#lastTurn = performance.now();
    }
    return result;
  }

  /** Whether a commit should have been long ago, but its timer has had no turn. */
  #isOverdue(): boolean {
    const { commits } = this.#log.writer;
    return this.#options.durability === "interval" &&
      performance.now() - commits.lastAt > this.#options.commitIntervalMs * 2;
  }

  /** Does what a call does at once, or takes a ticket for it. */
  #attempt<T>(keys: readonly Key[] | null, step: () => T, signal: AbortSignal | undefined): T | Ticket<T> {
    signal?.throwIfAborted();
    if (!this.#tickets.isEmpty && !this.#inner.isChanging && this.#tickets.isHeld(keys)) {
      return this.#tickets.take(keys, step, signal);
    }
    const { space } = this.#log;
    // A call made by a function that runs within a transaction does as that does, and if it has to wait, waits for its end.
    if (!space.isTransacting) space.mayBlock = this.#readsBlocking();
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Miss)) throw error;
      const canBlock = space.mayBlock && !space.isTransacting;
      return canBlock ? space.runAgain(step, error) : this.#tickets.take(keys, step, signal, error);
    }
  }

  #readsBlocking(): boolean {
    const { io } = this.#options;
    if (io !== "adaptive") return io === "blocking";
    return !this.#log.space.readsSlowly || ++this.#calls % PROBE_CALLS === 0;
  }

  static {
    for (const name of Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]) {
      const writes = isWrite(name);
      const hasManyKeys = MANY_KEYS.test(name);
      Object.defineProperty(this.prototype, name, {
        value(this: HybridLogStore, ...args: unknown[]): Promise<unknown> {
          const { signal } = (args.at(-1) as CallOptions | null | undefined) ?? {};
          const keys = hasManyKeys ? null : [args[0] as Key];
          const step = () => (this.#inner[name] as (...args: unknown[]) => unknown)(...args);
          return writes ? this.#write(keys, step, signal) : this.#read(keys, step, signal);
        },
        writable: true,
        configurable: true,
      });
    }
  }
}

function closed(operation: string): StorageError {
  return new StorageError("CLOSED", `Cannot ${operation}: the store has been closed`);
}

function checkPath(operation: string, path: string | undefined): asserts path is string {
  if (typeof path === "string" && path !== "") return;
  throw new StorageError(
    path === undefined ? "CONFIG" : "WRONG_TYPE",
    `Cannot ${operation}: expected the path of a directory, received ${describe(path)}`,
  );
}
