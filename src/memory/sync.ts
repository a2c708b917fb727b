import {
  allowsExpiry,
  checkOptions,
  checkSetOptions,
  expiryIn,
  readScanOptions,
  toBytes,
  toInt64,
} from "../arguments.ts";
import type { Core } from "../core/core.ts";
import { matchesGlob } from "../core/glob.ts";
import {
  BATCH_KEYS,
  EXISTED,
  FLAG_EXPIRES,
  FULL,
  HEADER_BYTES,
  IF_ABSENT,
  IF_PRESENT,
  INLINE_BYTES,
  IS_CHUNKED,
  KEEP_EXPIRY,
  KEEP_OWNED,
  KIND_CHUNKED,
  KIND_HASH,
  KIND_LIST,
  KIND_MASK,
  KIND_SET,
  KIND_STRING,
  KIND_ZSET,
  LENGTH_MASK,
  MAX_VALUE_BYTES,
  NEEDS_CARE,
  NEEDS_FRAMES,
  NOT_INTEGER,
  OVERFLOWS,
  REFUSED,
  RESERVED,
  SCRATCH_BYTES,
  WRONG_TYPE,
} from "../core/layout.ts";
import type {
  Bytes,
  Change,
  CopyOptions,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  ReadOptions,
  RenameOptions,
  ScanOptions,
  ScanResult,
  SetOptions,
  StorageStats,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  Transaction,
  Value,
  ValueType,
} from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import { putRoot, readChunks, readRoot, viewChunk, writeChunks } from "../records/chunks.ts";
import { Packing, RECORD_OVERHEAD_BYTES } from "../records/packing.ts";
import { toIndex, toRange } from "../types/arguments.ts";
import { isSame } from "../types/elements.ts";
import { copyCollection } from "../types/copy.ts";
import { OPERATIONS, READS } from "../types/operations.ts";
import type { Space } from "./space.ts";

type AnyOperation = (records: Space, ...args: unknown[]) => unknown;

/** The data types' methods are put on the prototype below. */
export interface SyncMemoryStore extends SyncCollectionOps {}

/** The memory store's operations, answered at once. What `MemoryStore` does is done here. */
export class SyncMemoryStore implements SyncStorageEngine, SyncTransactionOps {
  readonly #space: Space;
  /** While a function that was given to `update` or `transact` runs: it must not use this. */
  #isChanging = false;
  /** Whether this is what a transaction works on, and whether that has ended. */
  #transaction: "none" | "open" | "over" = "none";

  constructor(space: Space) {
    this.#space = space;
  }

