import { edgeModule } from "../core/edge_module.ts";
import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { nameOf } from "../records/names.ts";
import { formatSize } from "../size.ts";
import { Attempts } from "./attempts.ts";
import type { CallKind } from "./call.ts";
import { backOff, type Clock, realClock } from "./clock.ts";
import { cut, CUT_LIMITS, type CutLimits } from "./cut.ts";
import { Garbage } from "./garbage.ts";
import type { Piece } from "./piece.ts";
import {
  decode,
  encodePart,
  encodeRoot,
  encodeTombstone,
  remembers,
  type Stored,
  withWrite,
  type WriteId,
  WriteIds,
  type Writers,
} from "./format.ts";
import { type Call, Lanes } from "./lanes.ts";
import { Limit } from "./limit.ts";
import { Names } from "./names.ts";
import { type Abilities, type Condition, RequestError, type StoredObject } from "./object_storage.ts";
import type { CheckedCloudOptions, Hidden } from "./options.ts";
import { bytesOf, CloudSpace } from "./space.ts";
import type { CloudStats } from "./stats.ts";

/** A write begins anew at most so often because others have written to the key. */
export const MAX_CONFLICTS = 100;
/** What the cache holds beside what is needed may take this share of it. */
const CACHE_SHARE = 0.6;
/** In the place of the time of a request where there was none. */
const PRESUMED = -1;

/** What is known of the object of a key. */
interface Entry {
  readonly version: string | null;
  readonly writers: Writers;
  /** When the request was made that has shown it, as the store counts its calls and requests: clocks may be coarse, or stand still. */
  readonly askedAt: number;
  /** The same by the clock. */
  readonly checkedAt: number;
  /** Until when the key holds something, by `Date.now()`. */
  readonly holdsUntil: number;
}

/** A call that has not been answered. */
interface PendingCall extends Call {
  readonly step: () => unknown;
  readonly kind: CallKind;
  /** When it was made, as the store counts, and by the clock. */
  readonly place: number;
  readonly calledAt: number;
  isOver: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** What a step came to. */
type Outcome = { readonly call: PendingCall } & ({ readonly result: unknown } | { readonly error: unknown });

/** What running the steps of calls has come to. */
interface Tried {
  readonly outcomes: Outcome[];
  readonly intent: Intent | null;
  /** Reads that found a value, and those that found none. */
  readonly hits: number;
  readonly misses: number;
}

/** What calls want to write. */
interface Intent {
  readonly name: string;
  /** What it is to take the place of. */
  readonly entry: Entry;
  readonly object: Bytes;
  /** What it says, and the parts that come with it, by their names, in place of those that are gone. */
  readonly stored: Stored | null;
  readonly written: ReadonlyMap<string, Stored>;
  readonly gone: ReadonlySet<Piece>;
  readonly id: WriteId;
}

/** What the bucket has answered about a key. */
interface Found {
  readonly name: string;
  readonly objectName: string;
  readonly object: StoredObject | null | "unchanged";
  readonly askedAt: number;
  readonly checkedAt: number;
}

/** What calls have missed until now. */
interface Missed {
  /** The parts that they need, and all that leads to them: others make room first. */
  readonly pieces: Set<Piece>;
  /** The versions of objects that referred to parts which were not there. */
  readonly absences: Map<string, string | null>;
}

/** Thrown where calls do not fit the cache together, and have not written anything. */
const TOO_MANY = new Error("too many calls at a time");

/** The objects of a store, and the cache of what is in them. */
export class Bucket {
  readonly space: CloudSpace;
  readonly names: Names;
  readonly requests: Attempts;
  readonly limit: Limit;
  readonly writeIds: WriteIds = new WriteIds();
  readonly clock: Clock;
  readonly garbage: Garbage;
  readonly #cutLimits: CutLimits;
  readonly #options: CheckedCloudOptions;
  readonly #lanes = new Lanes<PendingCall>((calls) => this.#serve(calls));
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #abilities: Promise<Abilities> | null = null;
  /** Counts calls and requests. */
  #places = 0;
  /** While all keys are being changed: calls have to wait. */
  #barrier: Promise<void> | null = null;
  #cacheHits = 0;
  #cacheMisses = 0;
  #revalidations = 0;
  #evictions = 0;

