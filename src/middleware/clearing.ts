import type {
  Bytes,
  CallOptions,
  ScanOptions,
  ScanResult,
  StorageEngine,
  SyncStorageEngine,
  SyncTransactionOps,
} from "../engine.ts";
import { StorageError } from "../errors.ts";
import type { Prefix } from "./prefix.ts";
import { SHAPES } from "./shapes.ts";
import type { Call, Operation } from "./wrap.ts";

/** Keys looked at in one step. Those that are found are removed at the same time. */
const STEP = 256;

/** What is under way: the calls that wait for it, in their order, and whether that is over. */
interface Run {
  readonly waiting: (() => void)[];
  isOver: boolean;
}

/**
 * Removes the keys of a namespace, which takes many calls and must look like one: calls that come meanwhile wait until it is over, and one
 * that has to be answered at once does the rest first.
 */
export class Clearing {
  readonly #store: StorageEngine;
  readonly #within: ScanOptions;
  #run: Run | null = null;
  /** While a function runs that was given to `update` or `transact`: what it calls is not part of the order. */
  #isChanging = false;

  constructor(store: StorageEngine, namespace: Prefix) {
    this.#store = store;
    this.#within = { ...namespace.within(undefined) as ScanOptions, count: STEP };
  }

  async start(options?: CallOptions): Promise<void> {
    if (this.#isChanging) {
      throw new StorageError("CONFLICT", "Cannot clear while a function given to update or transact runs");
    }
    const run: Run = this.#run = { waiting: [], isOver: false };
    try {
      await this.#clear(run, options);
    } finally {
      this.#end(run);
    }
  }

  async #clear(run: Run, options?: CallOptions): Promise<void> {
    await this.#store.mset([], options); // comes after the writes before it, and is refused where they would be
    let cursor: string | null = null;
    do {
      const step: ScanResult = await this.#store.scan({ ...this.#within, ...options, cursor });
      if (run.isOver) return;
      await Promise.all(step.keys.map((key) => this.#store.del(key, options)));
      cursor = step.cursor;
    } while (cursor !== null && !run.isOver);
  }

  /** Removes all keys before it returns. */
  atOnce(): void {
    const store = this.#store.sync!;
    store.mset([]);
    let cursor: string | null = null;
    do {
      const step: ScanResult = store.scan({ ...this.#within, cursor });
      removeAtOnce(store, step.keys);
      cursor = step.cursor;
    } while (cursor !== null);
    if (this.#run !== null) this.#end(this.#run);
  }

  #end(run: Run): void {
    if (run.isOver) return;
    run.isOver = true;
    const { waiting } = run;
    for (let i = 0; i < waiting.length; i++) { // what is let go may make calls, which come after those that wait
      waiting[i]();
      if (this.#run === run) continue;
      this.#run!.waiting.unshift(...waiting.slice(i + 1)); // it was another clear
      return;
    }
    this.#run = null;
  }

  /** A call that comes after what was under way when it was made. */
  after({ name, face, kind }: Operation, call: Call): Call {
    if (name === "stats" || kind === "upkeep" || kind === "unknown" || face === "transaction") return call;
    const ordered = face === "sync"
      ? this.#finishing(call)
      : name === "keys"
      ? this.#waitingIterator(call)
      : this.#waiting(call);
    const at = SHAPES.get(name)!.takes.findIndex((role) => role === "change" || role === "transaction");
    return at < 0
      ? ordered
      : (...args) => ordered(...args.map((argument, i) => i === at ? this.#noting(argument) : argument));
  }

  #mustWait(): boolean {
    return this.#run !== null && !this.#isChanging;
  }

  #waiting(call: Call): Call {
    return (...args) => this.#mustWait() ? this.#later(() => call(...args)) : call(...args);
  }

  #waitingIterator(call: Call): Call {
    const keys = call as (...args: unknown[]) => AsyncIterable<Bytes>;
    const over = () => new Promise<void>((resolve) => this.#run!.waiting.push(resolve));
    return (...args) => this.#mustWait() ? iterateAfter(over(), () => keys(...args)) : keys(...args);
  }

  #finishing(call: Call): Call {
    return (...args) => {
      if (this.#run?.isOver === false && !this.#isChanging) this.atOnce();
      return call(...args);
    };
  }

  /** A function given to `update` or `transact` of which it is known when it runs. */
  #noting(change: unknown): unknown {
    if (typeof change !== "function") return change;
    return (argument: unknown) => {
      this.#isChanging = true;
      try {
        return change(argument);
      } finally {
        this.#isChanging = false;
      }
    };
  }

  #later(call: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#run!.waiting.push(() => {
        try {
          resolve(call());
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

async function* iterateAfter(ready: Promise<void>, keys: () => AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  await ready;
  yield* keys();
}

/** In one transaction, as that has to be on the disk only once, if there is room for it. */
function removeAtOnce(store: SyncStorageEngine & Partial<SyncTransactionOps>, keys: Bytes[]): void {
  const removeFrom = (store: Pick<SyncStorageEngine, "del">) => {
    for (const key of keys) store.del(key);
  };
  if (store.transact === undefined || keys.length === 0) return removeFrom(store);
  try {
    store.transact(removeFrom);
  } catch (error) {
    if (!(error instanceof StorageError && (error.code === "OUT_OF_MEMORY" || error.code === "TOO_LARGE"))) throw error;
    removeFrom(store);
  }
}
