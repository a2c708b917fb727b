import { readScanOptions } from "../arguments.ts";
import { matchesGlob } from "../core/glob.ts";
import { edgeModule } from "../core/edge_module.ts";
import type { Bytes, ScanOptions, ScanResult } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import type { CallKind } from "./call.ts";
import { Attempts, delayOf, type Written } from "./attempts.ts";
import {
  decode,
  encodeRoot,
  encodeTombstone,
  MAX_IDS,
  newWriteId,
  readTag,
  type Root,
  type WriteId,
} from "./format.ts";
import { type Call, Lanes } from "./lanes.ts";
import { Limit } from "./limit.ts";
import { Names } from "./names.ts";
import { type Abilities, type Condition, type ListedObject, RequestError } from "./object_storage.ts";
import type { CheckedCloudOptions } from "./options.ts";
import { sleep } from "./sleep.ts";
import { CloudSpace } from "./space.ts";
import type { CloudStats } from "./stats.ts";

/** A write begins anew at most so often because others have written to the key. */
const MAX_CONFLICTS = 100;
/** What the cache holds beside what is needed may take this share of it. */
const CACHE_SHARE = 0.6;

/** What is known of the object of a key. */
interface Entry {
  readonly version: string | null;
  readonly ids: readonly WriteId[];
  /** When it was known to be current, by `performance.now()`. */
  readonly checkedAt: number;
}

interface PendingCall extends Call {
  readonly step: () => unknown;
  readonly kind: CallKind;
  readonly calledAt: number;
  isOver: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** What a step came to. */
interface Outcome {
  readonly call: PendingCall;
  readonly result?: unknown;
  readonly error?: unknown;
}

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
  readonly object: Bytes;
  readonly records: Bytes | null;
  readonly id: WriteId;
}

/** The objects of a store, and the cache of what is in them. */
export class Bucket {
  readonly space: CloudSpace;
  readonly #options: CheckedCloudOptions;
  readonly #names: Names;
  readonly #requests: Attempts;
  readonly #limit: Limit;
  readonly #lanes = new Lanes<PendingCall>((calls) => this.#serve(calls));
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #abilities: Promise<Abilities> | null = null;
  #cacheHits = 0;
  #cacheMisses = 0;
  #revalidations = 0;
  #evictions = 0;

  constructor(options: CheckedCloudOptions) {
    this.#options = options;
    this.#names = new Names(options.prefix);
    this.#requests = new Attempts(options.storage, options);
    this.#limit = new Limit(options.concurrency);
    this.space = new CloudSpace({
      maxBytes: options.cacheBytes,
      evicts: false,
      tracksReads: false,
      module: () => options.module ?? edgeModule(),
    });
  }

  /** Whether what the cache has of a key may be answered without any request, right now. It counts as used. */
  isCurrent(name: string): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined || this.#options.maxStalenessMs === 0 || this.#lanes.isTaken(name)) return false;
    if (!this.#isFresh(entry, performance.now())) return false;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    this.#cacheHits++;
    this.space.stopClock();
    return true;
  }

