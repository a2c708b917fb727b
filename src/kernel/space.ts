import { fromHex, toHex } from "../bytes.ts";
import {
  FLAG_EXPIRES,
  KIND_MASK,
  KIND_TREE,
  LEVEL_RECLAIM,
  LOAD_NEEDS_FRAMES,
  LOADED,
  SCRATCH_BYTES,
} from "../core/layout.ts";
import { defaultModule } from "../core/module.ts";
import type { Key, StorageStats } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import type { Keyspace } from "../records/keyspace.ts";
import { Miss } from "../records/miss.ts";
import { bytesOfName, nameOf } from "../records/names.ts";
import { statsOf } from "../records/stats.ts";
import { recordLength } from "../records/stored.ts";
import { TrialSpace } from "../records/trial_space.ts";
import { idIn, keyRecord, nodeRecord } from "./record_name.ts";
import type { RecordChange } from "./table.ts";

/** What lies in the core may take this share of it between steps. */
const KEPT_SHARE = 0.6;
const RECLAIM_RECORDS = 1024;
const NOTHING = new Uint8Array(0);
const COUNTS = "m";
const COUNTS_BYTES = 24;
const COUNTS_VERSION = 1;

/** Thrown by a step that needs a part of the list of keys. */
export class ListMiss extends Miss {
  readonly after: string | null;
  readonly count: number;

  constructor(after: string | null, count: number) {
    super([], []);
    this.after = after;
    this.count = count;
  }
}

/** What the name of a record takes outside of the core, some more or less: that there is none has to be remembered, too. */
const KNOWN_BYTES = 64;

/** The records of a table as far as they are in the core, and what the step under way has changed of them. */
export class RecordSpace extends TrialSpace implements Keyspace {
  override readonly sizeOption = "cacheSize";
  isClosed = false;
  /** The names of records that are in the core, or of which it is known that the table has none, oldest first, and whether it has. */
  readonly #known = new Map<string, boolean>();
  /** Parts of the list of keys that the calls under way have asked for. */
  readonly #lists = new Map<string, readonly string[]>();
  readonly #maxBytes: number;
  #keys = 0;
  #lastObject = 0;

  constructor(maxBytes: number, module: WebAssembly.Module | undefined) {
    super({ maxBytes, tracksReads: false, module: () => module ?? defaultModule() });
    this.#maxBytes = maxBytes;
  }

