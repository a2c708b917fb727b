import { checkOptionNames, checkOptions, isThenable } from "../arguments.ts";
import { MAX_CORE_BYTES, MIN_CORE_BYTES } from "../core/core.ts";
import type { CollectionOps } from "../collections.ts";
import type {
  Bytes,
  CallOptions,
  Capabilities,
  KeysOptions,
  ScanResult,
  StorageEngine,
  StorageStats,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  TransactionOps,
} from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { bytesOfName, nameOf } from "../records/names.ts";
import { formatSize, parseSize, type Size } from "../size.ts";
import { isWrite, methodNames } from "../types/methods.ts";
import { SyncStore } from "../types/sync_store.ts";
import { ListMiss, RecordSpace } from "./space.ts";
import type { RecordTable } from "./table.ts";

/** How to set up a {@linkcode RecordStore}. */
export interface RecordStoreOptions {
  /** Where the records are. */
  table: RecordTable;
  /** Memory for records that were used lately, 8 MB to 4 GB; `"64MB"` if not given. What one call needs must fit. */
  cacheSize?: Size;
  /** The compiled WASM core, for runtimes that forbid compiling. */
  module?: WebAssembly.Module;
}

/** So many calls are made one transaction, at most. */
const MOST_TOGETHER = 1000;
const LISTED_AT_ONCE = 1000;

/** What a call does. */
interface Step {
  readonly run: () => unknown;
  /** What it had done when it failed must not be seen by those after it. The others check everything before they write. */
  readonly failsHalfWay: boolean;
}

/** A call that has not been answered. */
interface Call extends Step {
  /** It is not made together with others. */
  readonly isAlone: boolean;
  isOver: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** Work that is interrupted by what a table does: it yields what the table has returned, and is resumed with what that comes to. */
type Work<T> = Generator<unknown, T, unknown>;

/** Methods that are not in the class are put on its prototype below. */
export interface RecordStore extends CollectionOps, TransactionOps, StorageEngine {}

/**
 * A store over a table of records: all operations and data types, transactions included, over any database that can read, write several
 * at once, and list in order. What is used lies in a cache; what calls change is written to the table in one `write` before they are answered,
 * and calls that wait for it share the next one.
 *
 * {@linkcode RecordTable} has an example.
 */
export class RecordStore implements StorageEngine, TransactionOps {
  /** What this store can do. */
  readonly supports: Capabilities;
  /** The same operations, answered at once, if the table does. */
  readonly sync: (SyncStorageEngine & SyncCollectionOps & SyncTransactionOps) | undefined;
  readonly #table: RecordTable;
  readonly #space: RecordSpace;
  readonly #inner: SyncStore;
  /** Calls that wait, in their order. */
  #calls: Call[] = [];
  /** What serves them, if anything does. */
  #serving: Promise<void> | null = null;
  #isBegun = false;
  #closing: Promise<void> | null = null;

  /** Sets up a store; the table is first used by the first call. `CONFIG` for options that make no sense. */
  constructor(options: RecordStoreOptions) {
    checkOptionNames("open storage", options, ["table", "cacheSize", "module"]);
    this.#table = checkTable(options.table);
    this.#space = new RecordSpace(checkSize(options.cacheSize ?? "64MB"), options.module);
    this.#inner = new SyncStore(this.#space);
    this.sync = this.#table.isSync === true ? new SyncFace(this.#inner, (step) => this.#runNow(step)) : undefined;
    this.supports = Object.freeze({
      sync: this.sync !== undefined,
      lists: true,
      hashes: true,
      sets: true,
      sortedSets: true,
      transactions: true,
      persistence: false,
    });
  }

  /** See {@linkcode StorageEngine.keys}. */
  async *keys(options: KeysOptions = {}): AsyncIterableIterator<Bytes> {
    checkOptions(options);
    let cursor: string | null = null;
    do {
      const step: ScanResult = await this.scan({ ...options, cursor, count: LISTED_AT_ONCE });
      yield* step.keys;
      cursor = step.cursor;
    } while (cursor !== null);
  }

