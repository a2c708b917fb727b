import { HEADER_BYTES, LENGTH_MASK, LOAD_NEEDS_FRAMES, LOADED } from "../core/layout.ts";
import type { Bytes, Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Space } from "../memory/space.ts";
import { nameOf } from "../records/names.ts";

const TWO_TO_16 = 2 ** 16;
const TWO_TO_32 = 2 ** 32;
/** Frames that are made available at a time. */
const FRAMES = 4;
/** Pages are recycled when fewer frames are available. */
const LEAST_FRAMES = 16;
const RECYCLE_BYTES = 2 ** 20;

/** What a key holds, as it goes to its object. */
export interface Exported {
  /** The record of the key, and behind it those it consists of. Object numbers count from 1 here. */
  readonly records: Bytes[];
  readonly kind: number;
  readonly expires: boolean;
}

/** A key of which it is known what it holds. */
interface Known {
  /** Numbers of the objects it consists of, and how many records each has. */
  readonly objects: readonly { readonly number: number; readonly parts: number }[];
}

/** The local cache: a memory store that knows of some keys what they hold, and that nothing but `install` changes. */
export class CloudSpace extends Space {
  readonly #known = new Map<string, Known>();
  /** Of the key that is being installed. */
  #expiry = 0;

  /** Whether it is known what the key with this name holds. */
  knows(name: string): boolean {
    return this.#known.has(name);
  }