  constructor(options: CheckedCloudOptions, hidden: Hidden) {
    this.#options = options;
    this.clock = hidden.clock ?? realClock;
    this.names = new Names(options.prefix);
    this.requests = new Attempts(options.storage, options, this.clock);
    this.limit = new Limit(options.concurrency);
    this.garbage = new Garbage(this, options.graceMs);
    this.#cutLimits = hidden.cutLimits ?? CUT_LIMITS;
    this.space = new CloudSpace({
      maxBytes: options.cacheBytes,
      evicts: false,
      tracksReads: false,
      module: () => options.module ?? edgeModule(),
    });
  }

  /** Whether what the cache has of a key may be answered without any request, right now. It counts as used. */
  isCurrent(name: string): boolean {
    if (this.#options.maxStalenessMs === 0 || this.#barrier !== null || this.#lanes.isTaken(name)) return false;
    const entry = this.#entries.get(name);
    if (entry === undefined || !this.#isRecent(entry, this.clock.now())) return false;
    this.#use(name, entry);
    this.#cacheHits++;
    this.space.stopClock();
    return true;
  }

  /** Whether it may be answered though it is older than the question. */
  #isRecent(entry: Entry, calledAt: number): boolean {
    const { maxStalenessMs, negative } = this.#options;
    if (maxStalenessMs === 0 || entry.askedAt === PRESUMED) return false;
    if (!negative && entry.holdsUntil !== Infinity && entry.holdsUntil <= Date.now()) return false;
    return entry.checkedAt >= calledAt - maxStalenessMs;
  }

  /** Makes a call in its place among the others on its keys. */
  call<T>(names: readonly string[], step: () => T, kind: CallKind, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = () => {
        call.isOver = true;
        signal?.removeEventListener("abort", abort);
      };
      const call: PendingCall = {
        names,
        step,
        kind,
        place: this.#places++,
        calledAt: this.clock.now(),
        isOver: false,
        resolve: (result) => (end(), resolve(result as T)),
        reject: (error) => (end(), reject(error)),
      };
      const abort = () => call.reject(signal!.reason);
      signal?.addEventListener("abort", abort);
      if (this.#barrier === null) this.#lanes.add(call);
      else void this.#barrier.then(() => this.#lanes.add(call));
    });
  }

