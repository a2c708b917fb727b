import type { Core } from "../core/core.ts";
import { StorageError } from "../errors.ts";
import { pause } from "../runtime/pause.ts";
import { isOlder, newest } from "./addresses.ts";
import type { Segments } from "./segments.ts";

/** Sealed bytes on their way to a file. */
interface Chunk {
  address: number;
  /** Everything up to here is sealed with it. */
  end: number;
  bytes: Uint8Array;
  isWritten: boolean;
  /** Whether it is being written asynchronously. */
  isUnderWay: boolean;
  done: Promise<void>;
}

/** Callers that wait for one commit. */
interface Group {
  promise: Promise<void>;
  size: number;
  /** The same for those who then answer `true`, as most writes do: they share it. */
  trues: Promise<true> | null;
  resolve(): void;
  reject(error: unknown): void;
}

/** Chunks that are being written at a time. */
const MAX_CHUNKS = 8;
/** A write of so many bytes to the page cache takes some 50 µs. */
const SHORT_BYTES = 160 * 1024;
/** Sealing for longer than that without a pause could be felt. */
const SLICE_MS = 1;
/**
 * Callers are waited for until so many rounds of microtasks have brought no other one: some of a turn come to their call by way of more
 * promises than others do. A caller that is alone waits some two microseconds longer for that.
 */
const QUIET_ROUNDS = 16;
/** Who writes and does not wait must not keep the others waiting for ever. */
const MOST_ROUNDS = 1024;
/** While callers are waited for, every so many look at the clock. */
const CLOCK_MASK = 31;
/** A sync may have been waited for longer than it took: the shortest of the last ones counts, and this much more each time. */
const SYNC_GROWTH = 1.05;

/** Times of commits, in milliseconds. */
export interface CommitTimes {
  count: number;
  totalMs: number;
  longestMs: number;
  /** When the last one was there, or the log was opened, by performance.now(). */
  lastAt: number;
}

/**
 * Takes what is read-only to the files, and commits. At most one commit is under way; whoever asks meanwhile shares the next
 * one. After an error nothing is written any more: what is on the disk then is not known.
 */
export class Writer {
  /** Everything before this address is in files. */
  written: number;
  /** Everything before this address is on the disk: the end of the last commit. */
  durable: number;
  /** Why nothing can be written any more. */
  poison: StorageError | null = null;
  /** What a commit waits for before it begins. */
  keepPace: () => Promise<void> | null = () => null;
  readonly commits: CommitTimes = { count: 0, totalMs: 0, longestMs: 0, lastAt: performance.now() };
  readonly #core: Core;
  readonly #segments: Segments;
  /** Gets so many frames. */
  readonly #makeFrames: (frames: number) => void;
  /** Chunks that are not known to be written, in the order of their addresses. */
  #chunks: Chunk[] = [];
  #committed: number;
  /** Buffers of a page that are free. */
  readonly #buffers: Uint8Array<ArrayBuffer>[] = [];
  /** A commit is wanted though nothing has been written. */
  #isWanted = false;
  #group: Group | null = null;
  /** A commit that began while callers were still waited for. */
  #begun: { group: Group; done: Promise<void> } | null = null;
  /** How often a commit was asked for. */
  #requests = 0;
  #isCommitting = false;
  /** Since when callers are waited for; 0 when they are not. */
  #gatheringSince = 0;
  /** What a sync takes. */
  #syncMs = Infinity;
  /** What a caller does between two commits, in milliseconds of this thread. */
  #callerMs = 0;
  #flushing: Promise<void> | null = null;
  /** Is called when something has been written. */
  #onWritten: () => void = () => {};

  constructor(core: Core, segments: Segments, makeFrames: (frames: number) => void) {
    this.#core = core;
    this.#segments = segments;
    this.#makeFrames = makeFrames;
    this.written = this.durable = this.#committed = core.calls.tailAddress();
    segments.writtenUntil = this.written;
  }

  /** Whether there is anything that the last commit does not cover. */
  get isDirty(): boolean {
    return this.#isWanted || this.#core.calls.tailAddress() !== this.#committed;
  }

  /** Whether everything written is on the disk. */
  get isSettled(): boolean {
    return !this.isDirty && this.durable === this.#committed;
  }