  /** Removes what has expired. O(keys). */
  async compact(options?: CallOptions): Promise<void> {
    let cursor: string | null = null;
    do {
      const from: string | null = cursor;
      cursor = await this.#call("compact", () => this.#dropExpired(from), options?.signal);
    } while (cursor !== null);
  }

  #dropExpired(from: string | null): string | null {
    const expired: Bytes[] = [];
    const { core } = this.#space;
    const cursor = this.#space.scan(from, LISTED_AT_ONCE, (record) => {
      if (this.#space.isExpired(record)) expired.push(core.copyKey(record));
    });
    for (const key of expired) this.#inner.del(key);
    return cursor;
  }

  /** Figures of the store. Those in bytes are about what it has in memory. */
  stats(): StorageStats {
    this.#assertOpen();
    return this.#space.stats();
  }

  /** See {@linkcode StorageEngine.close}. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#serving;
    this.#space.isClosed = true;
    this.#space.forgetAll();
    await this.#table.close();
  }

  /** Closes the store at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new StorageError("CLOSED", "Cannot use storage: it has been closed");
  }

  /** Makes a call in its turn. */
  #call<T>(name: string, run: () => T, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted();
      this.#assertOpen();
      const end = () => {
        call.isOver = true;
        signal?.removeEventListener("abort", abort);
      };
      const call: Call = {
        run,
        failsHalfWay: name === "transact",
        isAlone: name === "clear",
        isOver: false,
        resolve: (result) => (end(), resolve(result as T)),
        reject: (error) => (end(), reject(error)),
      };
      const abort = () => call.reject(signal!.reason);
      signal?.addEventListener("abort", abort);
      if (this.sync !== undefined) return this.#answerNow(call);
      this.#calls.push(call);
      this.#serving ??= this.#serve();
    });
  }

  #answerNow(call: Call): void {
    try {
      call.resolve(this.#runNow(call.run));
    } catch (error) {
      call.reject(error);
    }
  }

  /** Runs a step of a table that answers at once. One within another, of a function that was given to `update` or `transact`, is a part of that. */
  #runNow<T>(run: () => T): T {
    if (this.#space.isHolding) return run();
    this.#assertOpen();
    const [outcome] = finish(this.#carryOut([{ run, failsHalfWay: false }]));
    if (this.#space.isReclaiming) this.#reclaimNow();
    if ("error" in outcome) throw outcome.error;
    return outcome.result as T;
  }

  /** Such a table is never waited for, so there is no better time than after a call. */
  #reclaimNow(): void {
    try {
      finish(this.#carryOut([this.#reclaimStep()]));
    } catch {
      return; // the call has taken place; what this frees is freed another time
    }
  }

  /** Serves calls as long as there are any, those that wait together in one transaction, and frees what they have dropped. */
  async #serve(): Promise<void> {
    await null; // all calls of a turn
    while (this.#calls.length > 0 || this.#isBegun && this.#space.isReclaiming) {
      const alone = this.#calls.findIndex(({ isAlone }) => isAlone);
      const count = alone < 0 ? MOST_TOGETHER : Math.min(Math.max(alone, 1), MOST_TOGETHER);
      const calls = this.#calls.splice(0, count).filter(({ isOver }) => !isOver);
      if (calls.length > 0) await this.#answerAll(calls);
      else if (this.#calls.length === 0 && !await this.#reclaim() && this.#calls.length === 0) break;
    }
    this.#serving = null;
  }

  async #answerAll(calls: Call[]): Promise<void> {
    try {
      const outcomes = await settle(this.#carryOut(calls));
      outcomes.forEach((outcome, i) => {
        if ("error" in outcome) calls[i].reject(outcome.error);
        else calls[i].resolve(outcome.result);
      });
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  /** Frees some of what was dropped; false when the table does not let it, and another time has to do. */
  async #reclaim(): Promise<boolean> {
    try {
      const [outcome] = await settle(this.#carryOut([this.#reclaimStep()]));
      return !("error" in outcome);
    } catch {
      return false;
    }
  }

  #reclaimStep(): Step {
    return { run: () => this.#space.reclaim(), failsHalfWay: false };
  }

  /** Carries out steps one after another, as many as can be in one transaction. */
  *#carryOut(steps: readonly Step[]): Work<Outcome[]> {
    if (!this.#isBegun) yield* this.#begin();
    const outcomes: Outcome[] = [];
    let count = steps.length;
    while (outcomes.length < steps.length) {
      const next = steps.slice(outcomes.length, outcomes.length + count);
      let answer: Outcome[] | number;
      try {
        answer = yield* this.#carryOutTogether(next);
      } catch (error) {
        answer = next.map(() => ({ error })); // those before have taken place
      }
      if (typeof answer === "number") {
        count = answer;
      } else {
        outcomes.push(...answer);
        count *= 2;
      }
    }
    return outcomes;
  }

  /** Runs steps in one transaction, and writes what they have changed; or says how many of them can be carried out together. */
  *#carryOutTogether(steps: readonly Step[]): Work<Outcome[] | number> {
    const space = this.#space;
    const errors = new Map<number, unknown>();
    for (let isLast = false;;) {
      const before = { hits: space.hits, misses: space.misses };
      const failed = errors.size;
      let outcomes: Outcome[];
      try {
        outcomes = space.hold(() => this.#runSteps(steps, errors));
      } catch (error) {
        Object.assign(space, before);
        if (error instanceof Miss) {
          try {
            yield* this.#load(error);
          } catch (error) {
            if (steps.length > 1 && isCorrupt(error)) return steps.length >> 1; // the others can do without what is damaged
            throw error;
          }
        } else if (!isOutOfMemory(error)) {
          throw error;
        } else if (!isLast) {
          isLast = true; // once more, with nothing else in memory
          space.forgetOld(0);
        } else if (steps.length > 1) {
          return steps.length >> 1;
        } else {
          throw error;
        }
        continue;
      }
      // What a step that failed has done is undone with all the others, so they are run again without it.
      if (errors.size > failed) {
        space.rollback();
        Object.assign(space, before);
        if (outcomes.length === steps.length) continue;
        return outcomes.length > 1 ? outcomes.length - 1 : outcomes;
      }
      yield* this.#keepChanges();
      return outcomes;
    }
  }

  /** Runs steps up to one that fails half-way. */
  #runSteps(steps: readonly Step[], errors: Map<number, unknown>): Outcome[] {
    const outcomes: Outcome[] = [];
    for (const [i, { run, failsHalfWay }] of steps.entries()) {
      if (errors.has(i)) {
        outcomes.push({ error: errors.get(i) });
        continue;
      }
      try {
        outcomes.push({ result: run() });
      } catch (error) {
        if (this.#space.isDoomed) throw error;
        errors.set(i, error);
        outcomes.push({ error });
        if (failsHalfWay) break;
      }
    }
    return outcomes;
  }

  *#keepChanges(): Work<void> {
    const space = this.#space;
    try {
      if (space.isCleared) {
        yield this.#table.clear();
        return space.forgetAll();
      }
      const changes = space.changes();
      if (changes.size > 0) yield this.#table.write(space.changesToWrite(changes));
      space.keep(changes);
    } catch (cause) {
      space.isCleared = false;
      space.rollback();
      throw unavailable("write", cause);
    }
    space.forgetOld();
  }

  *#begin(): Work<void> {
    const listed: Uint8Array[] = [];
    for (let after: Uint8Array | null = null;;) {
      const names = (yield* this.#ask(() => this.#table.list(bytesOfName("r"), after, LISTED_AT_ONCE))) as Uint8Array[];
      listed.push(...names);
      if (names.length < LISTED_AT_ONCE) break;
      after = names[names.length - 1];
    }
    const [counts, ...records] = (yield* this.#ask(() => this.#table.read([bytesOfName("m"), ...listed]))) as (
      | Uint8Array
      | null
    )[];
    this.#space.begin(counts, listed.map(nameOf), records);
    this.#isBegun = true;
  }

  *#load(miss: Miss): Work<void> {
    const space = this.#space;
    if (miss instanceof ListMiss) {
      const after = miss.after === null ? null : bytesOfName(miss.after);
      const names = yield* this.#ask(() => this.#table.list(bytesOfName("k"), after, miss.count));
      return space.takeList(miss, (names as Uint8Array[]).map(nameOf));
    }
    const names = space.namesIn(miss);
    const records = yield* this.#ask(() => this.#table.read(names.map(bytesOfName)));
    space.load(names, records as (Uint8Array | null)[]);
  }

  *#ask(question: () => unknown): Work<unknown> {
    try {
      return yield question();
    } catch (cause) {
      throw unavailable("read", cause);
    }
  }

  static {
    const methods = SyncStore.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of methodNames().filter((name) => !(name in this.prototype))) {
      Object.defineProperty(this.prototype, name, {
        value(this: RecordStore, ...args: unknown[]): Promise<unknown> {
          const { signal } = (args.at(-1) as CallOptions | null | undefined) ?? {};
          if (isWrite(name) && this.#inner.isChanging) return Promise.reject(isChanging());
          return this.#call(name, () => methods[name].apply(this.#inner, args), signal);
        },
        writable: true,
        configurable: true,
      });
    }
  }
}