  get(key: Key, options?: ReadOptions): Bytes | null {
    const core = this.#open();
    const record = core.calls.find(this.#space.putKey(key)) >>> 0;
    if (record !== 0) {
      const value = this.#read(core, record, options?.own === true);
      if (value !== null) return value;
      this.#remove(core, key);
    } else {
      this.#space.misses++;
    }
    return null;
  }

  /** The value of a record, or `null` when it has expired; counts a hit or a miss. */
  #read(core: Core, record: number, own: boolean): Bytes | null {
    const word = core.words[(record >>> 2) + 1];
    // The common case apart, because it is the hot path: a string in one record that does not expire.
    if (((word >>> 8) & (KIND_MASK | FLAG_EXPIRES)) === KIND_STRING) {
      this.#space.hits++;
      const start = ((record + HEADER_BYTES + (word >>> 16) + 3) & ~3) >>> 0;
      return core.copy(start, core.words[(record >>> 2) + 2] & LENGTH_MASK, own);
    }
    if (this.#space.isExpired(record)) {
      this.#space.misses++;
      return null;
    }
    const kind = core.kindOf(record);
    if (kind !== KIND_STRING && kind !== KIND_CHUNKED) throw isCollection();
    this.#space.hits++;
    if (kind === KIND_STRING) return core.copyValue(record, own);
    const { length, object } = readRoot(core, record);
    return readChunks(this.#space, object, 0, length);
  }

  mget(keys: readonly Key[], options?: ReadOptions): (Bytes | null)[] {
    const core = this.#open();
    if (!Array.isArray(keys)) {
      throw new StorageError("WRONG_TYPE", `Cannot read keys: expected an array of keys, received ${describe(keys)}`);
    }
    const values: (Bytes | null)[] = new Array(keys.length);
    const end = core.scratch + SCRATCH_BYTES;
    let next = 0;
    while (next < keys.length) {
      const first = next;
      let at = core.scratch;
      while (next < keys.length && next - first < BATCH_KEYS) {
        const key = keys[next];
        // A string's length is known only once it is encoded: at most three bytes for each of its units.
        const longest = typeof key === "string" ? key.length * 3 : key?.length;
        if (next > first && at + 16 + longest > end) break;
        const length = core.putKeyAt(key, at + 8);
        core.words[at >>> 2] = length;
        at = (at + 8 + length + 7) & ~7;
        next++;
      }
      this.#readBatch(core, first, next, values, options?.own === true);
    }
    return values;
  }

  #readBatch(core: Core, first: number, end: number, values: (Bytes | null)[], own: boolean): void {
    core.calls.findBatch(end - first);
    const count = end - first;
    for (let i = 0; i < count;) {
      if (!own) {
        const done = core.readFound(i, count, values, first + i, this.#space.now());
        for (const stop = i + done; i < stop; i++) {
          if (values[first + i] === null) this.#space.misses++;
          else this.#space.hits++;
        }
        if (i === count) return;
      }
      // Expired records are left for later: removing one takes the scratch area, and could move those yet to be read.
      const record = core.words[(core.found >>> 2) + i] >>> 0;
      if (record === 0) this.#space.misses++;
      values[first + i] = record === 0 ? null : this.#read(core, record, own);
      i++;
    }
  }

  set(key: Key, value: Value, options?: SetOptions): boolean {
    if (options === undefined) return this.#write(key, value, 0, 0);
    checkSetOptions(options);
    const mode = (options.ifAbsent === true ? IF_ABSENT : 0) | (options.ifPresent === true ? IF_PRESENT : 0) |
      (options.keepTtl === true ? KEEP_EXPIRY : 0);
    return this.#write(key, value, mode, this.#expiryIn(options.ttl));
  }

  /** Writes a string of any length; false when `mode` kept it from that. `expiry` 0 is never. */
  #write(key: Key, value: Value, mode: number, expiry: number): boolean {
    const core = this.#openToWrite();
    const length = core.putValue(value);
    if (typeof length !== "number") return this.#writeChunked(core, key, length, mode, expiry);
    return this.#upsert(core, this.#space.putKey(key), length, mode | KIND_STRING, expiry) !== REFUSED;
  }