  /** Seals what comes next of what is read-only; `null` when nothing does. */
  #seal(): Chunk | null {
    const { calls, bytes } = this.#core;
    const length = calls.sealSome();
    if (length === 0) return null;
    const bench = calls.sealBench.value >>> 0;
    const buffer = this.#buffers.pop() ?? new Uint8Array(this.#core.frameBytes);
    buffer.set(bytes.subarray(bench, bench + length));
    const chunk = {
      address: calls.firstSealed(),
      end: calls.sealedUntil(),
      bytes: buffer.subarray(0, length),
      isWritten: false,
      isUnderWay: false,
      done: Promise.resolve(),
    };
    this.#chunks.push(chunk);
    return chunk;
  }

  /** A chunk's buffer is free again: nobody writes from it any more. */
  #release(chunk: Chunk): void {
    if (this.#buffers.length < MAX_CHUNKS) this.#buffers.push(new Uint8Array(chunk.bytes.buffer as ArrayBuffer));
  }

  #noteWritten(chunk: Chunk): void {
    chunk.isWritten = true;
    while (this.#chunks.length > 0 && this.#chunks[0].isWritten) {
      this.written = newest(this.written, this.#chunks.shift()!.end);
      this.#segments.writtenUntil = this.written;
    }
    this.#onWritten();
  }

  /** Notes why nothing can be written any more. */
  fail(error: unknown): StorageError {
    if (this.poison === null) {
      const reason = error instanceof Error ? error.message : String(error);
      this.poison = new StorageError(
        "POISONED",
        `Cannot write: writing to ${this.#segments.directory} has failed, so what is on the disk is not known; ` +
          `close the store and open it again to go on from its last commit: ${reason}`,
        { cause: error },
      );
    }
    return this.poison;
  }

  assertSound(): void {
    if (this.poison !== null) throw this.poison;
  }

  /** Writes all that is read-only to the files, without a sync. */
  flush(): Promise<void> {
    return this.#flushing ??= this.#flushAll().finally(() => this.#flushing = null);
  }

  get isFlushing(): boolean {
    return this.#flushing !== null;
  }

  async #flushAll(): Promise<void> {
    for (let sliceStart = performance.now(); this.poison === null;) {
      const chunk = this.#seal();
      if (chunk === null) break;
      const isSliceOver = performance.now() - sliceStart > SLICE_MS;
      // A short one is written before the system would have told another thread to do it.
      if (chunk.bytes.length <= SHORT_BYTES && this.#chunks.length === 1 && !isSliceOver) {
        this.#writeNow(chunk);
        continue;
      }
      chunk.isUnderWay = true;
      chunk.done = this.#segments.write(chunk.address, chunk.bytes).then(
        () => {
          this.#noteWritten(chunk);
          this.#release(chunk);
        },
        (error) => void this.fail(error),
      );
      if (this.#chunks.length >= MAX_CHUNKS) await this.#chunks[0].done;
      if (isSliceOver) {
        await pause();
        sliceStart = performance.now();
      }
    }
    while (this.#chunks.length > 0 && this.poison === null) await this.#chunks[0].done;
    this.assertSound();
  }

  #writeNow(chunk: Chunk): void {
    try {
      this.#writeSync(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * The same before it returns, for all that is read-only or the first `limitBytes` of it. What is being written already is written
   * once more: the bytes are the same.
   */
  flushSync(limitBytes: number = Infinity): void {
    this.assertSound();
    let left = limitBytes;
    try {
      while (left > 0) {
        const chunk = this.#chunks[0] ?? this.#seal();
        if (chunk === null) return;
        left -= chunk.bytes.length;
        this.#writeSync(chunk);
      }
    } catch (error) {
      throw this.fail(error);
    }
  }

  #writeSync(chunk: Chunk): void {
    if (!chunk.isWritten) this.#segments.writeSync(chunk.address, chunk.bytes);
    this.#noteWritten(chunk);
    if (!chunk.isUnderWay) this.#release(chunk);
  }

  #writeCommit(): number {
    this.#makeFrames(this.#core.calls.framesToCommit());
    this.#isWanted = false;
    return this.#committed = this.#core.calls.writeCommit(this.durable, Date.now());
  }

  /** Resolves to `value` when everything up to this call is on the disk. */
  committed<T>(value: T): Promise<T> {
    const done = this.commit();
    if (value !== true || this.#group === null) return done.then(() => value);
    return (this.#group.trues ??= done.then(() => true as const)) as Promise<T & true>;
  }

  /** Commits even if nothing has been written: for what the commit itself says. */
  commitAgain(): Promise<void> {
    this.#isWanted = true;
    return this.commit();
  }

  /** Resolves when everything up to this call is on the disk. */
  commit(): Promise<void> {
    if (this.poison !== null) return Promise.reject(this.poison);
    this.#requests++;
    if (this.#group === null) {
      if (!this.isDirty && !this.#isCommitting) return Promise.resolve();
      this.#group = newGroup();
      if (!this.#isCommitting) void this.#runCommits();
    }
    const { promise } = this.#group;
    this.#group.size++;
    if ((this.#requests & CLOCK_MASK) === 0 && this.#gatheringSince !== 0) this.#beginEarly();
    return promise;
  }

  async #runCommits(): Promise<void> {
    this.#isCommitting = true;
    for (let last = 0;;) {
      if (!this.#isWorthHalving(last)) await this.#gather();
      await this.keepPace();
      const begun = this.#begun ?? this.#begin();
      if (begun === null) break;
      this.#begun = null;
      last = begun.group.size;
      try {
        await begun.done;
        begun.group.resolve();
      } catch (error) {
        begun.group.reject(error);
      }
    }
    this.#isCommitting = false;
  }

  #begin(): { group: Group; done: Promise<void> } | null {
    const group = this.#group;
    if (group === null) return null;
    this.#group = null;
    const done = this.#commitOnce();
    done.catch(() => {}); // told later
    return { group, done };
  }

  /**
   * Lets whoever calls in the same turn share a commit. After one, those that it has kept waiting call again, and share the next
   * with those that have waited meanwhile: otherwise each half would wait for the other's commits for ever.
   */
  async #gather(): Promise<void> {
    const first = this.#requests;
    const since = this.#gatheringSince = performance.now();
    for (let round = 0, quiet = 0, requests = first; quiet < QUIET_ROUNDS && round < MOST_ROUNDS; round++, quiet++) {
      await undefined;
      if (this.#begun !== null) break;
      if (this.#requests !== requests) quiet = 0;
      requests = this.#requests;
    }
    this.#gatheringSince = 0;
    const callers = this.#requests - first;
    if (callers > CLOCK_MASK) this.#callerMs = (performance.now() - since) / callers;
  }

  /**
   * Where all that callers do between two commits takes longer than a sync, two halves of them, each of which goes on while the other
   * waits for its sync, get further than all together. `last` have just been told that they may go on.
   */
  #isWorthHalving(last: number): boolean {
    return this.#group !== null && this.#syncMs < (last + this.#group.size) * this.#callerMs;
  }

  /** The first half is those that have called within the time of a sync. */
  #beginEarly(): void {
    if (this.#begun === null && performance.now() - this.#gatheringSince > this.#syncMs) this.#begun = this.#begin();
  }

  async #commitOnce(): Promise<void> {
    this.assertSound();
    if (this.isSettled) return;
    const start = performance.now();
    // If there is no room for it in memory, nothing is wrong with the files.
    const end = this.isDirty ? this.#writeCommit() : this.#committed;
    try {
      const writing = this.#write(end);
      if (writing !== null) await writing;
      const syncing = performance.now();
      await this.#segments.sync();
      this.#syncMs = Math.min(performance.now() - syncing, this.#syncMs * SYNC_GROWTH);
    } catch (error) {
      throw this.fail(error);
    }
    this.#note(end, start);
  }

  /**
   * Resolves when everything before `end` is in the files. A flush goes on for as long as others write more, so its end is not waited
   * for; and what was being flushed may have begun before the commit was written. `null` when all was short, and is written.
   */
  #write(end: number): Promise<void> | null {
    const flushed = this.flush();
    if (this.poison === null && !isOlder(this.written, end)) return null;
    return this.#waitForWritten(end, flushed);
  }

  async #waitForWritten(end: number, flushed: Promise<void>): Promise<void> {
    for (; this.poison !== null || isOlder(this.written, end); flushed = this.flush()) {
      await Promise.race([flushed, new Promise<void>((resolve) => this.#onWritten = resolve)]);
      this.assertSound();
    }
  }

  commitSync(): void {
    this.assertSound();
    if (this.isSettled) return;
    const start = performance.now();
    const end = this.isDirty ? this.#writeCommit() : this.#committed;
    this.flushSync();
    try {
      this.#segments.syncSync();
    } catch (error) {
      throw this.fail(error);
    }
    this.#note(end, start);
  }

  #note(end: number, start: number): void {
    this.durable = newest(this.durable, end);
    this.commits.lastAt = performance.now();
    const took = this.commits.lastAt - start;
    this.commits.count++;
    this.commits.totalMs += took;
    this.commits.longestMs = Math.max(this.commits.longestMs, took);
  }
}

function newGroup(): Group {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {}); // a commit that nobody waits for shows in the next write
  return { promise, size: 0, trues: null, resolve, reject };
}
