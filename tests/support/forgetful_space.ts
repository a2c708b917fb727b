import { defaultModule } from "../../src/core/module.ts";
import { LOADED } from "../../src/core/layout.ts";
import { toBytes } from "../../src/arguments.ts";
import type { Key } from "../../src/engine.ts";
import { Space } from "../../src/memory/space.ts";
import { Miss } from "../../src/records/miss.ts";
import type { Random } from "./random.ts";

/** Thrown when what a step wrote is not to be kept. */
class Conflict extends Error {}

const KIND_TREE = 14;
const KIND_MASK = 15;
const NODE_VALUE = 24;
const LEVEL_RECLAIM = 255;

/**
 * Records that live in a map outside of the core, which has only some of them: what a store over files or a server does,
 * without either. Some are forgotten after every step, some steps are answered with a conflict, and all of them are run in
 * a transaction that is undone then, or when records are missing.
 */
export class ForgetfulSpace extends Space {
  /** All records as they are stored, by name: of a key or of a node. */
  readonly stored: Map<string, Uint8Array> = new Map();
  loads = 0;
  conflicts = 0;
  /** Names of records that the core has, or of which it knows that there is none. */
  readonly #known = new Set<string>();
  readonly #random: Random;
  #missed: Miss | null = null;

  constructor(random: Random) {
    super({ maxBytes: 128 * 2 ** 20, evicts: false, tracksReads: false, module: defaultModule });
    this.#random = random;
  }

  override putKeyAt(key: Key, at: number): number {
    const bytes = toBytes(key);
    if (!this.#known.has(keyName(bytes))) throw this.#missed = new Miss([bytes.slice()], []);
    return super.putKeyAt(key, at);
  }

  override missing(): never {
    throw this.#missed = new Miss([], this.core.missingIds());
  }

  /** Nothing is reclaimed but in steps of its own. */
  override relieve(): void {}

  protected override reclaim(): number {
    return 0;
  }

  /** What was forgotten, and what steps copied, has left garbage in the log. */
  #recycle(): void {
    const { calls } = this.core;
    while (calls.availableFrames() < 40 && !this.core.grow(40) && calls.recycle(2 ** 20, 0, Infinity) > 0);
  }

  /** Does what one call of a store does, and keeps what it wrote. */
  run<T>(step: () => T): T {
    for (let attempt = 0;; attempt++) {
      this.#recycle();
      if (attempt === 10_000) throw new Error("a step was run 10,000 times and has not come to its end");
      try {
        const { result, changes } = this.atomically(() => this.#attempt(step));
        for (const [name, record] of changes) this.#keep(name, record);
        this.#forgetSome();
        return result;
      } catch (error) {
        // What was loaded stays until the step has come to its end, or it never would.
        if (error instanceof Miss) {
          this.#load(error);
        } else if (error instanceof Conflict) {
          this.conflicts++;
          this.#forgetSome();
        } else {
          throw error;
        }
      }
    }
  }

  #attempt<T>(step: () => T): { result: T; changes: Map<string, Uint8Array | null> } {
    this.#missed = null;
    const result = step();
    // A function of the user's may have swallowed it.
    if (this.#missed !== null) throw this.#missed;
    if (this.#random.below(8) === 0) throw new Conflict();
    return { result, changes: this.#changes() };
  }

  /** What the step has written, by name, and `null` for what it has removed. */
  #changes(): Map<string, Uint8Array | null> {
    const { calls } = this.core;
    const changes = new Map<string, Uint8Array | null>();
    calls.beginChanges();
    for (let record = calls.nextReplaced() >>> 0; record !== 0; record = calls.nextReplaced() >>> 0) {
      changes.set(this.#nameOf(record), null);
    }
    for (let record = calls.nextWritten() >>> 0; record !== 0; record = calls.nextWritten() >>> 0) {
      const name = this.#nameOf(record);
      const length = calls.exportRecord(record);
      changes.set(name, this.core.bytes.slice(this.core.scratch, this.core.scratch + length));
    }
    return changes;
  }

  #nameOf(record: number): string {
    const start = this.core.keyStart(record);
    const key = this.core.bytes.slice(start, start + this.core.keyLength(record));
    return (this.core.kindOf(record) & 7) === 6
      ? nodeName(new DataView(key.buffer).getBigUint64(0, true))
      : keyName(key);
  }

  #keep(name: string, record: Uint8Array | null): void {
    if (record === null) this.stored.delete(name);
    else this.stored.set(name, record);
    // That there is nothing under a key is known; an id is never used again.
    if (record !== null || name.startsWith("key")) this.#known.add(name);
    else this.#known.delete(name);
  }

  #load({ keys, ids }: Miss): void {
    this.loads++;
    for (const key of keys) this.#loadRecord(keyName(key));
    for (const id of ids) {
      if (!this.stored.has(nodeName(id))) throw new Error(`record ${id} is referred to, but there is none`);
      this.#loadRecord(nodeName(id));
    }
  }

  #loadRecord(name: string): void {
    if (this.#known.has(name)) return;
    this.#known.add(name);
    const record = this.stored.get(name);
    if (record === undefined) return;
    const { core } = this;
    core.bytes.set(record, core.scratch);
    let answer = core.calls.loadBlock(record.length, false);
    while (answer !== LOADED && core.grow(4)) answer = core.calls.loadBlock(record.length, true);
    if (answer !== LOADED) throw new Error(`record ${name} cannot be loaded: ${answer}`);
  }

  /** After some steps forgets a part of the records, and now and then all. */
  #forgetSome(): void {
    if (this.#random.below(8) !== 0) return;
    const share = this.#random.below(4) === 0 ? 1 : 4;
    for (const name of [...this.#known]) if (this.#random.below(share) === 0) this.#forget(name);
  }

  #forget(name: string): void {
    const record = this.stored.get(name);
    // What is to be reclaimed is on a stack in the core.
    if (record !== undefined && (record[5] & KIND_MASK) === KIND_TREE && record[NODE_VALUE] === LEVEL_RECLAIM) return;
    this.#known.delete(name);
    const { core } = this;
    if (name.startsWith("key")) {
      core.calls.forget(core.putKey(bytesOf(name)), false);
    } else {
      new DataView(core.bytes.buffer).setBigUint64(core.scratch, BigInt(name.slice(4)), true);
      core.calls.forget(8, true);
    }
  }

  /** Reclaims all that waits for it. */
  reclaimEverything(): void {
    const { calls } = this.core;
    for (let round = 0; calls.isReclaiming() !== 0; round++) {
      if (round === 10_000) throw new Error("what is to be reclaimed does not come to an end");
      this.run(() => {
        if (calls.reclaim(20) === 0 && calls.missingCount.value > 0) this.missing();
      });
    }
  }
}

function keyName(key: Uint8Array): string {
  return "key " + Array.from(key, (byte) => String.fromCharCode(byte)).join("");
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name.slice(4), (character) => character.charCodeAt(0));
}

function nodeName(id: bigint): string {
  return `id: ${id}`;
}
