import type { Bytes, StorageStats } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { nameOf } from "../records/names.ts";
import { statsOf } from "../records/stats.ts";
import { formatSize } from "../size.ts";
import type { Found } from "./bucket.ts";
import type { Clock } from "./clock.ts";
import { decode, type Stored, type Writers } from "./format.ts";
import type { StoredObject } from "./object_storage.ts";
import type { CheckedCloudOptions } from "./options.ts";
import type { Piece } from "./piece.ts";
import { CloudSpace } from "./space.ts";

/** What the cache holds beside what is needed may take this share of it. */
const CACHE_SHARE = 0.6;
/** What is known of a key takes so much outside of the core, also of one that holds nothing: as many keys are known as fit the same size. */
const ENTRY_BYTES = 1024;
/** In the place of the time of a request where there was none. */
export const PRESUMED = -1;

/** What is known of the object of a key. */
export interface Entry {
  readonly version: string | null;
  readonly writers: Writers;
  /** When the request was made that has shown it: see {@linkcode Found}. */
  readonly askedAt: number;
  readonly checkedAt: number;
  /** Until when the key holds something, by `Date.now()`: 0 for nothing, Infinity for ever. */
  readonly holdsUntil: number;
  /** Whether it was used since room was looked for here, but for uses that its record tells. */
  isUsed: boolean;
}

/** What a request has shown of an object. */
export type Known = Pick<Entry, "version" | "writers" | "askedAt" | "checkedAt">;

/** A part that was asked for. */
export interface FoundPart {
  readonly piece: Piece;
  /** Of its object. */
  readonly name: string;
  readonly object: StoredObject | null;
}

/** What calls have missed until now. */
export interface Missed {
  /** The parts that they need, and all that leads to them: others make room first. */
  readonly pieces: Set<Piece>;
  /** The versions of objects that referred to parts which were not there. */
  readonly absences: Map<string, string | null>;
}

/** What is known of the objects of a bucket, in a core of limited size. */
export class Cache {
  readonly space: CloudSpace;
  readonly #options: CheckedCloudOptions;
  readonly #clock: Clock;
  /** Oldest first. Those in use are spared when room is made, which costs reads less than an order of use. */
  readonly #entries = new Map<string, Entry>();
  /** What stamps count from. */
  readonly #start: number;
  #hits = 0;
  #misses = 0;
  #revalidations = 0;
  #evictions = 0;

  constructor(options: CheckedCloudOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#start = clock.now();
    this.space = new CloudSpace({
      maxBytes: options.cacheBytes,
      tracksReads: false,
      module: options.module,
    });
  }