  /** Changes all keys, between the calls before and those after it. Nothing of what was known is believed after it. */
  async changeAll(change: () => Promise<void>): Promise<void> {
    const before = this.#barrier ?? Promise.resolve();
    const changed = before.then(() => this.#lanes.settled()).then(change);
    const barrier = changed.catch(() => {}).then(() => {
      for (const name of [...this.#entries.keys()]) this.#forget(name);
      if (this.#barrier === barrier) this.#barrier = null;
    });
    this.#barrier = barrier;
    await barrier;
    await changed;
  }

  /** Serves calls, several on one key, or one on several, and resolves to what gives them their answers. */
  async #serve(calls: PendingCall[]): Promise<() => void> {
    try {
      const outcomes = await this.#carryOut(calls);
      return () => outcomes.forEach(answer);
    } catch (error) {
      if (error !== TOO_MANY) return () => calls.forEach((call) => answer({ call, error }));
      const middle = calls.length >> 1;
      const answerFirst = await this.#serve(calls.slice(0, middle));
      const answerOthers = await this.#serve(calls.slice(middle));
      return () => (answerFirst(), answerOthers());
    }
  }

  async #carryOut(all: PendingCall[]): Promise<Outcome[]> {
    const { names } = all[0];
    // What is written may be based on what is old: then it is refused. What depends on several keys must not.
    let since = names.length > 1 ? all[0].place : PRESUMED + 1;
    let mayPresume = names.length === 1 && all[0].kind === "blind";
    const missed: Missed = { pieces: new Set(), absences: new Map() };
    for (let conflicts = 0; conflicts < MAX_CONFLICTS;) {
      const calls = all.filter(({ isOver }) => !isOver);
      if (calls.length === 0) return [];
      const isRead = calls.every(({ kind }) => kind === "read");
      const lastPlace = Math.max(...calls.map(({ place }) => place));
      const isEnough = (entry: Entry) =>
        isRead
          ? calls.every(({ place, calledAt }) => entry.askedAt >= place || this.#isRecent(entry, calledAt))
          : entry.askedAt >= since;
      if (!mayPresume || !this.#presumeAbsent(names[0])) await this.#bring(names, isEnough);
      mayPresume = false;
      const tried = this.#tryOut(calls);
      if (tried instanceof Miss) {
        await this.#fetchParts(tried, names, missed);
        continue;
      }
      // What has nothing to write may have found that in something old.
      const isSure = () => names.every((name) => this.#entries.get(name)!.askedAt >= lastPlace);
      if (tried.intent === null && (isRead || isSure())) return this.#count(tried);
      if (tried.intent === null) {
        since = lastPlace;
        continue;
      }
      if (await this.#write(tried.intent)) return this.#count(tried);
      if (conflicts++ === 0) continue;
      await backOff(this.clock, Math.min(conflicts, 4));
      since = this.#places++; // what was found before that is old by now
    }
    throw conflict();
  }

  /** Has it that a key holds nothing, if nothing is known of it: whether that is so, the write will show. */
  #presumeAbsent(name: string): boolean {
    if ((this.#entries.get(name)?.askedAt ?? PRESUMED) > PRESUMED) return false;
    this.#makeRoom(0, [name]);
    const holdsUntil = this.space.install(name, null, name);
    this.#entries.set(name, { version: null, writers: [], askedAt: PRESUMED, checkedAt: -Infinity, holdsUntil });
    return true;
  }

  /**
   * Sees to it that the cache knows these keys, well enough. They are there when this resolves, until the next time that something is
   * waited for: only what is being looked at has to fit the cache, not all that is under way.
   */
  async #bring(names: readonly string[], isEnough: (entry: Entry) => boolean): Promise<void> {
    const wanted = names.filter((name) => {
      const entry = this.#entries.get(name);
      return entry === undefined || !isEnough(entry);
    });
    this.#cacheHits += names.length - wanted.length;
    if (wanted.length === 0) return;
    let found = await Promise.all(wanted.map((name) => this.#ask(name, this.#entries.get(name)?.version)));
    // While some were being read, others that were there may have made room.
    while (!this.#keep(found, names)) found = await Promise.all(names.map((name) => this.#ask(name, null)));
  }

  async #ask(name: string, knownVersion: string | null | undefined): Promise<Found> {
    const askedAt = this.#places++;
    const checkedAt = this.clock.now();
    const objectName = await this.names.of(bytesOf(name));
    const object = await this.limit.run(() => this.requests.get(objectName, knownVersion ?? undefined));
    return { name, objectName, object, askedAt, checkedAt };
  }

  /** Puts what was found into the cache. False when it does not have all of `names` then. */
  #keep(found: readonly Found[], names: readonly string[]): boolean {
    for (const { name, objectName, object, askedAt, checkedAt } of found) {
      const entry = this.#entries.get(name);
      if (object === "unchanged") {
        this.#revalidations++;
        if (entry !== undefined) this.#use(name, { ...entry, askedAt, checkedAt });
        continue;
      }
      this.#cacheMisses++;
      this.#forget(name);
      this.#makeRoom(object?.body.length ?? 0, names);
      const root = object === null ? null : decode(this.space.core, object.body, objectName);
      if (root?.deletedKey?.length && nameOf(root.deletedKey) !== name) {
        throw new StorageError("CORRUPT", `Cannot read object ${objectName}: it was written for another key`);
      }
      const holdsUntil = this.space.install(name, root?.stored ?? null, objectName);
      const version = object?.version ?? null;
      this.#entries.set(name, { version, writers: root?.writers ?? [], askedAt, checkedAt, holdsUntil });
    }
    return names.every((name) => this.#entries.has(name));
  }

  /** Reads the parts that steps have missed. */
  async #fetchParts({ ids }: Miss, names: readonly string[], { pieces: needed, absences }: Missed): Promise<void> {
    const { space } = this;
    const pieces = new Set(ids.map((id) => space.pieceAt(Number(id >> 16n), Number(id & 0xffffn))!));
    const read = await Promise.all(Array.from(pieces, async (piece) => {
      const name = this.names.partOf(await this.names.of(bytesOf(piece.key)), piece.id);
      return { piece, name, object: await this.limit.run(() => this.requests.get(name)) as StoredObject | null };
    }));
    const bytes = read.reduce((sum, { object }) => sum + (object?.body.length ?? 0), 0);
    this.#makeRoom(bytes, names);
    for (const piece of withHolders(pieces)) needed.add(piece);
    this.#makeRoomAmong(names, bytes, needed);
    for (const { piece, name, object } of read) {
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
      this.#forget(piece.key);
    }
  }

  #installPart(piece: Piece, stored: Stored, source: string, names: readonly string[]): void {
    try {
      return this.space.installPart(piece, stored, source);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
    }
    this.#makeRoom(0, names, 0);
    try {
      this.space.installPart(piece, stored, source);
    } catch (error) {
      throw isOutOfMemory(error) ? this.#tooMuch(error) : error;
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

  #use(name: string, entry: Entry): void {
    this.#entries.delete(name);
    this.#entries.set(name, entry);
  }

  /** Makes room by forgetting what was not used for the longest time, but for what is needed. */
  #makeRoom(bytes: number, kept: readonly string[], share: number = CACHE_SHARE): void {
    const { core } = this.space;
    const limit = core.calls.limitBytes() * share - bytes;
    let { liveBytes, indexBytes } = core.stats();
    for (const [name] of this.#entries) {
      if (liveBytes + indexBytes <= limit) return;
      if (kept.includes(name)) continue;
      this.#forget(name);
      this.#evictions++;
      ({ liveBytes, indexBytes } = core.stats());
    }
  }

  #forget(name: string): void {
    this.#entries.delete(name);
    this.space.forget(name);
  }

  /** Runs the steps of calls, one after another, and takes back what they have changed. */
  #tryOut(calls: PendingCall[]): Tried | Miss {
    try {
      return this.#run(calls);
    } catch (error) {
      if (error instanceof Miss) return error;
      if (!isOutOfMemory(error)) throw error;
    }
    this.#makeRoom(0, calls[0].names, 0);
    try {
      return this.#run(calls);
    } catch (error) {
      if (error instanceof Miss) return error;
      if (!isOutOfMemory(error)) throw error;
      if (calls.length > 1) throw TOO_MANY;
      throw this.#tooMuch(error);
    }
  }

  #tooMuch(cause: unknown): StorageError {
    const size = formatSize(this.#options.cacheBytes);
    return new StorageError(
      "OUT_OF_MEMORY",
      `Cannot carry out: what has to be in memory at a time does not fit the cache of ${size}; raise cache.size`,
      { cause },
    );
  }

  #run(calls: PendingCall[]): Tried {
    const errors = new Map<PendingCall, unknown>();
    const { space } = this;
    const before = { hits: space.hits, misses: space.misses };
    for (;;) {
      const failed = errors.size;
      try {
        const tried = space.tryOut(
          () => this.#runSteps(calls, errors, before),
          (outcomes) => errors.size > failed ? null : { outcomes, intent: this.#intentOf(calls[0].names) },
        );
        // What a step that failed has done is undone with all the others, so they are run again without it.
        if (tried === null) continue;
        return { ...tried, hits: space.hits - before.hits, misses: space.misses - before.misses };
      } finally {
        Object.assign(space, before); // it may not have been the last time
      }
    }
  }

  #count({ outcomes, hits, misses }: Tried): Outcome[] {
    this.space.hits += hits;
    this.space.misses += misses;
    return outcomes;
  }

  #runSteps(
    calls: PendingCall[],
    errors: Map<PendingCall, unknown>,
    before: { hits: number; misses: number },
  ): Outcome[] {
    Object.assign(this.space, before); // it may be run again
    return calls.map((call) => {
      if (errors.has(call)) return { call, error: errors.get(call) };
      try {
        return { call, result: call.step() };
      } catch (error) {
        if (this.space.isDoomed || error instanceof Miss) throw error;
        errors.set(call, error);
        return { call, error };
      }
    });
  }

  /** What the step under way has changed, as an object. `UNSUPPORTED` when that is more than one key. */
  #intentOf(names: readonly string[]): Intent | null {
    const { space } = this;
    const changes = space.changes();
    if (!changes.isAny) return null;
    if (changes.names.size > 1 || changes.names.size === 0 && names.length > 1) {
      throw new StorageError(
        "UNSUPPORTED",
        "Cannot write to several keys at once: object storage cannot do that atomically",
      );
    }
    const [name = names[0]] = changes.names;
    const entry = this.#entries.get(name)!;
    const id = this.writeIds.next();
    const writers = withWrite(entry.writers, id);
    const key = bytesOf(name);
    const record = space.peek(key);
    if (record === 0) {
      const object = encodeTombstone(space.core, writers, key);
      return { name, entry, id, object, stored: null, written: new Map(), gone: changes.pieces };
    }
    const { root, kind, expires, written, gone } = cut(space, record, changes.pieces, this.#cutLimits);
    return {
      name,
      entry,
      id,
      object: encodeRoot(space.core, writers, root, kind, expires),
      stored: root,
      written,
      gone,
    };
  }

  /** Writes what calls want to write; false when others came first and it has to begin anew. */
  async #write(intent: Intent): Promise<boolean> {
    const { name, entry, object, id } = intent;
    const objectName = await this.names.of(bytesOf(name));
    const condition: Condition = entry.version === null ? { ifAbsent: true } : { ifVersion: entry.version };
    await this.probe();
    const dropped = this.#droppedBy(intent);
    const parts = Array.from(intent.written.keys(), (id) => ({ id, isWhole: false }));
    const discard = (garbage: typeof dropped) => {
      for (const { id, isWhole } of garbage) this.garbage.add(objectName, id, isWhole);
    };
    const fail = (error: unknown) => {
      discard(parts);
      throw error;
    };
    await this.#writeParts(objectName, intent.written).catch(fail);
    let error: unknown = null;
    for (let attempt = 1;; attempt++) {
      const askedAt = this.#places++;
      const checkedAt = this.clock.now();
      const written = await this.limit.run(() => this.requests.put(objectName, object, condition)).catch((failure) => {
        // One before may have been carried out, or may be yet: then its parts are needed.
        if (attempt > 1) throw unknownOutcome(failure);
        return fail(failure);
      });
      if (written.version !== null) {
        this.#learn(intent, { version: written.version, writers: withWrite(entry.writers, id), askedAt, checkedAt });
        discard(dropped);
        return true;
      }
      this.#forget(name);
      error ??= written.error;
      const fate = await this.#fateOf(intent, error);
      if (fate !== "open") discard(fate === "written" ? dropped : parts);
      if (fate !== "open") return fate === "written";
      // It may come as long as its condition holds, so another one may not, unless this one comes now.
      const isEnough = "isUnanswered" in written || error !== null && attempt >= this.#options.attempts;
      if (isEnough) throw unknownOutcome(error);
      if (attempt >= MAX_CONFLICTS) throw conflict();
      await backOff(this.clock, Math.min(attempt, 4));
    }
  }

  /** Has the cache know what was just written. It is written, whether there is room for that or not. */
  #learn({ name, object, stored, written, gone }: Intent, known: Omit<Entry, "holdsUntil">): void {
    this.#entries.delete(name);
    try {
      this.#makeRoom(object.length, [name]);
      this.#entries.set(name, { ...known, holdsUntil: this.space.install(name, stored, name, written, gone) });
    } catch (error) {
      this.#forget(name);
      if (!isOutOfMemory(error)) throw error;
    }
  }

