import { FLAG_EXPIRES, HEADER_BYTES, KIND_MASK, KIND_STRING, LOAD_NEEDS_FRAMES, LOADED } from "../core/layout.ts";
import type { Bytes, Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "../records/miss.ts";
import { bytesOfName, nameOf } from "../records/names.ts";
import { recordLength } from "../records/stored.ts";
import { TrialSpace } from "../records/trial_space.ts";
import { FIRST_EXTERNAL, type Stored } from "./format.ts";
import { Piece } from "./piece.ts";

/** The word of a record in which its stamp is: a time, and whether it was used. */
const STAMP_WORD = 3;
const NEVER = 0;
const FOR_EVER = 0x7fff_ffff;
const USED = 1 << 31;
const TWO_TO_16 = 2 ** 16;
const TWO_TO_32 = 2 ** 32;

/** An object number met in a record, and how many records the object has. */
export interface Reference {
  readonly number: number;
  readonly parts: number;
}

/** The local cache: a core that knows of some keys what they hold, or a part of that, and that nothing but `install` changes. */
export class CloudSpace extends TrialSpace {
  override readonly sizeOption = "cache.size";
  readonly #roots = new Map<string, Piece>();
  /** Of the key whose name was asked for last. */
  #keyLength = 0;
  /** Of each object that is one of its own in the bucket, or several, the pieces; and of each that is a part of another, that one. */
  readonly #pieces = new Map<number, Piece[]>();
  readonly #owners = new Map<number, Piece>();
  /** Of the key that is being installed. */
  #expiry = 0;

  override putKeyAt(key: Key, at: number): number {
    const length = super.putKeyAt(key, at);
    if (!this.#roots.has(nameOf(key))) this.missingKeys([key]);
    return length;
  }

  /** The name of a key; throws when it is none. */
  nameOf(key: Key): string {
    const length = this.#keyLength = this.core.putKey(key);
    return typeof key === "string" && key.length === length ? key : nameOf(key); // no longer than that: it is ASCII
  }

  /**
   * The value of the key whose name was asked for last, if it is a string in one record that does not expire, whose stamp is later than `now`. It
   * counts as used.
   */
  getStamped(now: number, own: boolean): Bytes | undefined {
    const { core } = this;
    const { words } = core;
    const record = core.calls.find(this.#keyLength) >>> 0;
    if (record === 0 || (core.bitsOf(record) & (KIND_MASK | FLAG_EXPIRES)) !== KIND_STRING) return undefined;
    const at = (record >>> 2) + STAMP_WORD;
    const stamp = words[at];
    if ((stamp & FOR_EVER) <= now) return undefined;
    if (stamp > 0) words[at] = stamp | USED; // once: what is written to has to be written back to memory
    this.hits++;
    return core.copyValue(record, own);
  }

  /**
   * Has the record of a key tell until when reads may be answered from it, in whole milliseconds, in the place of the checksum that it gets when
   * it leaves the core. Later than that place can hold, it tells nothing: reads have to look elsewhere.
   */
  stamp(name: string, until: number): void {
    const record = this.#rootOf(name);
    if (record === 0) return;
    const stamp = until === Infinity ? FOR_EVER : until >= 1 && until < FOR_EVER ? Math.floor(until) : NEVER;
    this.core.words[(record >>> 2) + STAMP_WORD] = stamp;
  }

  /** Whether the record of a key was used since it was stamped or this was asked. */
  takeUse(name: string): boolean {
    const record = this.#rootOf(name);
    if (record === 0) return false;
    const { words } = this.core;
    const at = (record >>> 2) + STAMP_WORD;
    const isUsed = (words[at] & USED) !== 0;
    words[at] &= FOR_EVER;
    return isUsed;
  }

  #rootOf(name: string): number {
    const { core } = this;
    return core.calls.peek(super.putKeyAt(bytesOfName(name), core.scratch)) >>> 0;
  }

  /** Records are missing that lie in other objects. */
  override missing(): never {
    const ids = this.core.missingIds();
    for (const id of ids) if (this.pieceAt(Number(id >> 16n), Number(id & 0xffffn)) === undefined) super.missing();
    throw new Miss([], ids);
  }

  /** The object of the bucket that has a part of an object of the core; `undefined` where it has none of its own. */
  pieceAt(number: number, part: number): Piece | undefined {
    return this.#pieces.get(number)?.find(({ first, count }) => part >= first && part < first + count);
  }

  /** The pieces of an object that is not in that of its holder; `undefined` where it is. */
  piecesOf(number: number): readonly Piece[] | undefined {
    return this.#pieces.get(number);
  }

  /**
   * Whether the step under way has changed anything, the names of the keys it has changed, but for those of which only a part was, and the
   * pieces that are not any more what they were. O(changes).
   */
  changes(): { isAny: boolean; names: Set<string>; pieces: Set<Piece> } {
    const { calls } = this.core;
    const names = new Set<string>();
    const pieces = new Set<Piece>();
    let isAny = false;
    calls.beginChanges();
    for (const next of [() => calls.nextReplaced() >>> 0, () => calls.nextWritten() >>> 0]) {
      for (let record = next(); record !== 0; record = next()) {
        isAny = true;
        if (this.core.isNode(record)) this.#noteChanged(record, pieces);
        else names.add(nameOf(this.core.copyKey(record)));
      }
    }
    return { isAny, names, pieces };
  }

  /** A piece has changed, and with it, since it gets another name, what refers to it, and so on. */
  #noteChanged(record: number, pieces: Set<Piece>): void {
    const view = new DataView(this.core.bytes.buffer);
    const at = record + HEADER_BYTES;
    const number = numberAt(view, at + 2);
    const note = (piece: Piece): void => {
      if (pieces.has(piece)) return;
      pieces.add(piece);
      piece.holders.forEach(note);
    };
    const piece = this.pieceAt(number, view.getUint16(at, true)) ?? this.#owners.get(number);
    if (piece !== undefined) note(piece);
  }

  /** The record of a part of an object. Throws `Miss` when it has to be read first. */
  nodeAt(number: number, part: number): number {
    putId(this.core.bytes, this.core.scratch, number, part);
    const record = this.core.calls.findNode() >>> 0;
    if (record !== 0) return record;
    if (this.pieceAt(number, part) === undefined) super.missing();
    throw new Miss([], [(BigInt(number) << 16n) + BigInt(part)]);
  }

  /** What a record refers to, in order. */
  referencesOf(record: number): Reference[] {
    const { core } = this;
    core.calls.exportRecord(record);
    return this.#listReferences().map(({ number, parts }) => ({ number, parts }));
  }

  #listReferences(): (Reference & { at: number })[] {
    const { core } = this;
    const count = core.calls.listReferences();
    const from = core.calls.references.value >>> 2;
    const view = new DataView(core.bytes.buffer);
    return Array.from({ length: count }, (_, i) => {
      const at = core.words[from + 2 * i] >>> 0;
      return { at, number: numberAt(view, at), parts: core.words[from + 2 * i + 1] };
    });
  }

  /** A record as it is stored, with other numbers for the objects it refers to, and for the one that it is a part of. */
  exportRecord(record: number, renumber: (number: number, parts: number) => number): Bytes {
    const { core } = this;
    const length = core.calls.exportRecord(record);
    this.#renumber(renumber);
    return core.bytes.slice(core.scratch, core.scratch + length);
  }

  /** Replaces all object numbers of the record in the scratch area, and seals it. */
  #renumber(renumber: (number: number, parts: number) => number): void {
    const { core } = this;
    const { bytes, scratch } = core;
    const view = new DataView(bytes.buffer);
    if (core.isNode(scratch)) {
      const at = scratch + HEADER_BYTES;
      putId(bytes, at, renumber(numberAt(view, at + 2), 1), view.getUint16(at, true));
    }
    for (const { at, number, parts } of this.#listReferences()) {
      const other = renumber(number, parts);
      view.setUint32(at, other % TWO_TO_32, true);
      view.setUint16(at + 4, other / TWO_TO_32, true);
    }
    core.calls.sealRecord();
  }

  /**
   * From now on the key with this name holds what its object says, `null` for nothing. `written` are parts that come with it, by their
   * names, in place of those that are `gone`; parts that are known and still referred to stay. Returns until when the key holds
   * something, by `Date.now()`: 0 for nothing, Infinity for ever. `CORRUPT`, naming `source`, if that is damaged: nothing is known of the
   * key then.
   */
  install(
    name: string,
    stored: Stored | null,
    source: string,
    written: ReadonlyMap<string, Stored> = new Map(),
    gone: Iterable<Piece> = [],
  ): number {
    this.#expiry = stored === null ? 0 : Infinity;
    const root = this.#roots.get(name) ?? new Piece(name, new Map(), "", 0, 0, 0);
    this.#unload(root, name);
    for (const piece of gone) if (piece !== root) this.#discard(piece);
    this.#roots.set(name, root);
    try {
      this.#load(root, stored, name);
      // What is loaded refers to others of them, which come behind it.
      for (const piece of root.family.values()) {
        const part = written.get(piece.id);
        if (part !== undefined && !piece.isLoaded) this.#load(piece, part, null);
      }
    } catch (error) {
      this.forget(name);
      throw error === DAMAGED ? damaged(source) : error;
    }
    this.#sweep(root.family);
    return this.#expiry;
  }

  /** A part of what a key holds has been read. */
  installPart(piece: Piece, stored: Stored, source: string): void {
    if (piece.isLoaded) return;
    try {
      this.#load(piece, stored, null);
    } catch (error) {
      this.unloadPart(piece);
      throw error === DAMAGED ? damaged(source) : error;
    }
  }

  /** Loads records into the core, and takes note of the parts they refer to, of which some may be known already. */
  #load(piece: Piece, stored: Stored | null, name: string | null): void {
    const { core } = this;
    const numbers = new Map<number, number>();
    if (piece.number !== 0) numbers.set(1, piece.number);
    piece.isLoaded = true;
    stored?.externals.forEach((runs, i) => {
      const known = runs.map(({ id }) => piece.family.get(id)).find((part) => part !== undefined);
      const number = known?.number ?? core.calls.takeObject();
      numbers.set(FIRST_EXTERNAL + i, number);
      let first = 0;
      for (const { id, count } of runs) {
        piece.hold(piece.family.get(id) ?? this.#newPart(piece, id, number, first, count));
        first += count;
      }
    });
    const records = stored?.records ?? new Uint8Array(0);
    for (let at = 0; at < records.length;) {
      at += this.#loadRecord(records, at, at === 0 ? name : null, (number, parts) => {
        let local = numbers.get(number);
        if (local === undefined) {
          if (number >= FIRST_EXTERNAL) throw DAMAGED;
          numbers.set(number, local = core.calls.takeObject());
        }
        if (number < FIRST_EXTERNAL && local !== piece.number) this.#own(piece, local, parts);
        return local;
      });
    }
  }

  #newPart({ key, family }: Piece, id: string, number: number, first: number, count: number): Piece {
    const part = new Piece(key, family, id, number, first, count);
    family.set(id, part);
    this.#pieces.set(number, [...this.#pieces.get(number) ?? [], part]);
    return part;
  }

  #own(piece: Piece, number: number, parts: number): void {
    piece.objects.set(number, Math.max(parts, piece.objects.get(number) ?? 0));
    this.#owners.set(number, piece);
  }

  /** Loads the record at `at`, which has this key if it is not a part of a value, and returns its length. */
  #loadRecord(
    records: Uint8Array,
    at: number,
    name: string | null,
    renumber: (number: number, parts: number) => number,
  ): number {
    const { core } = this;
    const length = this.#putRecord(records, at);
    const isNode = core.isNode(core.scratch);
    if (isNode !== (name === null) || !isNode && nameOf(core.copyKey(core.scratch)) !== name) throw DAMAGED;
    this.#renumber(renumber);
    const expiry = core.expiryOf(core.scratch);
    if (expiry !== 0) {
      this.mayExpire = true;
      this.#expiry = expiry;
    }
    let answer = core.calls.loadBlock(length, false);
    while (answer === LOAD_NEEDS_FRAMES) {
      this.spareFrames();
      answer = core.calls.loadBlock(length, true);
    }
    if (answer !== LOADED) throw DAMAGED;
    return length;
  }

  /** Puts the record at `at` into the scratch area, checks it, and returns its length. */
  #putRecord(records: Uint8Array, at: number): number {
    const { core } = this;
    const length = recordLength(records, at);
    if (at + length > records.length) throw DAMAGED;
    core.bytes.set(records.subarray(at, at + length), core.scratch);
    if (core.calls.isRecordIntact() === 0) throw DAMAGED;
    return length;
  }

  /** The key of which these are the records. `CORRUPT` if they are damaged, naming `source`. */
  keyIn(records: Uint8Array, source: string): Bytes {
    try {
      this.#putRecord(records, 0);
    } catch (error) {
      throw error === DAMAGED ? damaged(source) : error;
    }
    return this.core.copyKey(this.core.scratch);
  }

  /** The same, but `null` when it has expired. */
  liveKey(records: Uint8Array, source: string): Bytes | null {
    const key = this.keyIn(records, source);
    const expiry = this.core.expiryOf(this.core.scratch);
    return expiry !== 0 && expiry <= Date.now() ? null : key;
  }

  /** What the key with this name holds is not known any more. */
  forget(name: string): void {
    const root = this.#roots.get(name);
    if (root === undefined) return;
    this.#roots.delete(name);
    this.#unload(root, name);
    for (const piece of [...root.family.values()]) this.#discard(piece);
  }

  /** A part is not in the core any more, and can be read again. */
  unloadPart(piece: Piece): void {
    const children = [...piece.children];
    this.#unload(piece, null);
    for (const child of children) if (!child.isLoaded && child.holders.size === 0) this.#discard(child);
  }

  /** Whether a part is one of those that are known. */
  isKnown(piece: Piece): boolean {
    return piece.family.get(piece.id) === piece && this.#roots.get(piece.key)?.family === piece.family;
  }

  /** What the object of a key refers to, as far as it is known. */
  partsOf(name: string): readonly Piece[] {
    return [...this.#roots.get(name)?.children ?? []];
  }

  /** Lets go of parts to which nothing refers. */
  #sweep(family: Map<string, Piece>): void {
    for (let found = true; found;) {
      found = false;
      for (const piece of [...family.values()]) {
        if (piece.holders.size > 0) continue;
        this.#discard(piece);
        found = true;
      }
    }
  }

  /** Takes the records of a piece out of the core. */
  #unload(piece: Piece, name: string | null): void {
    const { core } = this;
    if (name !== null) core.calls.forget(super.putKeyAt(bytesOfName(name), core.scratch), false);
    for (const [number, parts] of piece.objects) {
      this.#forgetParts(number, 0, parts);
      this.#owners.delete(number);
    }
    if (piece.isLoaded && piece.number !== 0) this.#forgetParts(piece.number, piece.first, piece.count);
    piece.objects.clear();
    piece.release();
    piece.isLoaded = false;
  }

  #forgetParts(number: number, first: number, count: number): void {
    const { core } = this;
    for (let part = first; part < first + count; part++) {
      putId(core.bytes, core.scratch, number, part);
      core.calls.forget(8, true);
    }
  }

  /** A part is not known any more. */
  #discard(piece: Piece): void {
    this.#unload(piece, null);
    for (const holder of piece.holders) holder.children.delete(piece);
    piece.family.delete(piece.id);
    const rest = (this.#pieces.get(piece.number) ?? []).filter((other) => other !== piece);
    if (rest.length > 0) this.#pieces.set(piece.number, rest);
    else this.#pieces.delete(piece.number);
  }

  /** The parts of the key with this name that are in the core, oldest first. */
  loadedParts(name: string): Piece[] {
    return [...this.#roots.get(name)?.family.values() ?? []].filter(({ isLoaded }) => isLoaded);
  }
}

/** An object number: 48 bits. */
function numberAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * TWO_TO_32;
}

/** The id of a part of an object. */
function putId(bytes: Uint8Array, at: number, number: number, part: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(at, (number % TWO_TO_16) * TWO_TO_16 + part, true);
  view.setUint32(at + 4, number / TWO_TO_16, true);
}

/** Thrown where it is not known whose records they are. */
const DAMAGED = new Error("damaged");

function damaged(source: string): StorageError {
  return new StorageError("CORRUPT", `Cannot read object ${source}: a record in it is damaged`);
}