  entryOf(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** Whether a read may be answered from here, right now, without a request. The key counts as used. */
  answers(name: string): boolean {
    if (this.#options.maxStalenessMs === 0) return false;
    const entry = this.#entries.get(name);
    if (entry === undefined || !this.isRecent(entry, this.#clock.now())) return false;
    this.space.stopClock();
    // What has just expired would be deleted by the read.
    if (entry.holdsUntil !== Infinity && entry.holdsUntil !== 0 && entry.holdsUntil <= this.space.now()) return false;
    entry.isUsed = true;
    this.#hits++;
    return true;
  }

  /**
   * The value of the key whose name was asked for last, if that is what nearly all reads from here are: of a short string that does not
   * expire. Its record tells all there is to know, which saves the way through `answers` more than half of its time.
   */
  getShort(own: boolean): Bytes | undefined {
    const { maxStalenessMs } = this.#options;
    if (maxStalenessMs === 0) return undefined;
    const now = maxStalenessMs === Infinity ? 0 : this.#clock.now() - this.#start;
    const value = this.space.getStamped(now, own);
    if (value !== undefined) this.#hits++;
    return value;
  }

  /** Whether it may be answered though it is older than the question. */
  isRecent(entry: Entry, calledAt: number): boolean {
    const { maxStalenessMs, negative } = this.#options;
    if (maxStalenessMs === 0 || entry.askedAt === PRESUMED) return false;
    if (!negative && entry.holdsUntil !== Infinity && entry.holdsUntil <= Date.now()) return false;
    return entry.checkedAt >= calledAt - maxStalenessMs;
  }

  /** Those of the keys that are not known well enough. */
  lacks(names: readonly string[], isEnough: (entry: Entry) => boolean): string[] {
    const lacking = names.filter((name) => {
      const entry = this.#entries.get(name);
      if (entry === undefined || !isEnough(entry)) return true;
      entry.isUsed = true;
      return false;
    });
    this.#hits += names.length - lacking.length;
    return lacking;
  }

  /** Has it that a key holds nothing, if nothing is known of it: whether that is so, a write will show. */
  presumeAbsent(name: string): boolean {
    if ((this.#entries.get(name)?.askedAt ?? PRESUMED) > PRESUMED) return false;
    this.makeRoom(0, [name]);
    const holdsUntil = this.space.install(name, null, name);
    this.#remember(name, { version: null, writers: [], askedAt: PRESUMED, checkedAt: -Infinity }, holdsUntil);
    return true;
  }

  /** Takes what was found. False when it does not have all of `names` then. */
  keep(found: readonly Found[], names: readonly string[]): boolean {
    for (const { name, objectName, object, askedAt, checkedAt } of found) {
      const entry = this.#entries.get(name);
      if (object === "unchanged") {
        this.#revalidations++;
        if (entry !== undefined) this.#remember(name, { ...entry, askedAt, checkedAt }, entry.holdsUntil);
        continue;
      }
      this.#misses++;
      this.forget(name);
      this.makeRoom(object?.body.length ?? 0, names);
      const root = object === null ? null : decode(this.space.core, object.body, objectName);
      if (root?.deletedKey?.length && nameOf(root.deletedKey) !== name) {
        throw new StorageError("CORRUPT", `Cannot read object ${objectName}: it was written for another key`);
      }
      const known = { version: object?.version ?? null, writers: root?.writers ?? [], askedAt, checkedAt };
      this.#remember(name, known, this.space.install(name, root?.stored ?? null, objectName));
    }
    return names.every((name) => this.#entries.has(name));
  }

  /** Takes what was just written. It is written, whether there is room for it here or not. */
  learn(
    name: string,
    known: Known,
    stored: Stored | null,
    written: ReadonlyMap<string, Stored>,
    gone: Iterable<Piece>,
    bytes: number,
  ): void {
    this.#entries.delete(name);
    try {
      this.makeRoom(bytes, [name]);
      this.#remember(name, known, this.space.install(name, stored, name, written, gone));
    } catch (error) {
      this.forget(name);
      if (!isOutOfMemory(error)) throw error;
    }
  }

  /** Takes parts that calls on the keys with these names have missed. */
  keepParts(found: readonly FoundPart[], names: readonly string[], { pieces: needed, absences }: Missed): void {
    const { space } = this;
    const bytes = found.reduce((sum, { object }) => sum + (object?.body.length ?? 0), 0);
    this.makeRoom(bytes, names);
    for (const piece of withHolders(found.map(({ piece }) => piece))) needed.add(piece);
    this.#makeRoomAmong(names, bytes, needed);
    for (const { piece, name, object } of found) {
      if (!space.isKnown(piece)) continue; // it was forgotten meanwhile
      if (object !== null) {
        this.#installPart(piece, decode(space.core, object.body, name).stored!, name, names);
        continue;
      }
      // What referred to it may be old: then it was replaced.
      const version = this.#entries.get(piece.key)?.version ?? null;
      if (absences.get(piece.key) === version) {
        throw new StorageError(
          "CORRUPT",
          `Cannot read object ${name}: it is not there, and what it is a part of refers to it`,
        );
      }
      absences.set(piece.key, version);
      this.forget(piece.key);
    }
  }

  #installPart(piece: Piece, stored: Stored, source: string, names: readonly string[]): void {
    try {
      return this.space.installPart(piece, stored, source);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
    }
    this.makeRoom(0, names, 0);
    try {
      this.space.installPart(piece, stored, source);
    } catch (error) {
      throw isOutOfMemory(error) ? this.tooMuch(error) : error;
    }
  }

  /** Makes room among parts of the keys in use, but for those that are needed now. */
  #makeRoomAmong(names: readonly string[], bytes: number, needed: ReadonlySet<Piece>): void {
    const { core } = this.space;
    const limit = core.calls.limitBytes() * CACHE_SHARE - bytes;
    for (const name of names) {
      for (const piece of this.space.loadedParts(name)) {
        const { liveBytes, indexBytes } = core.stats();
        if (liveBytes + indexBytes <= limit) return;
        if (!needed.has(piece)) this.space.unloadPart(piece);
      }
    }
  }

  /** Takes note of what is known of a key, as the newest. */
  #remember(name: string, { version, writers, askedAt, checkedAt }: Known, holdsUntil: number): void {
    this.#entries.delete(name);
    this.#entries.set(name, { version, writers, askedAt, checkedAt, holdsUntil, isUsed: false });
    this.space.stamp(name, checkedAt + this.#options.maxStalenessMs - this.#start);
  }

  /** Makes room by forgetting what is not needed: the oldest, but what was used since then only after everything else. */
  makeRoom(bytes: number, kept: readonly string[], share: number = CACHE_SHARE): void {
    const { core } = this.space;
    const limit = core.calls.limitBytes() * share - bytes;
    const mostEntries = this.#options.cacheBytes / ENTRY_BYTES;
    let { liveBytes, indexBytes } = core.stats();
    for (const [name, entry] of this.#entries) {
      if (liveBytes + indexBytes <= limit && this.#entries.size <= mostEntries) return;
      if (kept.includes(name)) continue;
      if (this.space.takeUse(name) || entry.isUsed) {
        entry.isUsed = false;
        this.#entries.delete(name);
        this.#entries.set(name, entry);
        continue;
      }
      this.forget(name);
      this.#evictions++;
      ({ liveBytes, indexBytes } = core.stats());
    }
  }

  forget(name: string): void {
    this.#entries.delete(name);
    this.space.forget(name);
  }

  forgetAll(): void {
    for (const name of [...this.#entries.keys()]) this.forget(name);
  }

  /** The error of a call for which all of the cache is too little. */
  tooMuch(cause: unknown): StorageError {
    const size = formatSize(this.#options.cacheBytes);
    return new StorageError(
      "OUT_OF_MEMORY",
      `Cannot carry out: what has to be in memory at a time does not fit the cache of ${size}; raise cache.size`,
      { cause },
    );
  }

  stats(): StorageStats & { cacheHits: number; cacheMisses: number; revalidations: number } {
    return {
      ...statsOf(this.space, "cloud", this.#options.cacheBytes),
      evictions: this.#evictions,
      cacheHits: this.#hits,
      cacheMisses: this.#misses,
      revalidations: this.#revalidations,
    };
  }

  /** Lets go of everything. */
  drop(): void {
    this.#entries.clear();
    this.space.drop();
  }
}

/** Pieces and all that leads to them. */
function withHolders(pieces: Iterable<Piece>): Set<Piece> {
  const all = new Set(pieces);
  for (const piece of all) piece.holders.forEach((holder) => all.add(holder));
  return all;
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof StorageError && error.code === "OUT_OF_MEMORY";
}
