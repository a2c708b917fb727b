// Finding out what calls come to, and what they want to write.

import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { bytesOfName } from "../records/names.ts";
import { type Cache, type Entry, isOutOfMemory } from "./cache.ts";
import type { Call, Outcome } from "./call.ts";
import { cut, type CutLimits } from "./cut.ts";
import { encodeRoot, encodeTombstone, type Stored, withWrite, type WriteId, type WriteIds } from "./format.ts";
import type { Piece } from "./piece.ts";

/** What running the steps of calls has come to. */
export interface Tried {
  readonly outcomes: Outcome[];
  readonly intent: Intent | null;
  /** Reads that found a value, and those that found none. */
  readonly hits: number;
  readonly misses: number;
}

/** What calls want to write. */
export interface Intent {
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

/** Thrown where calls do not fit the cache together, and have not written anything. */
export const TOO_MANY: Error = new Error("too many calls at a time");

/** Runs the steps of calls on what the cache has, and takes back what they have changed. */
export class Trials {
  readonly #cache: Cache;
  readonly #writeIds: WriteIds;
  readonly #cutLimits: CutLimits;

  constructor(cache: Cache, writeIds: WriteIds, cutLimits: CutLimits) {
    this.#cache = cache;
    this.#writeIds = writeIds;
    this.#cutLimits = cutLimits;
  }

  /** Runs them one after another; throws TOO_MANY if some would have room. */
  run(calls: readonly Call[]): Tried | Miss {
    try {
      return this.#run(calls);
    } catch (error) {
      if (error instanceof Miss) return error;
      if (!isOutOfMemory(error)) throw error;
    }
    this.#cache.makeRoom(0, calls[0].names, 0);
    try {
      return this.#run(calls);
    } catch (error) {
      if (error instanceof Miss) return error;
      if (!isOutOfMemory(error)) throw error;
      throw calls.length > 1 ? TOO_MANY : this.#cache.tooMuch(error);
    }
  }

  #run(calls: readonly Call[]): Tried {
    const errors = new Map<Call, unknown>();
    const { space } = this.#cache;
    const before = { hits: space.hits, misses: space.misses };
    for (;;) {
      const failed = errors.size;
      try {
        const tried = space.tryOut(
          () => {
            Object.assign(space, before); // it may be run again
            return this.#runSteps(calls, errors);
          },
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

  #runSteps(calls: readonly Call[], errors: Map<Call, unknown>): Outcome[] {
    const { space } = this.#cache;
    return calls.map((call) => {
      if (errors.has(call)) return { call, error: errors.get(call) };
      try {
        return { call, result: call.step(space) };
      } catch (error) {
        if (space.isDoomed || error instanceof Miss) throw error;
        errors.set(call, error);
        return { call, error };
      }
    });
  }

  /** What the step under way has changed, as an object. `UNSUPPORTED` when that is more than one key. */
  #intentOf(names: readonly string[]): Intent | null {
    const { space } = this.#cache;
    const changes = space.changes();
    if (!changes.isAny) return null;
    if (changes.names.size > 1 || changes.names.size === 0 && names.length > 1) {
      throw new StorageError(
        "UNSUPPORTED",
        "Cannot write to several keys at once: object storage cannot do that atomically",
      );
    }
    const [name = names[0]] = changes.names;
    const entry = this.#cache.entryOf(name)!;
    const id = this.#writeIds.next();
    const writers = withWrite(entry.writers, id);
    const key = bytesOfName(name);
    const record = space.peek(key);
    if (record === 0) {
      const object = encodeTombstone(space.core, writers, key);
      return { name, entry, id, object, stored: null, written: new Map(), gone: changes.pieces };
    }
    const { root: stored, kind, expires, written, gone } = cut(space, record, changes.pieces, this.#cutLimits);
    const object = encodeRoot(space.core, writers, stored, kind, expires);
    return { name, entry, id, object, stored, written, gone };
  }
}
