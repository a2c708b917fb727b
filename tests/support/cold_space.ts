import { defaultModule } from "../../src/core/module.ts";
import { COLD, KIND_MASK, KIND_NODE, MISSING } from "../../src/core/layout.ts";
import type { CoreExports } from "../../src/core/exports.ts";
import type { Key } from "../../src/engine.ts";
import { Space } from "../../src/memory/space.ts";
import { Miss } from "../../src/records/miss.ts";
import type { Packing } from "../../src/records/packing.ts";
import type { Random } from "./random.ts";

/** Calls that look up the key at the start of the scratch area, whose length comes first, and answer a miss with MISSING. */
const KEY_CALLS = [
  "has",
  "append",
  "increment",
  "setExpiryOf",
  "remove",
  "count",
  "isSmall",
  "collect",
  "rankOfHash",
  "listInsert",
  "listGet",
  "listSet",
  "listTake",
  "listRemove",
  "fieldGet",
  "fieldLength",
  "fieldHas",
  "fieldSet",
  "fieldRemove",
  "fieldIncrement",
  "scoreGet",
  "scoreSet",
  "scoreRemove",
  "rank",
  "rankOfScore",
  "rankOfMember",
] as const;

/**
 * A memory store whose core says of a part of the keys and chunks that they are not in it: what the core of a log on disk
 * answers. They are loaded when a step has missed them, and the step is run again. What it did is not undone, unless it
 * did it in a transaction: so whatever is written before a miss shows.
 */
export class ColdSpace extends Space {
  loads = 0;
  readonly #random: Random;
  /** Names of keys and chunks that are in the core. */
  readonly #warm = new Set<string>();
  /** What the last call has missed. */
  #wanted = new Miss([], []);
  #missed: Miss | null = null;
  /** The step under way has written the chunks of objects from here on, so they are in the core. */
  #firstObject = 0n;
  /** Whether making room may still push out what the step under way has asked for. */
  #isRestless = false;

  constructor(random: Random) {
    super({ maxBytes: 128 * 2 ** 20, evicts: false, tracksReads: false, module: defaultModule });
    this.#random = random;
    Object.defineProperty(this.core, "calls", { value: { ...this.core.calls, ...this.#answers(this.core.calls) } });
  }

  #answers(calls: CoreExports): Partial<CoreExports> {
    const keyCalls = KEY_CALLS.map((name) => {
      const call = calls[name] as (keyLength: number, ...rest: unknown[]) => number;
      return [name, (length: number, ...rest: unknown[]) => this.#asksFor(length) ? call(length, ...rest) : MISSING];
    });
    return {
      ...Object.fromEntries(keyCalls) as Partial<CoreExports>,
      find: (length) => this.#asksFor(length) ? calls.find(length) : COLD,
      peek: (length) => this.#asksFor(length) ? calls.peek(length) : COLD,
      rename: (length, newLength, mode, now) =>
        this.#asksFor(length) && this.#asksFor(newLength, this.core.fieldAt)
          ? calls.rename(length, newLength, mode, now)
          : MISSING,
      upsert: (length, ...rest) => {
        const isChunk = (rest[1] & KIND_MASK) === KIND_NODE;
        if (isChunk ? calls.findNode() !== 0 && !this.#asksForChunk() : !this.#asksFor(length)) return MISSING;
        if (isChunk) this.#warm.add(this.#nameAt(length, this.core.scratch));
        return calls.upsert(length, ...rest);
      },
      findNode: () => this.#asksForChunk() ? calls.findNode() : 0,
      findBatch: (count) => {
        const { core } = this;
        const isCold: boolean[] = [];
        for (let i = 0, at = core.scratch; i < count; i++) {
          const length = core.words[at >>> 2];
          isCold.push(!this.#asksFor(length, at + 8));
          at = (at + 8 + length + 7) & ~7;
        }
        calls.findBatch(count);
        isCold.forEach((cold, i) => {
          if (cold) core.words[(core.found >>> 2) + i] = COLD;
        });
      },
    };
  }

  #nameAt(length: number, at: number): string {
    return nameOf(this.core.bytes.subarray(at, at + length));
  }

  /** Whether a key or chunk is in the core; else it is noted as missing. */
  #asksFor(length: number, at: number = this.core.scratch): boolean {
    if (this.#warm.has(this.#nameAt(length, at))) return true;
    this.#wanted = new Miss([this.core.bytes.slice(at, at + length)], []);
    return false;
  }

  #asksForChunk(): boolean {
    const { core } = this;
    const object = core.readInt64(core.scratch, false) as bigint >> 16n;
    return object > this.#firstObject || this.#asksFor(8);
  }

  override missing(): never {
    throw this.#missed = this.#wanted;
  }

  override missingKeys(keys: readonly Key[]): never {
    try {
      super.missingKeys(keys);
    } catch (miss) {
      throw this.#missed = miss as Miss;
    }
  }

  override reserve(packing: Packing, addedBytes?: number): boolean {
    if (!this.#isRestless || this.#random.below(4) > 0) return super.reserve(packing, addedBytes);
    this.#isRestless = false;
    super.reserve(packing, addedBytes);
    this.#warm.clear();
    return true;
  }

  override atomically<T>(step: () => T, bytes?: number): T {
    return super.atomically(() => {
      this.#missed = null;
      const result = step();
      // A function of the user's may have swallowed it.
      if (this.#missed !== null) throw this.#missed;
      return result;
    }, bytes);
  }

  /** Does what one call of a store does. */
  run<T>(step: () => T): T {
    this.#isRestless = true;
    for (let attempt = 0;; attempt++) {
      if (attempt === 10_000) throw new Error("a step was run 10,000 times and has not come to its end");
      this.#firstObject = BigInt(this.core.calls.takeObject());
      try {
        const result = step();
        this.#coolSome();
        return result;
      } catch (error) {
        if (!(error instanceof Miss)) throw error;
        this.loads++;
        for (const key of error.keys) this.#warm.add(nameOf(key));
      }
    }
  }

  #coolSome(): void {
    if (this.#random.below(4) !== 0) return;
    const share = this.#random.below(2) === 0 ? 1 : 3;
    for (const name of [...this.#warm]) if (this.#random.below(share) === 0) this.#warm.delete(name);
  }
}

/** A key as a string; of a chunk its id is the key. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}
