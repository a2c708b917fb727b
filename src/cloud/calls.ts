import type { Bytes, Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { bytesOfName } from "../records/names.ts";
import { Bucket, conflict, MAX_CONFLICTS } from "./bucket.ts";
import { Cache, type Entry, type Missed, PRESUMED } from "./cache.ts";
import { answer, type Call, type CallKind, type Outcome } from "./call.ts";
import { backOff, realClock } from "./clock.ts";
import { CUT_LIMITS } from "./cut.ts";
import { Lanes } from "./lanes.ts";
import type { CheckedCloudOptions, Hidden } from "./options.ts";
import type { CloudSpace } from "./space.ts";
import type { CloudStats } from "./stats.ts";
import { TOO_MANY, Trials, type Tried } from "./trials.ts";
import { Writer } from "./writer.ts";

/** The calls of a store on keys, each in its place among the others. */
export class Calls {
  readonly bucket: Bucket;
  readonly space: CloudSpace;
  readonly #cache: Cache;
  readonly #trials: Trials;
  readonly #writer: Writer;
  readonly #lanes = new Lanes((calls) => this.#serve(calls));
  /** While all keys are being changed: calls have to wait. */
  #barrier: Promise<void> | null = null;

  constructor(options: CheckedCloudOptions, { clock = realClock, cutLimits = CUT_LIMITS }: Hidden) {
    this.#cache = new Cache(options, clock);
    this.space = this.#cache.space;
    this.bucket = new Bucket(options, this.space, clock);
    this.#trials = new Trials(this.#cache, this.bucket.writeIds, cutLimits);
    this.#writer = new Writer(this.bucket, this.#cache, options.attempts);
  }

  /** Whether what the cache has of a key may be answered without any request, right now. It counts as used. */
  isCurrent(name: string): boolean {
    return this.#barrier === null && !this.#lanes.isTaken(name) && this.#cache.answers(name);
  }

  /** What `get` comes to, if that is known right now and {@linkcode Cache.getShort} is for it. It counts as used. */
  getShort(key: Key, own: boolean): Bytes | undefined {
    const name = this.space.nameOf(key);
    return this.#barrier === null && !this.#lanes.isTaken(name) ? this.#cache.getShort(own) : undefined;
  }

  /** Makes a call in its place among the others on its keys. */
  call<T>(
    names: readonly string[],
    step: (records: CloudSpace) => T,
    kind: CallKind,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = () => {
        call.isOver = true;
        signal?.removeEventListener("abort", abort);
      };
      const call: Call = {
        names,
        step,
        kind,
        place: this.bucket.takePlace(),
        calledAt: this.bucket.clock.now(),
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
      this.#cache.forgetAll();
      if (this.#barrier === barrier) this.#barrier = null;
    });
    this.#barrier = barrier;
    await barrier;
    await changed;
  }

  /** Serves calls, several on one key, or one on several, and resolves to what gives them their answers. */
  async #serve(calls: Call[]): Promise<() => void> {
    try {
      const outcomes = await this.#carryOut(calls);
      return () => outcomes.forEach(answer);
    } catch (error) {
      if (error !== TOO_MANY) return () => calls.forEach((call) => answer({ call, error: errorOf(call, error) }));
      const middle = calls.length >> 1;
      const answerFirst = await this.#serve(calls.slice(0, middle));
      const answerOthers = await this.#serve(calls.slice(middle));
      return () => (answerFirst(), answerOthers());
    }
  }

  async #carryOut(all: Call[]): Promise<Outcome[]> {
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
          ? calls.every(({ place, calledAt }) => entry.askedAt >= place || this.#cache.isRecent(entry, calledAt))
          : entry.askedAt >= since;
      if (!mayPresume || !this.#cache.presumeAbsent(names[0])) await this.#bring(names, isEnough);
      mayPresume = false;
      const tried = this.#trials.run(calls);
      if (tried instanceof Miss) {
        await this.#fetchParts(tried, names, missed);
        continue;
      }
      // What has nothing to write may have found that in something old.
      const isSure = () => names.every((name) => this.#cache.entryOf(name)!.askedAt >= lastPlace);
      if (tried.intent === null && (isRead || isSure())) return this.#count(tried);
      if (tried.intent === null) {
        since = lastPlace;
        continue;
      }
      if (await this.#writer.write(tried.intent)) return this.#count(tried);
      if (conflicts++ === 0) continue;
      await backOff(this.bucket.clock, Math.min(conflicts, 4));
      since = this.bucket.takePlace(); // what was found before that is old by now
    }
    throw conflict();
  }

  /**
   * Sees to it that the cache knows these keys, well enough. They are there when this resolves, until the next time that something is
   * waited for: only what is being looked at has to fit the cache, not all that is under way.
   */
  async #bring(names: readonly string[], isEnough: (entry: Entry) => boolean): Promise<void> {
    const { bucket } = this;
    const lacking = this.#cache.lacks(names, isEnough);
    if (lacking.length === 0) return;
    const ask = (name: string) => bucket.ask(name, this.#cache.entryOf(name)?.version ?? null);
    let found = await Promise.all(lacking.map(ask));
    // While some were being read, others that were there may have made room.
    while (!this.#cache.keep(found, names)) found = await Promise.all(names.map((name) => bucket.ask(name, null)));
  }

  /** Reads the parts that steps have missed. */
  async #fetchParts({ ids }: Miss, names: readonly string[], missed: Missed): Promise<void> {
    const { requests, names: ofObjects } = this.bucket;
    const pieces = new Set(ids.map((id) => this.space.pieceAt(Number(id >> 16n), Number(id & 0xffffn))!));
    const found = await Promise.all(Array.from(pieces, async (piece) => {
      const name = ofObjects.partOf(await ofObjects.of(bytesOfName(piece.key)), piece.id);
      return { piece, name, object: await requests.get(name) };
    }));
    this.#cache.keepParts(found, names, missed);
  }

  #count({ outcomes, hits, misses }: Tried): Outcome[] {
    this.space.hits += hits;
    this.space.misses += misses;
    return outcomes;
  }

  stats(): CloudStats {
    return { ...this.#cache.stats(), ...this.bucket.requests.counts };
  }

  /** Resolves when all calls have ended. */
  async close(): Promise<void> {
    await this.#lanes.settled();
    await this.bucket.garbage.collectAll();
    this.#cache.drop();
  }
}

/** What a call fails of when those that are served together do. */
function errorOf({ kind }: Call, error: unknown): unknown {
  if (kind !== "read" || !(error instanceof StorageError) || error.outcome !== "unknown") return error;
  // It stands between writes, so it cannot be answered alone.
  return new StorageError("UNAVAILABLE", `Cannot read: of a write before it nothing is known: ${error.message}`, {
    cause: error,
  });
}
