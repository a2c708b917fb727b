import type { Core } from "../core/core.ts";
import { matchesGlob } from "../core/glob.ts";
import {
  BATCH_KEYS,
  EXISTED,
  FLAG_EXPIRES,
  FRAMES_LOW,
  HEADER_BYTES,
  IF_ABSENT,
  IF_PRESENT,
  INLINE_BYTES,
  IS_CHUNKED,
  KEEP_CHUNKS,
  KEEP_EXPIRY,
  KIND_CHUNKED,
  KIND_MASK,
  KIND_STRING,
  MAX_VALUE_BYTES,
  NOT_INTEGER,
  OVERFLOWS,
  REFUSED,
  SCRATCH_BYTES,
} from "../core/layout.ts";
import type {
  Bytes,
  Change,
  ExpireOptions,
  Integer,
  Key,
  KeysOptions,
  ReadOptions,
  ScanOptions,
  ScanResult,
  SetOptions,
  StorageStats,
  SyncStorageEngine,
  Value,
  ValueType,
} from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import {
  chunkCount,
  chunkedBytes,
  putRoot,
  readChunks,
  readRoot,
  ROOT_BYTES,
  viewChunk,
  writeChunks,
} from "./chunks.ts";
import type { Space } from "./space.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** The last time that fits the 48 bits other stores and this one's clients agree on: the year 10889. */
const MAX_TIME_MS = 2 ** 48 - 1;
const RECORD_OVERHEAD_BYTES = 40;
const encoder = new TextEncoder();

/** The memory store's operations, answered at once. What `MemoryStore` does is done here. */
export class SyncMemoryStore implements SyncStorageEngine {
  readonly #space: Space;
  #isClosed = false;
  #hits = 0;
  #misses = 0;
  /** Chunked values are numbered; a number is never used twice in a core. */
  #lastObject = 0;

  constructor(space: Space) {
    this.#space = space;
  }

  close(): void {
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes over a core that was filled from a snapshot. */
  adopt(core: Core, mayExpire: boolean, lastObject: number): void {
    this.#space.replace(core, mayExpire);
    this.#lastObject = lastObject;
  }

  get(key: Key, options?: ReadOptions): Bytes | null {
    const core = this.#open();
    const record = core.calls.find(core.putKey(key)) >>> 0;
    if (record !== 0) {
      const value = this.#read(core, record, options?.own === true);
      if (value !== null) return value;
      core.calls.remove(core.putKey(key), this.#space.now());
    } else {
      this.#misses++;
    }
    return null;
  }

  /** The value of a record, or `null` when it has expired; counts a hit or a miss. */
  #read(core: Core, record: number, own: boolean): Bytes | null {
    const word = core.words[(record >>> 2) + 1];
    // The common case apart, because it is the hot path: a string in one record that does not expire.
    if (((word >>> 8) & (KIND_MASK | FLAG_EXPIRES)) === KIND_STRING) {
      this.#hits++;
      const start = ((record + HEADER_BYTES + (word >>> 16) + 3) & ~3) >>> 0;
      return core.copy(start, core.words[(record >>> 2) + 2] >>> 0, own);
    }
    if (this.#isExpired(core, record)) {
      this.#misses++;
      return null;
    }
    this.#hits++;
    return core.kindOf(record) === KIND_CHUNKED ? readChunks(core, record) : core.copyValue(record, own);
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
    const found = (core.found >>> 2) - first;
    for (let i = first; i < end; i++) {
      const record = core.words[found + i] >>> 0;
      // Expired records are left for later: removing one here could move others.
      if (record === 0) this.#misses++;
      values[i] = record === 0 ? null : this.#read(core, record, own);
    }
  }

  #isExpired(core: Core, record: number): boolean {
    const expiry = core.expiryOf(record);
    return expiry !== 0 && expiry <= Date.now();
  }

  set(key: Key, value: Value, options?: SetOptions): boolean {
    const core = this.#open();
    let mode = KIND_STRING;
    let expiry = 0;
    if (options !== undefined) {
      mode |= modeOf(options);
      if (options.ttl !== undefined) expiry = this.#expiryIn(options.ttl);
    }
    const length = core.putValue(value);
    if (typeof length !== "number") return this.#setChunked(key, length, mode, expiry);
    const keyLength = core.putKey(key);
    return this.#upsert(keyLength, length, mode, expiry) !== REFUSED;
  }