  #isFresh(entry: Entry, calledAt: number): boolean {
    if (entry.checkedAt >= calledAt) return true;
    if (entry.version === null && !this.#options.negative) return false;
    return entry.checkedAt >= calledAt - this.#options.maxStalenessMs;
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
        calledAt: performance.now(),
        isOver: false,
        resolve: (result) => (end(), resolve(result as T)),
        reject: (error) => (end(), reject(error)),
      };
      const abort = () => call.reject(signal!.reason);
      signal?.addEventListener("abort", abort);
      this.#lanes.add(call);
    });
  }

  /** Answers calls: several on one key, or one on several. */
  async #serve(calls: PendingCall[]): Promise<void> {
    const waiting = calls.filter(({ isOver }) => !isOver);
    if (waiting.length === 0) return;
    try {
      for (const { call, result, error } of await this.#carryOut(waiting)) {
        if (error !== undefined) call.reject(error);
        else call.resolve(result);
      }
    } catch (error) {
      for (const call of waiting) call.reject(error);
    }
  }

  async #carryOut(calls: PendingCall[]): Promise<Outcome[]> {
    const { names } = calls[0];
    const isRead = calls.every(({ kind }) => kind === "read");
    // What is written may be based on what is old: then it is refused. What depends on several keys must not.
    const since = names.length > 1 && !isRead ? calls[0].calledAt : -Infinity;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      if (conflicts === 0 && calls[0].kind === "blind") this.#presumeAbsent(names[0]);
      await Promise.all(names.map((name) => this.#load(name, calls, isRead ? null : since)));
      let tried = this.#tryOut(calls);
      if (tried.intent === null) {
        // What has nothing to write may have found that in something old.
        const lastCall = isRead ? -Infinity : Math.max(...calls.map((call) => call.calledAt));
        if (names.every((name) => this.#entries.get(name)!.checkedAt >= lastCall)) return this.#count(tried);
        await Promise.all(names.map((name) => this.#load(name, calls, lastCall)));
        tried = this.#tryOut(calls);
        if (tried.intent === null) return this.#count(tried);
      }
      if (await this.#write(tried.intent)) return this.#count(tried);
      if (conflicts > 0) await sleep(delayOf(Math.min(conflicts, 4)));
    }
    throw new StorageError("CONFLICT", `Cannot write: others have written to the key ${MAX_CONFLICTS} times meanwhile`);
  }

  /** Has it that a key of which nothing is known holds nothing: whether that is so, the write will show. */
  #presumeAbsent(name: string): void {
    if (this.#entries.has(name)) return;
    this.#evict(name, [name], 0);
    this.space.install(name, null);
    this.#entries.set(name, { version: null, ids: [], checkedAt: -Infinity });
  }

  /** Sees to it that the cache knows a key, as of `since`, or, for reads, which give `null`, as fresh as it has to be. */
  async #load(name: string, calls: PendingCall[], since: number | null): Promise<void> {
    const entry = this.#entries.get(name);
    const isEnough = entry !== undefined &&
      (since === null ? calls.every((call) => this.#isFresh(entry, call.calledAt)) : entry.checkedAt >= since);
    if (isEnough) {
      this.#cacheHits++;
      this.#entries.delete(name);
      this.#entries.set(name, entry);
      return;
    }
    const checkedAt = performance.now();
    const objectName = await this.#names.of(bytesOf(name));
    const object = await this.#limit.run(() => this.#requests.get(objectName, entry?.version ?? undefined));
    if (object === "unchanged") {
      this.#revalidations++;
      this.#entries.delete(name);
      this.#entries.set(name, { ...entry!, checkedAt });
      return;
    }
    this.#cacheMisses++;
    this.#evict(name, calls[0].names, object?.body.length ?? 0);
    if (object === null) {
      this.space.install(name, null);
      this.#entries.set(name, { version: null, ids: [], checkedAt });
      return;
    }
    const root = decode(this.space.core, object.body, objectName);
    this.space.install(name, root.records);
    this.#entries.set(name, { version: object.version, ids: root.ids, checkedAt });
  }

  /** Makes room for an object by forgetting what was not used for the longest time, but for what is in use. */
  #evict(name: string, kept: readonly string[], bytes: number): void {
    this.#forget(name);
    const { core } = this.space;
    const limit = core.calls.limitBytes() * CACHE_SHARE - bytes;
    let { liveBytes, indexBytes } = core.stats();
    for (const [other] of this.#entries) {
      if (liveBytes + indexBytes <= limit) return;
      if (kept.includes(other) || this.#lanes.isTaken(other)) continue;
      this.#forget(other);
      this.#evictions++;
      ({ liveBytes, indexBytes } = core.stats());
    }
  }

  #forget(name: string): void {
    this.#entries.delete(name);
    this.space.forget(name);
  }

  /** Runs the steps of calls, one after another, and takes back what they have changed. */
  #tryOut(calls: PendingCall[]): Tried {
    const errors = new Map<PendingCall, unknown>();
    const { hits, misses } = this.space;
    for (;;) {
      const failed = errors.size;
      const tried = this.space.tryOut(
        () => this.#runSteps(calls, errors),
        (outcomes) => errors.size > failed ? null : { outcomes, intent: this.#intentOf(calls[0].names) },
      );
      const counts = { hits: this.space.hits - hits, misses: this.space.misses - misses };
      Object.assign(this.space, { hits, misses }); // it may not have been the last time
      // What a step that failed has done is undone with all the others, so they are run again without it.
      if (tried !== null) return { ...tried, ...counts };
    }
  }

  #count({ outcomes, hits, misses }: Tried): Outcome[] {
    this.space.hits += hits;
    this.space.misses += misses;
    return outcomes;
  }

  #runSteps(calls: PendingCall[], errors: Map<PendingCall, unknown>): Outcome[] {
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
    if (changes.names.size > 1) {
      throw new StorageError(
        "UNSUPPORTED",
        "Cannot write to several keys at once: object storage cannot do that atomically",
      );
    }
    const [name = names[0]] = changes.names;
    const id = newWriteId();
    const ids = [...this.#entries.get(name)!.ids, id].slice(-MAX_IDS);
    const key = bytesOf(name);
    const content = space.export(key);
    if (content === null) return { name, id, records: null, object: encodeTombstone(space.core, ids, key) };
    const object = encodeRoot(space.core, ids, content.records, content.kind, content.expires);
    return { name, id, object, records: decode(space.core, object, name).records as Bytes };
  }

  /** Writes what calls want to write; false when others came first and it has to begin anew. */
  async #write({ name, object, records, id }: Intent): Promise<boolean> {
    const entry = this.#entries.get(name)!;
    const objectName = await this.#names.of(bytesOf(name));
    const condition: Condition = entry.version === null ? { ifAbsent: true } : { ifVersion: entry.version };
    await this.#probe();
    const checkedAt = performance.now();
    let written: Written;
    try {
      written = await this.#limit.run(() => this.#requests.put(objectName, object, condition));
    } catch (error) {
      const isUnknown = error instanceof RequestError && error.failure.mayHaveHappened;
      this.#forget(name);
      if (!isUnknown) throw error;
      return await this.#settle(name, entry, id, error);
    }
    if (written.version === null) {
      this.#forget(name);
      return written.mayBeOurs ? await this.#settle(name, entry, id, null) : false;
    }
    this.#evict(name, [name], object.length);
    this.space.install(name, records);
    this.#entries.set(name, { version: written.version, ids: idsOf(entry, id), checkedAt });
    return true;
  }

  /**
   * Finds out what became of a write of which that is not known: true when it was carried out, false when it was not and never will be.
   * Rejects with `outcome: "unknown"` when nobody can tell.
   */
  async #settle(name: string, entry: Entry, id: WriteId, error: unknown): Promise<boolean> {
    const unknown = (cause: unknown) =>
      new StorageError("UNAVAILABLE", "Cannot tell whether the write took place: the bucket did not answer", {
        cause,
        outcome: "unknown",
      });
    let root: Root | null;
    let version: string | null = null;
    const objectName = await this.#names.of(bytesOf(name));
    try {
      const object = await this.#limit.run(() => this.#requests.get(objectName));
      if (object === "unchanged") throw unknown(error);
      version = object?.version ?? null;
      root = object === null ? null : decode(this.space.core, object.body, objectName);
    } catch (cause) {
      throw unknown(error ?? cause);
    }
    const ids = root?.ids ?? [];
    if (ids.includes(id)) return true;
    // As long as the condition holds, it may still come.
    if (version === entry.version) throw unknown(error);
    const last = entry.ids.at(-1);
    const hasAll = ids.length < MAX_IDS || last !== undefined && ids.includes(last);
    if (root === null || !hasAll) throw unknown(error);
    return false;
  }

  /** Asks once whether the bucket honours conditions, where that is not known. */
  #probe(): Promise<Abilities> {
    const { storage, prefix, timeoutMs } = this.#options;
    if (this.#abilities === null) {
      const asked = storage.probe?.(`${prefix}probe/`, { signal: AbortSignal.timeout(timeoutMs) }) ??
        Promise.resolve({ conditionalDelete: true });
      this.#abilities = asked;
      asked.catch(() => {
        if (this.#abilities === asked) this.#abilities = null;
      });
    }
    return this.#abilities;
  }

  /** One step of a scan: a part of the list of objects. The cursor is that of the list, behind the number of the prefix. */
  async scan(options: ScanOptions): Promise<ScanResult> {
    const { cursor, count, pattern } = readScanOptions(options);
    const prefixes = this.#names.listPrefixes(literalPrefix(pattern));
    const [, index, place] = cursor === null ? ["", "0", ""] : /^([01]):(.*)$/s.exec(cursor) ?? [];
    if (index === undefined) {
      throw new StorageError("OUT_OF_RANGE", `Cannot scan: no scan gave the cursor ${JSON.stringify(cursor)}`);
    }
    const at = Number(index);
    const list = await this.#requests.list(prefixes[at], place || null, Math.min(count, 1000));
    const found = await Promise.all(list.objects.map((object) => this.#keyOf(object, options.type)));
    const keys = found.filter((key): key is Bytes =>
      key !== null && (pattern === null || matchesGlob(pattern, key, 0, key.length))
    );
    const next = list.cursor !== null ? `${at}:${list.cursor}` : at + 1 < prefixes.length ? `${at + 1}:` : null;
    return { cursor: next, keys };
  }

  /** The key of an object that a list has shown, if it holds something, of that type. */
  async #keyOf({ name, size }: ListedObject, type: ScanOptions["type"]): Promise<Bytes | null> {
    const tag = readTag(size);
    if (tag.type === null || type !== undefined && tag.type !== type) return null;
    const key = this.#names.keyOf(name);
    if (key !== null && !tag.mayHaveExpired) return key as Bytes;
    const object = await this.#limit.run(() => this.#requests.get(name));
    if (object === null || object === "unchanged") return null;
    const { records } = decode(this.space.core, object.body, name);
    return records === null ? null : this.space.liveKey(records);
  }

  /** How many keys hold something. */
  async size(): Promise<number> {
    let keys = 0;
    for await (const objects of this.#listAll()) {
      keys += objects.filter(({ size }) => readTag(size).type !== null).length;
    }
    return keys;
  }

  async *#listAll(): AsyncIterableIterator<ListedObject[]> {
    for (const prefix of this.#names.listPrefixes(new Uint8Array(0))) {
      let cursor: string | null = null;
      do {
        const list: { objects: ListedObject[]; cursor: string | null } = await this.#requests.list(
          prefix,
          cursor,
          1000,
        );
        yield list.objects;
        cursor = list.cursor;
      } while (cursor !== null);
    }
  }

  /** Marks all keys as deleted. What was written before is not remembered, so that nobody takes its absence for a proof. */
  async clear(): Promise<void> {
    await this.#probe();
    for await (const objects of this.#listAll()) {
      const live = objects.filter(({ size }) => readTag(size).type !== null);
      await Promise.all(live.map((object) => this.#limit.run(() => this.#clearOne(object.name))));
    }
    for (const name of [...this.#entries.keys()]) if (!this.#lanes.isTaken(name)) this.#forget(name);
  }

  async #clearOne(objectName: string): Promise<void> {
    const ids = Array.from({ length: MAX_IDS }, newWriteId);
    const key = this.#names.keyOf(objectName) ?? new Uint8Array(0);
    await this.#requests.put(objectName, encodeTombstone(this.space.core, ids, key), null);
  }

  stats(): CloudStats {
    return {
      ...this.space.stats(),
      backend: "cloud",
      cacheHits: this.#cacheHits,
      cacheMisses: this.#cacheMisses,
      evictions: this.#evictions,
      revalidations: this.#revalidations,
      ...this.#requests.counts,
    };
  }

  /** Resolves when all calls have ended. */
  async close(): Promise<void> {
    await this.#lanes.idle();
    this.space.isClosed = true;
    this.#entries.clear();
    this.space.replace();
  }
}

function idsOf(entry: Entry, id: WriteId): WriteId[] {
  return [...entry.ids, id].slice(-MAX_IDS);
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}

/** The bytes that all keys begin with that match a glob. */
function literalPrefix(pattern: Uint8Array | null): Uint8Array {
  if (pattern === null) return new Uint8Array(0);
  const end = pattern.findIndex((byte) => "*?[\\".includes(String.fromCharCode(byte)));
  return pattern.subarray(0, end < 0 ? pattern.length : end);
}