/** The methods of {@linkcode SyncStore}, which are put on the prototype below. */
interface SyncFace extends SyncStorageEngine, SyncCollectionOps, SyncTransactionOps {}

/** The operations of a store over a table that answers at once. */
class SyncFace {
  readonly #inner: SyncStore;
  readonly #run: <T>(step: () => T) => T;

  constructor(inner: SyncStore, run: <T>(step: () => T) => T) {
    this.#inner = inner;
    this.#run = run;
  }

  *keys(options: KeysOptions = {}): IterableIterator<Bytes> {
    checkOptions(options);
    let cursor: string | null = null;
    do {
      const step: ScanResult = this.scan({ ...options, cursor, count: LISTED_AT_ONCE });
      yield* step.keys;
      cursor = step.cursor;
    } while (cursor !== null);
  }

  static {
    const methods = SyncStore.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of methodNames()) {
      Object.defineProperty(this.prototype, name, {
        value(this: SyncFace, ...args: unknown[]): unknown {
          return this.#run(() => methods[name].apply(this.#inner, args));
        },
        writable: true,
        configurable: true,
      });
    }
  }
}

/** Does work of which nothing has to be waited for. */
function finish<T>(work: Work<T>): T {
  let step = work.next();
  while (step.done !== true) {
    step = isThenable(step.value)
      ? work.throw(new Error("it has isSync, and has returned a promise"))
      : work.next(step.value);
  }
  return step.value;
}