  /** Writes what is in the scratch area, making room as long as the core asks for it. */
  #upsert(keyLength: number, length: number, mode: number, expiry: number): number {
    const space = this.#space;
    let answer = space.core.calls.upsert(keyLength, length, mode, expiry, space.now());
    while (answer < 0) {
      space.makeRoom(answer, keyLength + length + RECORD_OVERHEAD_BYTES);
      answer = space.core.calls.upsert(keyLength, length, mode, expiry, space.now());
    }
    if ((answer & FRAMES_LOW) !== 0) space.relieve(keyLength + length);
    return answer;
  }

  /** Writes a value of many records: all the room is made first, so that nothing can fail once the root is replaced. */
  #setChunked(key: Key, value: Uint8Array, mode: number, expiry: number): boolean {
    const core = this.#open();
    const { limitBytes } = core.stats();
    const bytes = chunkedBytes(value.length) + RECORD_OVERHEAD_BYTES + ROOT_BYTES + core.putKey(key);
    if (bytes > limitBytes) {
      throw new StorageError(
        "TOO_LARGE",
        `Cannot use value: its ${value.length} bytes can never fit into this store's maxSize; raise maxSize`,
      );
    }
    const exists = core.calls.has(core.putKey(key), this.#space.now()) !== 0;
    if ((mode & IF_ABSENT) !== 0 && exists || (mode & IF_PRESENT) !== 0 && !exists) return false;
    this.#space.reserve(bytes, chunkCount(value.length));
    const object = ++this.#lastObject;
    const rootLength = putRoot(core, value.length, object);
    const rootMode = (mode & ~KIND_MASK & ~IF_ABSENT & ~IF_PRESENT) | KIND_CHUNKED;
    this.#upsert(core.putKey(key), rootLength, rootMode, expiry);
    writeChunks(core, object, 0, value);
    return true;
  }

  mset(entries: Iterable<readonly [Key, Value]>, options?: Pick<SetOptions, "ttl">): void {
    const core = this.#open();
    const list = [...entries];
    let bytes = 0;
    for (const entry of list) {
      if (!Array.isArray(entry) || entry.length !== 2) {
        throw new StorageError(
          "WRONG_TYPE",
          `Cannot write entries: expected [key, value], received ${describe(entry)}`,
        );
      }
      const length = core.putValue(entry[1]);
      bytes += core.putKey(entry[0]) + RECORD_OVERHEAD_BYTES;
      bytes += typeof length === "number" ? length : chunkedBytes(length.length) + ROOT_BYTES;
    }
    const setOptions = { ttl: options?.ttl };
    if (options?.ttl !== undefined) this.#expiryIn(options.ttl);
    this.#space.reserve(bytes, list.length + Math.ceil(bytes / INLINE_BYTES));
    for (const [key, value] of list) this.set(key, value, setOptions);
  }

  update(key: Key, change: Change, options?: Pick<SetOptions, "ttl">): Bytes | null {
    if (typeof change !== "function") {
      throw new StorageError("WRONG_TYPE", `Cannot update key: expected a function, received ${describe(change)}`);
    }
    if (options?.ttl !== undefined) this.#expiryIn(options.ttl);
    const before = this.get(key);
    const after = change(before);
    if (after === undefined) return before;
    if (after === null) {
      this.del(key);
      return null;
    }
    if (typeof after !== "string" && !(after instanceof Uint8Array)) {
      throw new StorageError(
        "WRONG_TYPE",
        after as unknown instanceof Promise
          ? "Cannot update key: the function must not be async"
          : `Cannot update key: expected the function to return a value, null or undefined, received ${
            describe(after)
          }`,
      );
    }
    const value = toBytes(after);
    this.set(key, value, options?.ttl === undefined ? { keepTtl: true } : { ttl: options.ttl });
    return value as Bytes;
  }

  incrBy<N extends number | bigint = number>(key: Key, delta?: N): Integer<N> {
    const core = this.#open();
    const isNumber = typeof delta !== "bigint";
    const integer = toInteger(delta ?? 1);
    const low = Number(BigInt.asIntN(32, integer));
    const high = Number(BigInt.asIntN(32, integer >> 32n));
    const keyLength = core.putKey(key);
    const space = this.#space;
    let answer = core.calls.increment(keyLength, low, high, isNumber, space.now());
    while (answer < 0) {
      if (answer === NOT_INTEGER) {
        throw new StorageError("NOT_INTEGER", `Cannot add to key ${describe(key)}: its value is not a 64-bit integer`);
      }
      if (answer === OVERFLOWS) {
        throw new StorageError(
          "OUT_OF_RANGE",
          `Cannot add ${integer} to key ${describe(key)}: the sum would leave ${
            isNumber ? "the safe integers; pass a bigint" : "64 bits"
          }`,
        );
      }
      space.makeRoom(answer, keyLength + RECORD_OVERHEAD_BYTES);
      answer = core.calls.increment(keyLength, low, high, isNumber, space.now());
    }
    const at = core.valueAt >>> 2;
    const sumLow = core.words[at] >>> 0;
    const sumHigh = core.words[at + 1];
    if ((answer & FRAMES_LOW) !== 0) space.relieve(keyLength);
    const sum = isNumber ? sumHigh * 2 ** 32 + sumLow : (BigInt(sumHigh) << 32n) + BigInt(sumLow);
    return sum as Integer<N>;
  }

  append(key: Key, suffix: Value): number {
    const core = this.#open();
    const space = this.#space;
    const length = core.putValue(suffix);
    if (typeof length !== "number") return this.#appendChunked(key, length);
    const keyLength = core.putKey(key);
    let answer = core.calls.append(keyLength, length, space.now());
    while (answer < 0) {
      if (answer === IS_CHUNKED) return this.#appendChunked(key, toBytes(suffix));
      space.makeRoom(answer, keyLength + INLINE_BYTES);
      answer = core.calls.append(keyLength, length, space.now());
    }
    if ((answer & FRAMES_LOW) !== 0) space.relieve(keyLength + length);
    return core.valueLength(core.calls.find(core.putKey(key)) >>> 0);
  }

  /** Appends where the result has many records: to the last chunk of a chunked value, or by making one. */
  #appendChunked(key: Key, suffix: Uint8Array): number {
    const core = this.#open();
    const record = core.calls.find(core.putKey(key)) >>> 0;
    const isThere = record !== 0 && !this.#isExpired(core, record);
    const isAlreadyChunked = isThere && core.kindOf(record) === KIND_CHUNKED;
    const oldLength = !isThere ? 0 : isAlreadyChunked ? readRoot(core, record).length : core.valueLength(record);
    const length = oldLength + suffix.length;
    if (length > MAX_VALUE_BYTES) {
      throw new StorageError(
        "TOO_LARGE",
        `Cannot append to key ${describe(key)}: ${length} bytes would be over 512 MiB`,
      );
    }
    if (!isAlreadyChunked) {
      const value = new Uint8Array(length);
      if (isThere) value.set(core.copyValue(record, true));
      value.set(suffix, oldLength);
      this.set(key, value, { keepTtl: true });
      return length;
    }
    const { object } = readRoot(core, record);
    this.#space.reserve(chunkedBytes(suffix.length) + 2 * INLINE_BYTES, chunkCount(suffix.length) + 2);
    // In a cache, making room may have evicted the value.
    if (!this.exists(key)) return this.append(key, suffix);
    const lastChunk = Math.floor(oldLength / INLINE_BYTES);
    const kept = oldLength % INLINE_BYTES;
    const tail = new Uint8Array(kept + suffix.length);
    if (kept > 0) tail.set(viewChunk(core, object, lastChunk));
    tail.set(suffix, kept);
    writeChunks(core, object, lastChunk, tail);
    const rootLength = putRoot(core, length, object);
    this.#upsert(core.putKey(key), rootLength, KIND_CHUNKED | KEEP_EXPIRY | KEEP_CHUNKS, 0);
    return length;
  }

  del(key: Key): boolean {
    const core = this.#open();
    return core.calls.remove(core.putKey(key), this.#space.now()) !== 0;
  }

  exists(key: Key): boolean {
    const core = this.#open();
    return core.calls.has(core.putKey(key), this.#space.now()) !== 0;
  }

  expire(key: Key, ttl: number, options?: ExpireOptions): boolean {
    const expiry = this.#expiryIn(ttl);
    const when = options?.when;
    if (when !== undefined) {
      const current = this.#expiryOf(key);
      if (current === null || !allows(when, current, expiry)) return false;
    }
    return this.#setExpiry(key, expiry);
  }

  persist(key: Key): boolean {
    const current = this.#expiryOf(key);
    return current !== null && current !== Infinity && this.#setExpiry(key, 0);
  }

  #setExpiry(key: Key, expiry: number): boolean {
    const core = this.#open();
    const space = this.#space;
    const keyLength = core.putKey(key);
    let answer = core.calls.setExpiryOf(keyLength, expiry, space.now());
    while (answer < 0) {
      space.makeRoom(answer, keyLength + INLINE_BYTES);
      answer = core.calls.setExpiryOf(keyLength, expiry, space.now());
    }
    if ((answer & FRAMES_LOW) !== 0) space.relieve(keyLength);
    return (answer & EXISTED) !== 0;
  }

  ttl(key: Key): number | null {
    const expiry = this.#expiryOf(key);
    return expiry === null || expiry === Infinity ? expiry : Math.max(0, expiry - Date.now());
  }

  /** When the key expires, `Infinity` for never, `null` when it is not there. */
  #expiryOf(key: Key): number | null {
    const core = this.#open();
    const record = core.calls.find(core.putKey(key)) >>> 0;
    if (record === 0 || this.#isExpired(core, record)) return null;
    return core.expiryOf(record) || Infinity;
  }

  type(key: Key): ValueType | null {
    return this.exists(key) ? "string" : null;
  }

  scan(options: ScanOptions = {}): ScanResult {
    const core = this.#open();
    const { bucket, count, pattern } = readScanOptions(options);
    if (options.type !== undefined && options.type !== "string") return { cursor: null, keys: [] };
    const next = core.calls.scan(bucket, count) >>> 0;
    const records = core.words.slice(core.scratch >>> 2, (core.scratch >>> 2) + core.calls.scanned.value);
    const keys: Bytes[] = [];
    for (const signed of records) {
      const record = signed >>> 0;
      if (this.#isExpired(core, record)) continue;
      if (pattern !== null) {
        const start = core.keyStart(record);
        if (!matchesGlob(pattern, core.bytes, start, start + core.keyLength(record))) continue;
      }
      keys.push(core.copyKey(record));
    }
    return { cursor: next === 0 ? null : String(next), keys };
  }

  *keys(options: KeysOptions = {}): IterableIterator<Bytes> {
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
    this.#open();
    // A fresh core rather than an emptied one: so the runtime gets the memory back.
    this.adopt(this.#space.freshCore(), false, 0);
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
      hits: this.#hits,
      misses: this.#misses,
      evictions: figures.evictions,
      expirations: figures.expirations,
      recycledPages: figures.recycledPages,
      movedBytes: figures.movedBytes,
    };
  }

  #open(): Core {
    if (this.#isClosed) throw new StorageError("CLOSED", "Cannot use storage: it has been closed");
    return this.#space.core;
  }

  #expiryIn(ttl: number): number {
    if (typeof ttl !== "number") {
      throw new StorageError("WRONG_TYPE", `Cannot use ttl: expected milliseconds, received ${describe(ttl)}`);
    }
    const expiry = Math.ceil(Date.now() + ttl);
    if (!(ttl > 0) || !(expiry <= MAX_TIME_MS)) {
      throw new StorageError(
        "OUT_OF_RANGE",
        `Cannot use ttl: expected milliseconds, more than 0 and before the year 10889, received ${describe(ttl)}`,
      );
    }
    this.#space.mayExpire = true;
    return expiry;
  }
}