  /** Writes what is in the scratch area. */
  #upsert(core: Core, keyLength: number, length: number, mode: number, expiry: number): number {
    const space = this.#space;
    let answer: number;
    do answer = core.calls.upsert(keyLength, length, mode, expiry, space.now()); while (
      answer < 0 && this.#makesRoom(answer, keyLength + length + RECORD_OVERHEAD_BYTES)
    );
    // What was reserved stays at hand; whoever reserved pays back when all is written.
    if ((answer & NEEDS_CARE) !== 0 && (mode & RESERVED) === 0) space.relieve(keyLength + length);
    return answer;
  }

  /** After a write was refused with `answer`: makes room for `bytes`, or false when room is not what was missing. */
  #makesRoom(answer: number, bytes: number): boolean {
    if (answer === WRONG_TYPE) throw isCollection();
    if (answer !== FULL && answer !== NEEDS_FRAMES) return false;
    this.#space.makeRoom(answer, bytes);
    return true;
  }

  /** Writes a value of many records: all the room is made first, so that nothing can fail once the root is replaced. */
  #writeChunked(core: Core, key: Key, value: Uint8Array, mode: number, expiry: number): boolean {
    const keyLength = this.#space.putKey(key);
    const packing = new Packing(core).addChunked(keyLength, value.length);
    if (packing.bytes > core.calls.limitBytes()) {
      throw new StorageError(
        "TOO_LARGE",
        `Cannot use value: its ${value.length} bytes can never fit into this store's maxSize; raise maxSize`,
      );
    }
    const exists = core.calls.has(keyLength, this.#space.now()) !== 0;
    if ((mode & IF_ABSENT) !== 0 && exists || (mode & IF_PRESENT) !== 0 && !exists) return false;
    if ((mode & RESERVED) === 0) this.#space.reserve(packing);
    const object = core.calls.takeObject();
    const rootLength = putRoot(core, value.length, object);
    const rootMode = (mode & KEEP_EXPIRY) | RESERVED | KIND_CHUNKED;
    this.#upsert(core, this.#space.putKey(key), rootLength, rootMode, expiry);
    writeChunks(core, object, 0, value);
    if ((mode & RESERVED) === 0) this.#space.relieve(packing.bytes);
    return true;
  }

  mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl">): void {
    checkOptions(options);
    const list = toEntries(entries);
    const core = this.#openToWrite();
    const expiry = this.#expiryIn(options?.ttl);
    // Making room may drop or move what was to be overwritten in place: then it is added up again.
    let isReady = false;
    let bytes = 0;
    while (!isReady) {
      const { packing, addedBytes } = this.#addUp(core, list, expiry !== 0);
      bytes = packing.bytes;
      isReady = addedBytes === 0 || !this.#space.reserve(packing, addedBytes);
    }
    for (const [key, value] of list) this.#write(key, value, RESERVED, expiry);
    this.#space.relieve(bytes);
  }

  /** What writing `list` takes at most, and what of it live data grows by: 0 where all is overwritten in place. */
  #addUp(core: Core, list: (readonly [Key, Value])[], expires: boolean): { packing: Packing; addedBytes: number } {
    const packing = new Packing(core);
    let inPlaceBytes = 0;
    for (const [key, value] of list) {
      const length = core.putValue(value);
      const keyLength = this.#space.putKey(key);
      if (typeof length !== "number") {
        packing.addChunked(keyLength, length.length);
        continue;
      }
      packing.add(keyLength, length);
      const old = core.calls.peek(keyLength) >>> 0;
      // A checkpoint under way may still need the old record.
      const isInPlace = this.#space.drain === null && old !== 0 && !this.#space.isExpired(old) &&
        core.holdsString(old, length, expires);
      if (isInPlace) inPlaceBytes += keyLength + length + RECORD_OVERHEAD_BYTES;
    }
    return { packing, addedBytes: packing.bytes - inPlaceBytes };
  }

  update(key: Key, change: Change, options?: Pick<SetOptions, "ttl">): Bytes | null {
    checkOptions(options);
    if (typeof change !== "function") {
      throw new StorageError("WRONG_TYPE", `Cannot update key: expected a function, received ${describe(change)}`);
    }
    const core = this.#openToWrite();
    const before = this.get(key);
    // The expiry as of the read: were it looked up after the function, the key could have expired, and lose it.
    const kept = before === null ? 0 : core.expiryOf(core.calls.peek(this.#space.putKey(key)) >>> 0);
    const after = this.#change(change, before);
    if (after === undefined) return before;
    if (after === null) {
      this.del(key);
      return null;
    }
    const value = toBytes(after);
    this.#write(key, value, 0, options?.ttl === undefined ? kept : this.#expiryIn(options.ttl));
    return value as Bytes;
  }

  #change(change: Change, before: Bytes | null): Value | null | undefined {
    let after: unknown;
    this.#isChanging = true;
    try {
      after = change(before);
    } finally {
      this.#isChanging = false;
    }
    if (after === undefined || after === null || typeof after === "string" || after instanceof Uint8Array) return after;
    throw new StorageError(
      "WRONG_TYPE",
      after instanceof Promise
        ? "Cannot update key: the function must not be async"
        : `Cannot update key: expected the function to return a value, null or undefined, received ${describe(after)}`,
    );
  }

  incrBy<N extends number | bigint = number>(key: Key, delta: N = 1 as N): Integer<N> {
    const core = this.#openToWrite();
    const space = this.#space;
    const isNumber = typeof delta !== "bigint";
    const { low, high } = toInt64(delta);
    const keyLength = this.#space.putKey(key);
    let answer: number;
    do answer = core.calls.increment(keyLength, low, high, isNumber, space.now()); while (
      answer < 0 && this.#makesRoom(answer, keyLength + RECORD_OVERHEAD_BYTES)
    );
    if (answer === NOT_INTEGER) {
      throw new StorageError("NOT_INTEGER", `Cannot add to key ${describe(key)}: its value is not a 64-bit integer`);
    }
    if (answer === OVERFLOWS) {
      throw new StorageError(
        "OUT_OF_RANGE",
        `Cannot add ${delta} to key ${describe(key)}: the sum would leave ${
          isNumber ? "the safe integers; pass a bigint" : "64 bits"
        }`,
      );
    }
    const sum = core.readInt64(core.valueAt, isNumber) as Integer<N>;
    if ((answer & NEEDS_CARE) !== 0) space.relieve(keyLength);
    return sum;
  }

  append(key: Key, suffix: Value): number {
    const core = this.#openToWrite();
    const space = this.#space;
    const length = core.putValue(suffix);
    if (typeof length !== "number") return this.#appendChunked(core, key, length);
    const keyLength = this.#space.putKey(key);
    let answer: number;
    do answer = core.calls.append(keyLength, length, space.now()); while (
      answer < 0 && this.#makesRoom(answer, keyLength + length + RECORD_OVERHEAD_BYTES)
    );
    if (answer === IS_CHUNKED) return this.#appendChunked(core, key, toBytes(suffix));
    const total = core.valueLength(core.calls.peek(keyLength) >>> 0);
    if ((answer & NEEDS_CARE) !== 0) space.relieve(keyLength + length);
    return total;
  }

  /** Appends where the result has many records: to the last chunk of a chunked value, or by making one. */
  #appendChunked(core: Core, key: Key, suffix: Uint8Array): number {
    const keyLength = this.#space.putKey(key);
    const record = core.calls.peek(keyLength) >>> 0;
    const isThere = record !== 0 && !this.#space.isExpired(record);
    const kind = isThere ? core.kindOf(record) : KIND_STRING;
    if (kind !== KIND_STRING && kind !== KIND_CHUNKED) throw isCollection();
    const isChunked = kind === KIND_CHUNKED;
    const oldLength = !isThere ? 0 : isChunked ? readRoot(core, record).length : core.valueLength(record);
    const expiry = isThere ? core.expiryOf(record) : 0;
    const length = oldLength + suffix.length;
    if (length > MAX_VALUE_BYTES) {
      throw new StorageError(
        "TOO_LARGE",
        `Cannot append to key ${describe(key)}: ${length} bytes would be over 512 MiB`,
      );
    }
    if (!isChunked) {
      const value = new Uint8Array(length);
      if (isThere) value.set(core.copyValue(record, true));
      value.set(suffix, oldLength);
      this.#write(key, value, 0, expiry);
      return length;
    }
    const { object } = readRoot(core, record);
    // The last chunk is written again, with what it has.
    const packing = new Packing(core).addChunked(keyLength, suffix.length + INLINE_BYTES);
    this.#space.reserve(packing);
    // In a cache, making room may have evicted the value.
    if (core.calls.peek(this.#space.putKey(key)) === 0) return this.append(key, suffix);
    const lastChunk = Math.floor(oldLength / INLINE_BYTES);
    const kept = oldLength % INLINE_BYTES;
    const tail = new Uint8Array(kept + suffix.length);
    if (kept > 0) tail.set(viewChunk(this.#space, object, lastChunk));
    tail.set(suffix, kept);
    writeChunks(core, object, lastChunk, tail);
    const rootLength = putRoot(core, length, object);
    this.#upsert(core, this.#space.putKey(key), rootLength, KIND_CHUNKED | KEEP_OWNED | RESERVED, expiry);
    this.#space.relieve(packing.bytes);
    return length;
  }

  del(key: Key): boolean {
    return this.#remove(this.#openToWrite(), key);
  }

  #remove(core: Core, key: Key): boolean {
    const space = this.#space;
    const keyLength = space.putKey(key);
    let answer: number;
    do answer = core.calls.remove(keyLength, space.now()); while (
      answer < 0 && this.#makesRoom(answer, RECORD_OVERHEAD_BYTES)
    );
    if ((answer & NEEDS_CARE) !== 0) space.relieve(keyLength);
    return answer !== REFUSED;
  }

  exists(key: Key): boolean {
    const core = this.#open();
    return core.calls.has(this.#space.putKey(key), this.#space.now()) !== 0;
  }

  expire(key: Key, ttl: number, options?: ExpireOptions): boolean {
    checkOptions(options);
    const core = this.#openToWrite();
    const expiry = expiryIn(ttl);
    const current = this.#expiryOf(core, key);
    if (!allowsExpiry(options?.when, current ?? Infinity, expiry) || current === null) return false;
    this.#space.mayExpire = true;
    return this.#setExpiry(core, key, expiry);
  }

  persist(key: Key): boolean {
    const core = this.#openToWrite();
    const current = this.#expiryOf(core, key);
    return current !== null && current !== Infinity && this.#setExpiry(core, key, 0);
  }

  #setExpiry(core: Core, key: Key, expiry: number): boolean {
    const space = this.#space;
    const keyLength = this.#space.putKey(key);
    let answer: number;
    do answer = core.calls.setExpiryOf(keyLength, expiry, space.now()); while (
      answer < 0 && this.#makesRoom(answer, RECORD_OVERHEAD_BYTES)
    );
    if ((answer & NEEDS_CARE) !== 0) space.relieve(keyLength);
    return (answer & EXISTED) !== 0;
  }

  ttl(key: Key): number | null {
    const expiry = this.#expiryOf(this.#open(), key);
    return expiry === null || expiry === Infinity ? expiry : Math.max(0, expiry - Date.now());
  }

  /** When the key expires, `Infinity` for never, `null` when it is not there. */
  #expiryOf(core: Core, key: Key): number | null {
    const record = core.calls.peek(this.#space.putKey(key)) >>> 0;
    if (record === 0 || this.#space.isExpired(record)) return null;
    return core.expiryOf(record) || Infinity;
  }

  type(key: Key): ValueType | null {
    this.#open();
    return typeOf(this.#space.kindOf(key));
  }

  getRange(key: Key, start: number, end: number): Bytes {
    const core = this.#open();
    const value = this.#stringAt(core, key);
    if (value === null) {
      toRange(start, end, 0);
      return new Uint8Array(0);
    }
    const { from, count } = toRange(start, end, value.length);
    if (value.object !== null) return readChunks(this.#space, value.object, from, count);
    const at = core.valueStart(value.record) + from;
    return core.bytes.slice(at, at + count);
  }

  strlen(key: Key): number {
    return this.#stringAt(this.#open(), key)?.length ?? 0;
  }

  /** A string's record, its length, and its object number if it has chunks; `null` where there is none. */
  #stringAt(core: Core, key: Key): { record: number; length: number; object: number | null } | null {
    const record = core.calls.peek(this.#space.putKey(key)) >>> 0;
    if (record === 0 || this.#space.isExpired(record)) return null;
    const kind = core.kindOf(record);
    if (kind === KIND_STRING) return { record, length: core.valueLength(record), object: null };
    if (kind === KIND_CHUNKED) return { record, ...readRoot(core, record) };
    throw isCollection();
  }

  setRange(key: Key, offset: number, value: Value): number {
    const core = this.#openToWrite();
    const start = toIndex(offset, "offset");
    const bytes = toValueBytes(value);
    if (start < 0) {
      throw new StorageError("OUT_OF_RANGE", `Cannot write range: expected an offset of 0 or more, received ${start}`);
    }
    return this.#space.atomically(() => {
      const oldLength = this.#stringAt(core, key)?.length ?? 0;
      if (bytes.length === 0) return oldLength;
      const length = Math.max(oldLength, start + bytes.length);
      if (length > MAX_VALUE_BYTES) {
        throw new StorageError("TOO_LARGE", `Cannot write range: ${length} bytes would be over 512 MiB`);
      }
      if (start > oldLength) this.append(key, new Uint8Array(start - oldLength));
      const inside = bytes.subarray(0, Math.max(0, oldLength - start));
      if (inside.length > 0) this.#overwrite(core, key, start, inside);
      if (inside.length < bytes.length) this.append(key, bytes.subarray(inside.length));
      return length;
    });
  }

  /** Writes over bytes that are there. Of a value of many chunks only those are written that they lie in. */
  #overwrite(core: Core, key: Key, start: number, bytes: Uint8Array): void {
    const { record, object, length } = this.#stringAt(core, key)!;
    const expiry = core.expiryOf(record);
    if (object === null) {
      const value = core.bytes.slice(core.valueStart(record), core.valueStart(record) + length);
      value.set(bytes, start);
      this.#write(key, value, 0, expiry);
      return;
    }
    const first = Math.floor(start / INLINE_BYTES);
    const from = first * INLINE_BYTES;
    const end = Math.min(length, Math.ceil((start + bytes.length) / INLINE_BYTES) * INLINE_BYTES);
    this.#space.reserve(new Packing(core).addChunks(end - from));
    const chunks = readChunks(this.#space, object, from, end - from);
    chunks.set(bytes, start - from);
    writeChunks(core, object, first, chunks);
  }

  rename(source: Key, destination: Key, options?: RenameOptions): boolean {
    checkOptions(options);
    const core = this.#openToWrite();
    const space = this.#space;
    const mode = options?.ifAbsent === true ? IF_ABSENT : 0;
    space.putKey(destination); // it may have to be loaded
    const newLength = core.putKeyAt(destination, core.fieldAt);
    const keyLength = space.putKey(source);
    let answer: number;
    do answer = core.calls.rename(keyLength, newLength, mode, space.now()); while (
      answer < 0 && this.#makesRoom(answer, keyLength + newLength + RECORD_OVERHEAD_BYTES)
    );
    if ((answer & NEEDS_CARE) !== 0) space.relieve(newLength);
    return answer !== REFUSED;
  }

  copy(source: Key, destination: Key, options?: CopyOptions): boolean {
    checkOptions(options);
    const core = this.#openToWrite();
    return this.#space.atomically(() => {
      const kind = this.#space.kindOf(source);
      const exists = this.exists(destination);
      if (kind === 0 || exists && options?.replace !== true) return false;
      if (isSameKey(source, destination)) return true;
      const expiry = this.#expiryOf(core, source)!;
      if (kind === KIND_STRING || kind === KIND_CHUNKED) this.#write(destination, this.get(source)!, 0, 0);
      else copyCollection(this.#space, kind, source, destination);
      if (expiry !== Infinity) this.#setExpiry(core, destination, expiry);
      return true;
    });
  }

  transact<T>(change: (transaction: Transaction) => T): T {
    this.#openToWrite();
    if (this.#transaction !== "none") throw new StorageError("CONFLICT", "Cannot transact: a transaction is under way");
    if (typeof change !== "function") {
      throw new StorageError("WRONG_TYPE", `Cannot transact: expected a function, received ${describe(change)}`);
    }
    return this.#space.atomically(() => {
      const transaction = new SyncMemoryStore(this.#space);
      transaction.#transaction = "open";
      this.#isChanging = true;
      try {
        const result = change(transaction);
        if (!isThenable(result)) return result;
        result.then(undefined, () => {}); // what it comes to does not matter any more
        throw new StorageError("WRONG_TYPE", "Cannot transact: the function must not be async");
      } finally {
        this.#isChanging = false;
        transaction.#transaction = "over";
      }
    });
  }

  scan(options: ScanOptions = {}): ScanResult {
    const core = this.#open();
    const { position, count, pattern } = readScanOptions(options);
    const next = core.calls.scan(position, count) >>> 0;
    const records = core.words.slice(core.scratch >>> 2, (core.scratch >>> 2) + core.calls.scanned.value);
    const keys: Bytes[] = [];
    for (const signed of records) {
      const record = signed >>> 0;
      if (this.#space.isExpired(record)) continue;
      if (options.type !== undefined && typeOf(core.kindOf(record)) !== options.type) continue;
      if (pattern !== null) {
        const start = core.keyStart(record);
        if (!matchesGlob(pattern, core.bytes, start, start + core.keyLength(record))) continue;
      }
      keys.push(core.copyKey(record));
    }
    return { cursor: next === 0 ? null : String(next), keys };
  }

  *keys(options: KeysOptions = {}): IterableIterator<Bytes> {
    checkOptions(options);
    let cursor: string | null = null;
    do {
      const step: ScanResult = this.scan({ ...options, cursor, count: 1000 });
      yield* step.keys;
      cursor = step.cursor;
    } while (cursor !== null);
  }

  size(): number {
    return this.#open().stats().keys;
  }

  clear(): void {
    this.#openToWrite();
    if (this.#transaction !== "none") {
      throw new StorageError("UNSUPPORTED", "Cannot clear storage in a transaction: it could not be undone");
    }
    this.#space.replace();
  }

  stats(): StorageStats {
    const core = this.#open();
    const figures = core.stats();
    return {
      backend: "memory",
      keys: figures.keys,
      liveBytes: figures.liveBytes,
      garbageBytes: figures.logBytes - figures.liveBytes,
      indexBytes: figures.indexBytes,
      memoryBytes: core.memoryBytes,
      maxBytes: this.#space.options.maxBytes,
      hits: this.#space.hits,
      misses: this.#space.misses,
      evictions: figures.evictions,
      expirations: figures.expirations,
      recycledPages: figures.recycledPages,
      movedBytes: figures.movedBytes,
    };
  }

  #open(): Core {
    if (this.#space.isClosed) throw new StorageError("CLOSED", "Cannot use storage: it has been closed");
    if (this.#transaction === "over") {
      throw new StorageError("CONFLICT", "Cannot use transaction: the function that it was given to has returned");
    }
    this.#space.stopClock();
    return this.#space.core;
  }

  #openToWrite(): Core {
    if (this.#isChanging) {
      throw new StorageError(
        "CONFLICT",
        "Cannot write while a function given to update or transact runs: it would not be atomic",
      );
    }
    return this.#open();
  }

  static {
    for (const [name, operation] of Object.entries(OPERATIONS) as [string, AnyOperation][]) {
      const isRead = READS.has(name);
      Object.defineProperty(this.prototype, name, {
        value(this: SyncMemoryStore, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): unknown {
          if (isRead) this.#open();
          else this.#openToWrite();
          return operation(this.#space, a, b, c, d, e);
        },
        writable: true,
        configurable: true,
      });
    }
  }

  /** When something with this `ttl` expires, or 0 for never where there is none. */
  #expiryIn(ttl: number | undefined): number {
    if (ttl === undefined) return 0;
    const expiry = expiryIn(ttl);
    this.#space.mayExpire = true;
    return expiry;
  }
}

const TYPES: Record<number, ValueType> = {
  [KIND_STRING]: "string",
  [KIND_CHUNKED]: "string",
  [KIND_LIST]: "list",
  [KIND_HASH]: "hash",
  [KIND_SET]: "set",
  [KIND_ZSET]: "zset",
};

function typeOf(kind: number): ValueType | null {
  return TYPES[kind] ?? null;
}

function isCollection(): StorageError {
  return new StorageError("WRONG_TYPE", "Cannot use key: it holds a collection, not a string");
}

function toValueBytes(value: Value): Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return toBytes(value);
  throw new StorageError(
    "WRONG_TYPE",
    `Cannot use value: expected a string or Uint8Array, received ${describe(value)}`,
  );
}

function isSameKey(a: Key, b: Key): boolean {
  return isSame(toBytes(a), toBytes(b));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null)?.then === "function";
}

function toEntries(entries: Iterable<readonly [Key, Value]>): (readonly [Key, Value])[] {
  if (typeof entries?.[Symbol.iterator] !== "function") {
    throw new StorageError(
      "WRONG_TYPE",
      `Cannot write entries: expected an iterable of [key, value], received ${describe(entries)}`,
    );
  }
  const list = [...entries];
  const wrong = list.findIndex((entry) => !Array.isArray(entry) || entry.length !== 2);
  if (wrong < 0) return list;
  throw new StorageError(
    "WRONG_TYPE",
    `Cannot write entries: expected [key, value], received ${describe(list[wrong])}`,
  );
}
