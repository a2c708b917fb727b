import type { SyncCollectionOps, SyncStorageEngine, SyncTransactionOps } from "../engine.ts";
import { Miss } from "../records/miss.ts";
import { isWrite, methodNames } from "../types/methods.ts";
import { SyncStore } from "../types/sync_store.ts";

/** What the blocking face needs of a store. */
export interface Blocking {
  /** Finishes calls that wait. */
  finishPending(): void;
  /** Throws when writes are not possible any more. */
  assertWritable(): void;
  /** After a write: has it on the disk, where that was promised. */
  settle(): void;
  /** Runs a step again after it has missed records. */
  again<T>(step: () => T, miss: Miss): T;
}

type Method = (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => unknown;

/** The methods of {@linkcode SyncStore}, which are put on the prototype below. */
export interface BlockingStore extends SyncCollectionOps, SyncStorageEngine, SyncTransactionOps {}

/** The operations of a hybrid log, answered at once: by blocking reads where records are on disk. */
export class BlockingStore {
  readonly #store: () => SyncStore;
  readonly #blocking: Blocking;

  constructor(store: () => SyncStore, blocking: Blocking) {
    this.#store = store;
    this.#blocking = blocking;
  }

  *keys(options?: Parameters<SyncStore["keys"]>[0]): IterableIterator<Uint8Array<ArrayBuffer>> {
    this.#blocking.finishPending();
    yield* this.#store().keys(options);
  }

  static {
    const methods = SyncStore.prototype as unknown as Record<string, Method>;
    for (const name of methodNames()) {
      const method = methods[name];
      const read = function (this: BlockingStore, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): unknown {
        this.#blocking.finishPending();
        try {
          return method.call(this.#store(), a, b, c, d, e);
        } catch (error) {
          if (!(error instanceof Miss)) throw error;
          return this.#blocking.again(() => method.call(this.#store(), a, b, c, d, e), error);
        }
      };
      const write = function (
        this: BlockingStore,
        a: unknown,
        b: unknown,
        c: unknown,
        d: unknown,
        e: unknown,
      ): unknown {
        this.#blocking.assertWritable();
        const result = read.call(this, a, b, c, d, e);
        this.#blocking.settle();
        return result;
      };
      Object.defineProperty(this.prototype, name, {
        value: isWrite(name) ? write : read,
        writable: true,
        configurable: true,
      });
    }
  }
}
