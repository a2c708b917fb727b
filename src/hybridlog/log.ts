import { fromHex, toHex } from "../bytes.ts";
import { Core } from "../core/core.ts";
import { quote, StorageError } from "../errors.ts";
import type { FileSystem, Lock } from "../runtime/files.ts";
import { formatSize } from "../size.ts";
import { bytesBetween, firstRecordOf, Grid, isOlder, newest } from "./addresses.ts";
import { copySegments } from "./checkpoint.ts";
import { moveLive } from "./compaction.ts";
import { loadIndex, saveIndex } from "./index_file.ts";
import { FORMAT, type Manifest, readManifest, removeManifest, writeManifest } from "./manifest.ts";
import { Pace } from "./pace.ts";
import { defaultModule } from "../core/module.ts";
import { type OnProgress, Progress } from "./progress.ts";
import { findEnd, type LogEnd, replayLog } from "./recovery.ts";
import { Segments } from "./segments.ts";
import { HybridSpace, longestLog, SEGMENTS } from "./space.ts";
import { Writer } from "./writer.ts";

/** How a log is opened; sizes in bytes. */
export interface LogOptions {
  directory: string;
  mutableBytes: number;
  /** All the memory: for what is mutable, for what is read-only, for the read cache and the index. */
  memoryBytes: number;
  segmentBytes: number;
  /** `null` for as much as makes sense. */
  indexBytes: number | null;
  files: FileSystem;
  module?: WebAssembly.Module;
  onProgress?: OnProgress;
  /** The number of a new log's first page; for tests of addresses that wrap. */
  firstPage?: number;
  /** How long the log may become; for tests of what happens then. */
  longestBytes?: number;
}

/** What opening has found. */
export interface Recovery {
  /** Bytes behind the last commit, which were cut off. */
  cutBytes: number;
  /** Records that were read. */
  replayedRecords: number;
  /** Whether the index was loaded from a file. */
  usedIndexFile: boolean;
  /** What it took, in milliseconds. */
  durationMs: number;
}

/** Frames for what is neither log nor index: three benches and one spare. */
const EXTRA_FRAMES = 4;
/** A log works with this many frames at least. */
const MIN_FRAMES = 40;
/** Frames that are left to what is neither mutable nor index. */
const LEFT_FRAMES = 10;
/** The index may take this share of what is not mutable, if nothing is said. */
const INDEX_SHARE = 7 / 8;
/** The log is compacted on its own when this share of it is garbage, and has more than so many segments. */
const GARBAGE_SHARE = 0.6;
const LEAST_SEGMENTS = 4;
const MOST_EPOCHS = 100;
/** At a time so many of them are, or a share: of a log that has become much too long, more. */
const COMPACT_SEGMENTS = 2;
const COMPACT_SHARE = 1 / 4;

/** A log on files that is open: its core, its files, and what keeps them in order. */
export class Log {
  readonly space: HybridSpace;
  readonly writer: Writer;
  readonly recovery: Recovery;
  readonly options: LogOptions;
  readonly #manifest: Manifest;
  readonly #lock: Lock;
  /** Compactions that came to an end. */
  compactions = 0;
  readonly #pace: Pace = new Pace();
  #pacedUntil: number;
  /** Whether compaction waits for a commit, which must not wait for compaction. */
  #isCommitting = false;
  /** How many bytes compaction may still go over. */
  #mayCompact = Infinity;

  private constructor(
    options: LogOptions,
    space: HybridSpace,
    manifest: Manifest,
    lock: Lock,
    recovery: Recovery,
  ) {
    this.options = options;
    this.space = space;
    this.writer = space.writer;
    this.#manifest = manifest;
    this.#lock = lock;
    this.recovery = recovery;
    this.#pacedUntil = space.core.calls.tailAddress();
    this.writer.keepPace = () => this.#isCommitting ? null : this.keepPace();
  }

  /** Opens a directory, which is made if there is none, and recovers what was committed in it. */
  static async open(options: LogOptions): Promise<Log> {
    const { files, directory } = options;
    await files.makeDirectory(directory);
    const lock = await files.lock(directory);
    try {
      const found = await readManifest(files, directory);
      if (found === null) await refuseOrphans(files, directory);
      const manifest = found ?? newManifest(options);
      return await Log.#openWith(options, manifest, lock);
    } catch (error) {
      await lock.release().catch(() => {}); // the first error says more
      throw error;
    }
  }