/** Does work, waiting for what it yields. */
async function settle<T>(work: Work<T>): Promise<T> {
  let step = work.next();
  while (step.done !== true) {
    let answer: unknown;
    try {
      answer = await step.value;
    } catch (error) {
      step = work.throw(error);
      continue;
    }
    step = work.next(answer);
  }
  return step.value;
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof StorageError && error.code === "OUT_OF_MEMORY";
}

function isCorrupt(error: unknown): boolean {
  return error instanceof StorageError && error.code === "CORRUPT";
}

function unavailable(verb: string, cause: unknown): StorageError {
  return new StorageError("UNAVAILABLE", `Cannot ${verb} records: the table has failed: ${cause}`, { cause });
}

function isChanging(): StorageError {
  return new StorageError(
    "CONFLICT",
    "Cannot write while a function given to update or transact runs: it would not be atomic",
  );
}

const METHODS = ["read", "write", "list", "clear", "close"] as const;

function checkTable(table: RecordTable): RecordTable {
  if (METHODS.every((method) => typeof table?.[method] === "function")) return table;
  throw new StorageError(
    "CONFIG",
    `Cannot open storage: table must have the methods ${METHODS.join(", ")}, received ${describe(table)}`,
  );
}

function checkSize(size: Size): number {
  const bytes = typeof size === "number" || typeof size === "string" ? parseSize(size) : null;
  if (bytes !== null && bytes >= MIN_CORE_BYTES && bytes <= MAX_CORE_BYTES) return bytes;
  throw new StorageError(
    "CONFIG",
    `Cannot open storage: cacheSize must be a size from ${formatSize(MIN_CORE_BYTES)} to ${
      formatSize(MAX_CORE_BYTES)
    }, received ${describe(size)}`,
  );
}