  override putKeyAt(key: Key, at: number): number {
    const length = super.putKeyAt(key, at);
    if (!this.#known.has(nameOf(key))) this.missingKeys([key]);
    return length;
  }

  /** The name of a key; throws when it is none. */
  nameOf(key: Key): string {
    this.core.putKey(key);
    return nameOf(key);
  }

  override clear(): void {
    throw new Error("a bucket is cleared by its store");
  }

  /** All steps are undone, so there is nothing to be reclaimed, nor to be paid back. */
  override relieve(): void {}

  /** What has expired stays, to be replaced by a write that knows its version. */
  protected override dropTime(): number {
    return 0;
  }

  /** Runs a step, which may change what is there, hands the result to `look`, and undoes it. */
  tryOut<T, R>(step: () => T, look: (result: T) => R): R {
    this.#recycle();
    this.stopClock();
    let seen: { value: R } | null = null;
    const done = new Error("undo");
    try {
      this.atomically(() => {
        seen = { value: look(step()) };
        throw done;
      });
    } catch (error) {
      if (error !== done) throw error;
    }
    return seen!["value"];
  }

  /** Whether the step under way has changed anything, and the names of the keys it has changed, but for those of which only a part was. */
  changes(): { isAny: boolean; names: Set<string> } {
    const { calls } = this.core;
    const names = new Set<string>();
    let isAny = false;
    calls.beginChanges();
    for (const next of [() => calls.nextReplaced() >>> 0, () => calls.nextWritten() >>> 0]) {
      for (let record = next(); record !== 0; record = next()) {
        isAny = true;
        if (!this.core.isNode(record)) names.add(nameOf(this.core.copyKey(record)));
      }
    }
    return { isAny, names };
  }

  /** What a key holds now; `null` for nothing. */
  export(key: Uint8Array): Exported | null {
    const { core } = this;
    const root = this.peek(key);
    if (root === 0) return null;
    const kind = core.kindOf(root);
    const expires = core.expiryOf(root) !== 0;
    const numbers = new Map<number, number>();
    const found: { number: number; parts: number }[] = [];
    const records = [this.#exportRecord(root, numbers, found)];
    for (let i = 0; i < found.length; i++) {
      const { number, parts } = found[i];
      for (let part = 0; part < parts; part++) {
        records.push(this.#exportRecord(this.#findNode(number, part), numbers, found));
      }
    }
    return { records, kind, expires };
  }

  #findNode(number: number, part: number): number {
    this.#putId(this.core.scratch, number, part);
    const record = this.core.calls.findNode() >>> 0;
    if (record === 0) this.missing();
    return record;
  }

  /** A record with the numbers that objects get outside: in the order in which they are met. */
  #exportRecord(record: number, numbers: Map<number, number>, found: { number: number; parts: number }[]): Bytes {
    const { core } = this;
    const length = core.calls.exportRecord(record);
    this.#renumber((number, parts) => {
      const known = numbers.get(number);
      if (known !== undefined) return known;
      numbers.set(number, numbers.size + 1);
      found.push({ number, parts });
      return numbers.size;
    });
    return core.bytes.slice(core.scratch, core.scratch + length);
  }

  /** Replaces all object numbers of the record in the scratch area, and seals it. */
  #renumber(renumber: (number: number, parts: number) => number): void {
    const { core } = this;
    const view = new DataView(core.bytes.buffer);
    if (core.isNode(core.scratch)) {
      const at = core.scratch + HEADER_BYTES;
      this.#putId(at, renumber(this.#numberAt(view, at + 2), 1), view.getUint16(at, true));
    }
    const count = core.calls.listReferences();
    const list = core.words.slice(core.calls.references.value >>> 2, (core.calls.references.value >>> 2) + 2 * count);
    for (let i = 0; i < count; i++) {
      const at = list[2 * i] >>> 0;
      const number = renumber(this.#numberAt(view, at), list[2 * i + 1]);
      view.setUint32(at, number % TWO_TO_32, true);
      view.setUint16(at + 4, number / TWO_TO_32, true);
    }
    core.calls.sealRecord();
  }

  /** An object number: 48 bits. */
  #numberAt(view: DataView, at: number): number {
    return view.getUint32(at, true) + view.getUint16(at + 4, true) * TWO_TO_32;
  }

  /** The id of a part of an object. */
  #putId(at: number, number: number, part: number): void {
    const view = new DataView(this.core.bytes.buffer);
    view.setUint32(at, (number % TWO_TO_16) * TWO_TO_16 + part, true);
    view.setUint32(at + 4, number / TWO_TO_16, true);
  }

  /**
   * From now on the key with this name holds what these records say, `null` for nothing. Returns until when it does, by `Date.now()`: 0 for
   * nothing, Infinity for ever. `CORRUPT` if they are damaged, and what it holds is not known then.
   */
  install(name: string, records: Uint8Array | null): number {
    this.forget(name);
    const objects = new Map<number, { number: number; parts: number }>();
    this.#expiry = records === null ? 0 : Infinity;
    try {
      for (let at = 0; records !== null && at < records.length;) {
        at += this.#load(records, at, at === 0 ? name : null, objects);
      }
    } catch (error) {
      this.#drop(name, objects.values());
      throw error;
    }
    this.#known.set(name, { objects: [...objects.values()] });
    return this.#expiry;
  }

  /** Loads the record at `at`, which has this key if it is not a part of a value, and returns its length. */
  #load(
    records: Uint8Array,
    at: number,
    name: string | null,
    objects: Map<number, { number: number; parts: number }>,
  ): number {
    const { core } = this;
    const length = recordLength(records, at);
    if (at + length > records.length) throw damaged();
    core.bytes.set(records.subarray(at, at + length), core.scratch);
    if (core.calls.isRecordIntact() === 0) throw damaged();
    const isNode = core.isNode(core.scratch);
    if (isNode !== (name === null) || !isNode && nameOf(core.copyKey(core.scratch)) !== name) throw damaged();
    this.#renumber((number, parts) => {
      const known = objects.get(number);
      if (known !== undefined) {
        known.parts = Math.max(known.parts, parts);
        return known.number;
      }
      const object = { number: core.calls.takeObject(), parts };
      objects.set(number, object);
      return object.number;
    });
    const expiry = core.expiryOf(core.scratch);
    if (expiry !== 0) {
      this.mayExpire = true;
      this.#expiry = expiry;
    }
    let answer = core.calls.loadBlock(length, false);
    while (answer === LOAD_NEEDS_FRAMES) {
      this.#recycle();
      answer = core.calls.loadBlock(length, true);
    }
    if (answer !== LOADED) throw damaged();
    return length;
  }

  /** The key of which these are the records. */
  keyIn(records: Uint8Array): Bytes {
    const { core } = this;
    const length = recordLength(records, 0);
    if (length > records.length) throw damaged();
    core.bytes.set(records.subarray(0, length), core.scratch);
    if (core.calls.isRecordIntact() === 0) throw damaged();
    return core.copyKey(core.scratch);
  }

  /** The same, but `null` when it has expired. */
  liveKey(records: Uint8Array): Bytes | null {
    const key = this.keyIn(records);
    const expiry = this.core.expiryOf(this.core.scratch);
    return expiry !== 0 && expiry <= Date.now() ? null : key;
  }

  /** What the key with this name holds is not known any more. */
  forget(name: string): void {
    const known = this.#known.get(name);
    if (known === undefined) return;
    this.#known.delete(name);
    this.#drop(name, known.objects);
  }

  #drop(name: string, objects: Iterable<{ number: number; parts: number }>): void {
    const { core } = this;
    core.calls.forget(core.putKey(bytesOf(name)), false);
    for (const { number, parts } of objects) {
      for (let part = 0; part < parts; part++) {
        this.#putId(core.scratch, number, part);
        core.calls.forget(8, true);
      }
    }
  }

  /** Makes frames available: by growing, or by going over the oldest pages, where what was forgotten and what was undone lies. */
  #recycle(): void {
    const { core } = this;
    const { calls } = core;
    if (calls.availableFrames() >= LEAST_FRAMES || core.grow(LEAST_FRAMES)) return;
    let left = core.stats().logBytes;
    while (calls.availableFrames() < LEAST_FRAMES && left > 0) {
      const done = calls.recycle(RECYCLE_BYTES, 0, Infinity);
      if (done === 0) break;
      left -= done;
    }
    if (calls.availableFrames() >= FRAMES) return;
    throw new StorageError(
      "OUT_OF_MEMORY",
      "Cannot read: what is needed at a time does not fit the cache; raise its size",
    );
  }
}

function damaged(): StorageError {
  return new StorageError("CORRUPT", "Cannot read object: a record in it is damaged");
}

/** How long the record at `at` is, if it is one: see wasm/record.ts. */
function recordLength(records: Uint8Array, at: number): number {
  if (at + HEADER_BYTES > records.length) return Infinity;
  const view = new DataView(records.buffer, records.byteOffset + at);
  const expiryBytes = (view.getUint8(5) & 0x10) === 0 ? 0 : 8;
  const valueAt = (HEADER_BYTES + expiryBytes + view.getUint16(6, true) + 3) & ~3;
  return (valueAt + (view.getUint32(8, true) & LENGTH_MASK) + 7) & ~7;
}

/** The key with a name. */
export function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}