  static async #openWith(options: LogOptions, manifest: Manifest, lock: Lock): Promise<Log> {
    const { files, directory } = options;
    const started = performance.now();
    const segments = new Segments(files, directory, manifest.segmentBytes, manifest.generation);
    try {
      await segments.openAll(true);
      const { core, end, syncedUntil, cutBytes, usedIndexFile } = await recover(options, manifest, segments);
      await segments.cut(end);
      // From here on what was found counts as committed, so it must be on the disk. After a sync that failed, systems take
      // what they hold in memory for written: only writing it again gets it there.
      if (!manifest.isClosed) {
        await segments.writeAgain(syncedUntil, end);
        await segments.syncFrom(manifest.epochs.at(-1)!.from);
      }
      beginEpoch(manifest, end, core.frameBytes);
      await writeManifest(files, directory, manifest);
      await segments.removeOthers();
      await removeLeftovers(files, directory, manifest);
      const epoch = manifest.epochs.at(-1)!;
      const indexFrames = indexFramesOf(options, core.frameBytes);
      clearOldAccounts(core, segments.grid, manifest.begin, epoch.from);
      const isOpen = core.calls.startAt(epoch.from / (core.frameBytes / 8), epoch.number);
      if (isOpen === 0) throw tooSmall(options, core.frameBytes);
      const space = new HybridSpace(core, segments, manifest.epochs, {
        mutableBytes: options.mutableBytes,
        indexFrames,
      });
      space.writer = new Writer(core, segments, (frames) => space.makeFrames(frames));
      return new Log(options, space, manifest, lock, {
        cutBytes,
        replayedRecords: core.calls.replayed.value,
        usedIndexFile,
        durationMs: performance.now() - started,
      });
    } catch (error) {
      await segments.close();
      throw error;
    }
  }

  /**
   * Checks a directory that nobody has open: all that was committed in it, whose end it returns. `CORRUPT` when something is
   * damaged.
   */
  static async verify(options: LogOptions, manifest: Manifest): Promise<number> {
    const segments = new Segments(options.files, options.directory, manifest.segmentBytes, manifest.generation);
    try {
      await segments.openAll(false);
      return (await recover(options, { ...manifest, index: null }, segments)).end;
    } finally {
      await segments.close();
    }
  }

  get generation(): number {
    return this.#manifest.generation;
  }

  /** Opens files of another generation in the same directory, which count from then on. This one is good until `letGo`. */
  async openNext(manifest: Manifest): Promise<Log> {
    try {
      return await Log.#openWith(this.options, manifest, this.#lock);
    } catch (error) {
      // Where the other one may count already, nothing can be acknowledged here any more.
      const saved = await readManifest(this.options.files, this.options.directory).catch(() => null);
      if (saved?.generation !== this.generation) this.writer.fail(error);
      throw error;
    }
  }

  /** Ends what is under way and closes the files, of which another log has taken the place. */
  async letGo(): Promise<void> {
    this.stop();
    await this.writer.commit().catch(() => {}); // whoever waits for it is told
    await this.space.segments.close().catch(() => {}); // nothing in them counts any more
  }

  /** Compaction ends where it is, or when it has gone over so many bytes more. */
  stop(afterBytes: number = 0): void {
    this.#mayCompact = afterBytes;
    this.#pace.release();
  }

  /** Bytes from begin to tail. */
  get logBytes(): number {
    const { calls } = this.space.core;
    return bytesBetween(calls.beginAddress(), calls.tailAddress());
  }

  /** Live bytes of all segments, as of now. What overwrites of records that were not read have replaced is estimated. */
  liveBytes(): number {
    const now = Date.now();
    let live = 0;
    for (const number of this.#segmentNumbers()) live += this.space.liveBytesOf(number, now);
    return Math.max(0, live);
  }

  #segmentNumbers(): number[] {
    const { calls } = this.space.core;
    const { grid } = this.space.segments;
    const numbers: number[] = [];
    const last = grid.startOf(calls.tailAddress());
    for (let start = grid.startOf(calls.beginAddress());; start = grid.nextOf(start)) {
      numbers.push(grid.numberOf(start));
      if (start === last) return numbers;
    }
  }

  /** How many segments there are, from begin to tail. */
  get segmentCount(): number {
    return this.#segmentNumbers().length;
  }

  /** How many times as long the log is as it should be. */
  get #excess(): number {
    const least = LEAST_SEGMENTS * this.space.segments.grid.bytes;
    return this.logBytes / Math.max(least, this.liveBytes() / (1 - GARBAGE_SHARE));
  }

  /** Whether so much is garbage that compacting pays, or a small log has been opened so often that the manifest is long. */
  get wantsCompaction(): boolean {
    if (this.segmentCount > LEAST_SEGMENTS) return this.#excess > 1;
    return this.#manifest.epochs.length > MOST_EPOCHS;
  }

  /** Compacts a part of the log that is large enough to pay. */
  compactSome(): Promise<void> {
    return this.compact(undefined, Math.max(COMPACT_SEGMENTS, Math.floor(this.segmentCount * COMPACT_SHARE)));
  }

  /** Waits until compaction has kept up with what was written since the last time; `null` where it has. */
  keepPace(): Promise<void> | null {
    const tail = this.space.core.calls.tailAddress();
    const bytes = bytesBetween(this.#pacedUntil, tail);
    this.#pacedUntil = tail;
    return this.#pace.wait(bytes);
  }

  /**
   * Moves what is live in the oldest part of the log to its tail, and removes that part: all that was there at the time of the call,
   * or, with `segments`, so many segments of it.
   */
  async compact(onProgress?: OnProgress, segments: number = Infinity): Promise<void> {
    const { space, writer } = this;
    writer.assertSound();
    if (segments !== Infinity) return await this.#compactUntil(this.#endOf(segments), onProgress);
    const { calls } = space.core;
    const until = space.beginPage();
    // Of the last segment only a part goes: what stays is counted again.
    calls.beginRecount(until);
    let isOver = false;
    try {
      await this.#compactUntil(until, onProgress);
      isOver = !isOlder(calls.beginAddress(), until);
    } finally {
      calls.endRecount(isOver);
    }
  }

  /** Where so many of the oldest segments end. */
  #endOf(segments: number): number {
    let end = this.space.core.calls.beginAddress();
    for (let i = 0; i < segments; i++) end = this.space.segments.grid.nextOf(end);
    return end;
  }

  async #compactUntil(end: number, onProgress: OnProgress | undefined): Promise<void> {
    // From here on, who writes does not outrun it: not while it waits for a commit either.
    this.#pace.advance(0, this.#excess);
    try {
      await this.#commit();
      await this.#moveUntil(end, onProgress);
    } finally {
      this.#pace.release();
    }
  }

  async #commit(): Promise<void> {
    this.#isCommitting = true;
    this.#pace.letGo();
    try {
      await this.writer.commit();
    } finally {
      this.#isCommitting = false;
    }
  }

  async #moveUntil(end: number, onProgress: OnProgress | undefined): Promise<void> {
    const { space, writer } = this;
    const { calls } = space.core;
    const written = space.pages.startOf(writer.durable);
    const until = isOlder(end, written) ? end : written;
    if (!isOlder(calls.beginAddress(), until)) return;
    const from = newest(calls.beginAddress(), calls.goneOverAddress());
    const progress = new Progress("compact", onProgress);
    const bytes = isOlder(from, until) ? bytesBetween(from, until) : 0;
    const isOver = bytes === 0 || await moveLive(space, from, until, progress, {
      isStopped: () => this.#mayCompact <= 0,
      onSlice: (bytes) => {
        this.#mayCompact -= bytes;
        this.#pace.advance(bytes, this.#excess);
      },
    });
    if (!isOver) return;
    await this.#commit();
    await this.#moveBegin(firstRecordOf(until));
    this.compactions++;
  }

  /** Removes the files of what a `clear` that is on the disk has made void. */
  async dropCleared(): Promise<void> {
    const { space, writer } = this;
    const { clearedAt } = space;
    if (clearedAt === null || !isOlder(clearedAt, writer.durable)) return;
    await this.#moveBegin(clearedAt);
    if (space.clearedAt === clearedAt) space.clearedAt = null;
  }

  /** Forgets what lies before `begin`: first on the disk, then in memory, then the files. */
  async #moveBegin(begin: number): Promise<void> {
    const { space } = this;
    const { calls } = space.core;
    const { grid } = space.segments;
    const old = this.#manifest.begin;
    if (!isOlder(old, begin)) return; // a compaction may have gone past a `clear`
    // Until it lasts, what lies before is still read, and with the epochs of before.
    const next: Manifest = structuredClone(this.#manifest);
    next.begin = begin;
    next.durable = space.writer.durable;
    dropOldEpochs(next, begin);
    if (next.index !== null && isOlder(next.index.replayFrom, begin)) next.index.replayFrom = begin;
    await writeManifest(this.options.files, this.options.directory, next);
    this.#manifest.begin = begin;
    this.#manifest.durable = next.durable;
    this.#manifest.index = next.index;
    if (isOlder(calls.beginAddress(), begin)) calls.moveBegin(begin);
    dropOldEpochs(this.#manifest, begin);
    for (let start = grid.startOf(old); start !== grid.startOf(begin); start = grid.nextOf(start)) {
      calls.clearAccount(start);
    }
    await space.segments.removeBefore(begin);
  }

  #saveManifest(): Promise<void> {
    return writeManifest(this.options.files, this.options.directory, this.#manifest);
  }

  /** Saves the index, so that opening has less to read. */
  async saveIndex(onProgress?: OnProgress): Promise<void> {
    const { space, writer, options } = this;
    const { calls } = space.core;
    const replayFrom = calls.tailAddress();
    calls.noteAllRows();
    const file = `index-${replayFrom.toString(16)}-${this.#manifest.epochs.at(-1)!.number}.idx`;
    const path = `${options.directory}/${file}`;
    await saveIndex(space.core, options.files, path, this.#manifest.frameBits, new Progress("index", onProgress));
    // What an entry leads to must be in the log before the file counts, and so must be what only commits say.
    await writer.commitAgain();
    const old = this.#manifest.index;
    const { begin } = this.#manifest;
    this.#manifest.index = { file, replayFrom: newest(replayFrom, begin) };
    this.#manifest.durable = writer.durable;
    await this.#saveManifest();
    if (old !== null && old.file !== file) await options.files.remove(`${options.directory}/${old.file}`);
  }

  /** Makes a directory that opens as this one is now. */
  async checkpoint(path: string, onProgress?: OnProgress): Promise<void> {
    const { space, writer, options } = this;
    await writer.commit();
    const end = writer.durable;
    const manifest: Manifest = structuredClone(this.#manifest);
    closeEpoch(manifest, end);
    manifest.isClosed = true;
    await assertEmpty(options.files, path);
    try {
      await copySegments(options.files, space.segments, path, end, new Progress("checkpoint", onProgress));
      // Without a manifest, what is there must show that something is missing.
      await options.files.syncDirectory(path);
      if (manifest.index !== null) {
        const { file } = manifest.index;
        try {
          await options.files.link(`${options.directory}/${file}`, `${path}/${file}`);
        } catch {
          manifest.index = null; // the log has everything
        }
      }
      await writeManifest(options.files, path, manifest);
    } catch (error) {
      await removeManifest(options.files, path)
        .then(() => options.files.removeDirectory(path))
        .catch(() => {}); // the first error says more
      throw error;
    }
  }

  /** Commits, closes all files and lets go of the directory, whatever comes of it. */
  async close(): Promise<void> {
    this.stop();
    try {
      if (this.writer.poison === null) {
        await this.writer.commit();
        closeEpoch(this.#manifest, this.writer.durable);
        this.#manifest.isClosed = true;
        await this.#saveManifest();
      }
    } finally {
      try {
        await this.space.segments.close();
      } finally {
        await this.#lock.release();
      }
    }
  }
}

/** A commit may count what lay in segments that have been removed since. */
function clearOldAccounts(core: Core, segments: Grid, begin: number, end: number): void {
  const first = segments.numberOf(begin);
  const count = segments.numberOf(bytesBetween(segments.startOf(begin), end) / 8) + 1;
  for (let number = first + count; number < first + SEGMENTS; number++) {
    core.calls.clearAccount(segments.startOfNumber(number));
  }
}

/** Without its manifest a log cannot be read: taking the directory for an empty one would lose it. */
async function refuseOrphans(files: FileSystem, directory: string): Promise<void> {
  const segment = (await files.list(directory)).find((name) => /\.(log|idx|copy)$/.test(name));
  if (segment === undefined) return;
  throw new StorageError(
    "CORRUPT",
    `Cannot open storage: ${quote(directory)} has ${segment} but no MANIFEST; repair() may find a copy of it`,
  );
}

async function assertEmpty(files: FileSystem, path: string): Promise<void> {
  const names = await files.list(path).catch(() => []); // there is no such directory yet
  if (names.length === 0) return;
  throw new StorageError("UNAVAILABLE", `Cannot checkpoint: there is ${quote(names[0])} in ${quote(path)}`);
}

function newManifest(options: LogOptions): Manifest {
  const hashKey = crypto.getRandomValues(new Uint8Array(16));
  const frameBits = Math.min(20, Math.max(17, Math.round(Math.log2(options.memoryBytes / 1024))));
  const from = (options.firstPage ?? 0) * (2 ** frameBits / 8);
  return {
    format: FORMAT,
    hashKey: toHex(hashKey),
    frameBits,
    segmentBytes: Math.max(options.segmentBytes, 2 ** frameBits),
    generation: 1,
    begin: firstRecordOf(from),
    epochs: [{ number: 0, from, until: firstRecordOf(from) }],
    index: null,
    durable: null,
    isClosed: true,
  };
}

export function coreFor(options: LogOptions, manifest: Manifest): Core {
  const frameBytes = 2 ** manifest.frameBits;
  if (options.memoryBytes < frameBytes * (MIN_FRAMES + EXTRA_FRAMES)) throw tooSmall(options, frameBytes);
  const core = new Core({
    maxBytes: options.memoryBytes,
    tracksReads: true,
    module: () => options.module ?? defaultModule(),
    segments: SEGMENTS,
    frameBits: manifest.frameBits,
    hashKey: fromHex(manifest.hashKey),
  });
  const indexFrames = indexFramesOf(options, frameBytes);
  const isOpen = core.calls.openTiers(Math.log2(manifest.segmentBytes), manifest.begin, indexFrames, Date.now());
  if (isOpen === 0) throw tooSmall(options, frameBytes);
  core.calls.limitLog(options.longestBytes ?? longestLog(manifest.segmentBytes));
  return core;
}

/** How many frames the index may take: beside it and what is mutable, a commit, a step and compaction need some. */
export function indexFramesOf({ indexBytes, memoryBytes, mutableBytes }: LogOptions, frameBytes: number): number {
  const most = Math.floor((memoryBytes - mutableBytes) / frameBytes) - LEFT_FRAMES;
  if (indexBytes === null) {
    return Math.max(2, Math.min(most, Math.floor((memoryBytes - mutableBytes) * INDEX_SHARE / frameBytes)));
  }
  const frames = Math.floor(indexBytes / frameBytes);
  if (frames <= most) return Math.max(2, frames);
  throw new StorageError(
    "CONFIG",
    `Cannot open storage: indexSize must be ${formatSize(most * frameBytes)} or less, as readonlySize has to hold ` +
      `${formatSize(LEFT_FRAMES * frameBytes)} beside the index, received ${formatSize(indexBytes)}`,
  );
}

function tooSmall(options: LogOptions, frameBytes: number): StorageError {
  return new StorageError(
    "CONFIG",
    `Cannot open storage: mutableSize and readonlySize are ${
      formatSize(options.memoryBytes)
    } together, and the log in ${quote(options.directory)} needs ${
      formatSize(frameBytes * (MIN_FRAMES + EXTRA_FRAMES))
    } at least, as its pages are of ${formatSize(frameBytes)}`,
  );
}

/** Builds the index of what is in the files. */
async function recover(
  options: LogOptions,
  manifest: Manifest,
  segments: Segments,
): Promise<LogEnd & { core: Core; usedIndexFile: boolean }> {
  const { onProgress } = options;
  let core = coreFor(options, manifest);
  const found = findEnd(core, segments, manifest);
  let usedIndexFile = false;
  let from = manifest.begin;
  if (manifest.index !== null) {
    const path = `${options.directory}/${manifest.index.file}`;
    usedIndexFile = await loadIndex(core, options.files, path, manifest.frameBits, new Progress("index", onProgress));
    if (usedIndexFile) from = manifest.index.replayFrom;
    else core = coreFor(options, manifest);
  }
  await replayLog(core, segments, manifest, from, found.end, new Progress("recover", onProgress));
  return { core, ...found, usedIndexFile };
}

function closeEpoch(manifest: Manifest, until: number): void {
  manifest.epochs.at(-1)!.until = until;
  manifest.durable = null;
}

/** Ends the last epoch at `end`, and begins one on the page behind it, or on the same where nothing has been written. */
function beginEpoch(manifest: Manifest, end: number, pageBytes: number): void {
  const last = manifest.epochs.at(-1)!;
  closeEpoch(manifest, end);
  const pages = new Grid(pageBytes);
  const isEmpty = end === firstRecordOf(last.from);
  if (isEmpty) manifest.epochs.pop();
  const from = isEmpty ? last.from : pages.offsetOf(end) === 0 ? end : pages.nextOf(end);
  manifest.epochs.push({ number: last.number + 1, from, until: null });
  if (isEmpty && manifest.epochs.length === 1) manifest.begin = firstRecordOf(from);
  manifest.isClosed = false;
}

/** Drops the epochs that lie before `begin`. */
function dropOldEpochs(manifest: Manifest, begin: number): void {
  const { epochs } = manifest;
  while (epochs.length > 1 && epochs[0].until !== null && !isOlder(begin, epochs[0].until)) epochs.shift();
}

/** Removes what an opening or a saving that came to no end has left. */
async function removeLeftovers(files: FileSystem, directory: string, manifest: Manifest): Promise<void> {
  for (const name of await files.list(directory)) {
    if (name.endsWith(".idx") && name !== manifest.index?.file) await files.remove(`${directory}/${name}`);
  }
}