  /** Writes the parts that an object is to refer to. When that fails nothing has happened: nobody knows of them. */
  async #writeParts(objectName: string, parts: ReadonlyMap<string, Stored>): Promise<void> {
    await Promise.all(Array.from(parts, async ([id, stored]) => {
      const object = encodePart(this.space.core, stored);
      const name = this.names.partOf(objectName, id);
      for (let attempt = 1;; attempt++) {
        const written = await this.limit.run(() => this.requests.put(name, object, { ifAbsent: true }));
        if (written.version !== null) return;
        // Nobody else writes under this name: if there is something, it is this. But servers refuse writes for less.
        if (!("isUnanswered" in written) && await this.limit.run(() => this.requests.get(name)) !== null) return;
        if ("isUnanswered" in written || attempt >= this.#options.attempts) {
          throw new StorageError("UNAVAILABLE", "Cannot write: the bucket did not answer", {
            cause: written.error ?? undefined,
          });
        }
        await backOff(this.clock, Math.min(attempt, 4));
      }
    }));
  }

  /** The parts to which nothing refers any more after a write, and whether that goes for all below them. */
  #droppedBy({ name, gone, stored, written }: Intent): { id: string; isWhole: boolean }[] {
    const kept = new Set(
      [stored, ...written.values()].flatMap((object) => object?.externals.flat() ?? []).map(({ id }) => id),
    );
    const before = new Set([...this.space.partsOf(name), ...Array.from(gone, ({ children }) => [...children]).flat()]);
    const replaced = Array.from(gone).filter(({ id }) => id !== "").map(({ id }) => ({ id, isWhole: false }));
    const unreferred = Array.from(before).filter((piece) => !gone.has(piece) && !kept.has(piece.id));
    return [...replaced, ...unreferred.map(({ id }) => ({ id, isWhole: true }))];
  }

  /**
   * Finds out what became of a write that was not acknowledged, whatever `error` there was: whether it was carried out, or never will be, or
   * may be yet. Rejects with `outcome: "unknown"` when nobody can tell.
   */
  async #fateOf({ name, entry, id }: Intent, error: unknown): Promise<"written" | "lost" | "open"> {
    let found: Found;
    try {
      found = await this.#ask(name, null);
    } catch (cause) {
      throw unknownOutcome(error ?? cause);
    }
    const object = found.object as StoredObject | null;
    const isWritten = remembers(this.#writersIn(found.objectName, object, error), id);
    if (isWritten !== true && (object?.version ?? null) === entry.version) return "open";
    // When no attempt has failed, at most the runtime has sent it again: so many others cannot have written in that time.
    const isGone = object === null && entry.version !== null;
    if (error !== null && (isWritten === null || isGone)) throw unknownOutcome(error);
    this.#remember(found);
    return isWritten === true ? "written" : "lost";
  }

  #writersIn(objectName: string, object: StoredObject | null, error: unknown): Writers {
    try {
      return object === null ? [] : decode(this.space.core, object.body, objectName).writers;
    } catch (damage) {
      throw error === null ? damage : unknownOutcome(error);
    }
  }

  /** Has the cache know what was found, if it can: it was not asked for that. */
  #remember(found: Found): void {
    try {
      this.#keep([found], [found.name]);
    } catch {
      this.#forget(found.name);
    }
  }

  /** Asks once whether the bucket honours conditions, where that is not known. */
  probe(): Promise<Abilities> {
    if (this.#abilities === null) {
      const asked = this.requests.probe(`${this.#options.prefix}probe/`);
      this.#abilities = asked;
      asked.catch(() => {
        if (this.#abilities === asked) this.#abilities = null;
      });
    }
    return this.#abilities;
  }

  stats(): CloudStats {
    return {
      ...this.space.stats(),
      backend: "cloud",
      cacheHits: this.#cacheHits,
      cacheMisses: this.#cacheMisses,
      evictions: this.#evictions,
      revalidations: this.#revalidations,
      ...this.requests.counts,
    };
  }

  /** Resolves when all calls have ended. */
  async close(): Promise<void> {
    await this.#lanes.settled();
    await this.garbage.collectAll();
    this.space.isClosed = true;
    this.#entries.clear();
    this.space.replace();
  }
}

/** Pieces and all that leads to them. */
function withHolders(pieces: Iterable<Piece>): Set<Piece> {
  const all = new Set(pieces);
  for (const piece of all) piece.holders.forEach((holder) => all.add(holder));
  return all;
}

function conflict(): StorageError {
  return new StorageError("CONFLICT", `Cannot write: others have written to the key ${MAX_CONFLICTS} times meanwhile`);
}

function answer(outcome: Outcome): void {
  if ("error" in outcome) outcome.call.reject(outcome.error);
  else outcome.call.resolve(outcome.result);
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof StorageError && error.code === "OUT_OF_MEMORY";
}

function unknownOutcome(error: unknown): StorageError {
  const why = error instanceof RequestError ? error.message : "the bucket did not say";
  return new StorageError("UNAVAILABLE", `Cannot tell whether the write took place: ${why}`, {
    cause: error ?? undefined,
    outcome: "unknown",
  });
}