  override putKeyAt(key: Key, at: number): number {
    const length = super.putKeyAt(key, at);
    if (!this.#known.has(keyRecord(nameOf(key)))) this.missingKeys([key]);
    return length;
  }

  override missing(): never {
    this.doom(new Miss([], this.core.missingIds()));
  }

  override missingKeys(keys: readonly Key[]): never {
    this.doom(new Miss(keys.map((key) => bytesOfName(nameOf(key))), []));
  }

  /** The names of the records that a step has missed, but for those that are here by now. */
  namesIn({ keys, ids }: Miss): string[] {
    const names = [...keys.map((key) => keyRecord(nameOf(key))), ...ids.map((id) => nodeRecord("n", id))];
    return names.filter((name) => !this.#known.has(name));
  }

  /** Takes records that were read, `null` for none. `CORRUPT` if one is damaged, or is not there though another refers to it. */
  load(names: readonly string[], records: readonly (Uint8Array | null)[]): void {
    names.forEach((name, i) => {
      const record = records[i];
      if (record !== null) this.#loadRecord(name, record);
      else if (!name.startsWith("k")) throw corrupt(name, "it is not there, and another refers to it");
      this.#known.set(name, record !== null);
    });
  }

  #loadRecord(name: string, record: Uint8Array): void {
    const { core } = this;
    const { calls, scratch } = core;
    if (recordLength(record, 0) !== record.length || record.length > SCRATCH_BYTES) {
      throw corrupt(name, "it is damaged");
    }
    core.bytes.set(record, scratch);
    if (calls.isRecordIntact() === 0) throw corrupt(name, "it is damaged");
    if (this.#nameOf(scratch) !== name) throw corrupt(name, "it is of another name");
    let answer = calls.loadBlock(record.length, false);
    while (answer === LOAD_NEEDS_FRAMES) {
      this.spareFrames();
      answer = calls.loadBlock(record.length, true);
    }
    if (answer !== LOADED) throw corrupt(name, "it is damaged");
    if ((record[5] & FLAG_EXPIRES) !== 0) this.mayExpire = true;
  }

  #putId(id: bigint): void {
    new DataView(this.core.bytes.buffer).setBigUint64(this.core.scratch, id, true);
  }

  /** Takes a part of the list of keys. */
  takeList({ after, count }: ListMiss, names: readonly string[]): void {
    this.#lists.set(listName(after, count), names);
  }

  /** What the step has changed: what each record that it has written or removed is now, by name. O(changes). */
  changes(): Map<string, Uint8Array | null> {
    const { core } = this;
    return this.#changed((record) => {
      const length = core.calls.exportRecord(record);
      return core.bytes.slice(core.scratch, core.scratch + length);
    });
  }

  #changed(read: (record: number) => Uint8Array): Map<string, Uint8Array | null> {
    const { calls } = this.core;
    const changes = new Map<string, Uint8Array | null>();
    calls.beginChanges();
    for (let record = calls.nextReplaced() >>> 0; record !== 0; record = calls.nextReplaced() >>> 0) {
      changes.set(this.#nameOf(record), null);
    }
    for (let record = calls.nextWritten() >>> 0; record !== 0; record = calls.nextWritten() >>> 0) {
      changes.set(this.#nameOf(record), read(record));
    }
    // What was made and removed again was never there.
    for (const [name, record] of changes) if (record === null && this.#known.get(name) !== true) changes.delete(name);
    return changes;
  }

  #nameOf(record: number): string {
    const { core } = this;
    const key = core.copyKey(record);
    if (!core.isNode(record)) return keyRecord(nameOf(key));
    const isReclaim = (core.bitsOf(record) & KIND_MASK) === KIND_TREE &&
      core.bytes[core.valueStart(record)] === LEVEL_RECLAIM;
    return nodeRecord(isReclaim ? "r" : "n", new DataView(key.buffer, key.byteOffset).getBigUint64(0, true));
  }

  /** The same for the table, with the counts as they are then. */
  changesToWrite(changes: ReadonlyMap<string, Uint8Array | null>): RecordChange[] {
    const list: RecordChange[] = Array.from(changes, ([name, record]) => [bytesOfName(name), record]);
    const keys = this.#keysAfter(changes);
    const lastObject = this.#lastObjectAfter(changes);
    if (keys === this.#keys && lastObject === this.#lastObject) return list;
    const counts = new DataView(new ArrayBuffer(COUNTS_BYTES));
    counts.setUint32(0, COUNTS_VERSION, true);
    counts.setFloat64(8, keys, true);
    counts.setFloat64(16, lastObject, true);
    return [...list, [bytesOfName(COUNTS), new Uint8Array(counts.buffer)]];
  }

  #keysAfter(changes: ReadonlyMap<string, Uint8Array | null>): number {
    let keys = this.#keys;
    for (const [name, record] of changes) {
      if (name.startsWith("k")) keys += Number(record !== null) - Number(this.#known.get(name));
    }
    return keys;
  }

  #lastObjectAfter(changes: ReadonlyMap<string, Uint8Array | null>): number {
    let last = this.#lastObject;
    for (const [name] of changes) if (!name.startsWith("k")) last = Math.max(last, Number(idIn(name) >> 16n));
    return last;
  }

  /** The changes are in the table. */
  keep(changes: ReadonlyMap<string, Uint8Array | null>): void {
    this.commit();
    this.#keys = this.#keysAfter(changes);
    this.#lastObject = this.#lastObjectAfter(changes);
    for (const [name, record] of changes) {
      this.#known.delete(name);
      // An id is never used again.
      if (record !== null || name.startsWith("k")) this.#known.set(name, record !== null);
    }
  }

  /** Takes the counts, and what is to be freed yet, from a table that has been opened. */
  begin(counts: Uint8Array | null, names: readonly string[], records: readonly (Uint8Array | null)[]): void {
    this.mayExpire = true;
    if (counts !== null) {
      const view = new DataView(counts.buffer, counts.byteOffset, counts.byteLength);
      const version = counts.length < 4 ? 0 : view.getUint32(0, true);
      if (version > COUNTS_VERSION) {
        throw new StorageError(
          "UNSUPPORTED",
          `Cannot read record ${describe(COUNTS)}: it has version ${version}, and this package reads ${COUNTS_VERSION}`,
        );
      }
      if (version !== COUNTS_VERSION || counts.length !== COUNTS_BYTES) throw corrupt(COUNTS, "it is damaged");
      this.#keys = view.getFloat64(8, true);
      this.#lastObject = view.getFloat64(16, true);
      this.core.calls.skipObjects(this.#lastObject);
    }
    this.load(names, records);
  }

  /** The calls under way have ended: makes room by forgetting the oldest records, down to a share of the core. */
  forgetOld(share: number = KEPT_SHARE): void {
    this.#lists.clear();
    const { core } = this;
    const limit = core.calls.limitBytes() * share;
    const isEnough = () => {
      const { liveBytes, indexBytes } = core.stats();
      return liveBytes + indexBytes + this.#known.size * KNOWN_BYTES <= limit;
    };
    if (isEnough()) return;
    let left = this.#known.size;
    for (const name of this.#known.keys()) {
      if (left-- % 16 === 0 && isEnough()) return;
      this.#forget(name);
    }
  }

  #forget(name: string): void {
    const { core } = this;
    if (name.startsWith("r")) return; // the core has a list of these
    this.#known.delete(name);
    if (name.startsWith("k")) {
      core.calls.forget(super.putKeyAt(bytesOfName(name.slice(1)), core.scratch), false);
    } else {
      this.#putId(idIn(name));
      core.calls.forget(8, true);
    }
  }

  /** Forgets everything: the table has been emptied. */
  forgetAll(): void {
    if (this.isHolding) this.rollback();
    this.drop();
    this.isCleared = false;
    this.#known.clear();
    this.#lists.clear();
    this.#keys = 0;
    this.#lastObject = 0;
    this.hits = 0;
    this.misses = 0;
  }

  get isReclaiming(): boolean {
    return this.core.calls.isReclaiming() !== 0;
  }

  /** A step that frees some of what was dropped. */
  reclaim(): void {
    const { calls } = this.core;
    while (calls.reclaim(RECLAIM_RECORDS) === 0 && calls.missingCount.value > 0) this.missing();
  }

  scan(cursor: string | null, count: number, visit: (record: number) => void): string | null {
    const after = cursor === null ? null : readCursor(cursor);
    const names = this.#lists.get(listName(after, count));
    if (names === undefined) this.doom(new ListMiss(after, count));
    const unknown = names.filter((name) => !this.#known.has(name));
    if (unknown.length > 0) this.missingKeys(unknown.map((name) => bytesOfName(name.slice(1))));
    for (const name of names) {
      const record = this.peek(bytesOfName(name.slice(1)));
      if (record !== 0) visit(record);
    }
    if (names.length >= count) return toCursor(names[names.length - 1]);
    this.#visitNew(visit);
    return null;
  }

  /** Shows the keys that the step has written and that the table does not have. */
  #visitNew(visit: (record: number) => void): void {
    const { calls } = this.core;
    calls.beginChanges();
    for (let record = calls.nextWritten() >>> 0; record !== 0; record = calls.nextWritten() >>> 0) {
      if (!this.core.isNode(record) && this.#known.get(this.#nameOf(record)) !== true) visit(record);
    }
  }

  /** What the step has changed counts. O(changes). */
  size(): number {
    return this.isHolding ? this.#keysAfter(this.#changed(() => NOTHING)) : this.#keys;
  }

  /** Whether the step is to empty the table. */
  isCleared = false;

  clear(): void {
    this.isCleared = true;
  }

  stats(): StorageStats {
    return { ...statsOf(this, "records", this.#maxBytes), keys: this.#keys };
  }
}

function listName(after: string | null, count: number): string {
  return `${count} ${after ?? ""}`;
}

function toCursor(name: string): string {
  return toHex(bytesOfName(name));
}

function readCursor(cursor: string): string {
  if (!/^6b([\da-f]{2})*$/.test(cursor)) {
    throw new StorageError("OUT_OF_RANGE", `Cannot scan: no scan gave the cursor ${describe(cursor)}`);
  }
  return nameOf(fromHex(cursor));
}

function corrupt(name: string, why: string): StorageError {
  return new StorageError("CORRUPT", `Cannot read record ${describe(name)}: ${why}`);
}