function modeOf(options: SetOptions): number {
  if (options.ifAbsent === true && options.ifPresent === true) {
    throw new StorageError("OUT_OF_RANGE", "Cannot use options: ifAbsent and ifPresent exclude each other");
  }
  if (options.keepTtl === true && options.ttl !== undefined) {
    throw new StorageError("OUT_OF_RANGE", "Cannot use options: keepTtl and ttl exclude each other");
  }
  return (options.ifAbsent === true ? IF_ABSENT : 0) | (options.ifPresent === true ? IF_PRESENT : 0) |
    (options.keepTtl === true ? KEEP_EXPIRY : 0);
}

function toInteger(delta: number | bigint): bigint {
  if (typeof delta === "bigint") {
    if (delta >= MIN_INT64 && delta <= MAX_INT64) return delta;
  } else if (typeof delta !== "number") {
    throw new StorageError("WRONG_TYPE", `Cannot add: expected an integer, received ${describe(delta)}`);
  } else if (Number.isSafeInteger(delta)) {
    return BigInt(delta);
  }
  throw new StorageError(
    "OUT_OF_RANGE",
    `Cannot add: expected a safe integer, or a bigint of 64 bits, received ${describe(delta)}`,
  );
}

function allows(when: NonNullable<ExpireOptions["when"]>, current: number, expiry: number): boolean {
  switch (when) {
    case "persistent":
      return current === Infinity;
    case "expiring":
      return current !== Infinity;
    case "later":
      return expiry > current;
    case "sooner":
      return expiry < current;
    default:
      throw new StorageError(
        "OUT_OF_RANGE",
        `Cannot use when: expected "persistent", "expiring", "later" or "sooner", received ${describe(when)}`,
      );
  }
}

function readScanOptions(options: ScanOptions): { bucket: number; count: number; pattern: Uint8Array | null } {
  const { cursor = null, count = 10, match } = options;
  if (cursor !== null && !(typeof cursor === "string" && /^\d{1,9}$/.test(cursor))) {
    throw new StorageError("OUT_OF_RANGE", `Cannot scan: no scan gave the cursor ${describe(cursor)}`);
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new StorageError("OUT_OF_RANGE", `Cannot scan: expected a count of 1 or more, received ${describe(count)}`);
  }
  if (match !== undefined && typeof match !== "string" && !(match instanceof Uint8Array)) {
    throw new StorageError("WRONG_TYPE", `Cannot scan: expected match to be a glob, received ${describe(match)}`);
  }
  const pattern = match === undefined ? null : toBytes(match);
  return { bucket: Number(cursor ?? 0), count: Math.min(count, 1_000_000), pattern };
}

function toBytes(value: Value): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}
