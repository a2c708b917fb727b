import type { Bytes, Key, Value } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import { Copier, HAS_FAST_SLICE } from "./copier.ts";
import {
  BLOB_LENGTH,
  FLAG_EXPIRES,
  HEADER_BYTES,
  INLINE_BYTES,
  KIND_MASK,
  KIND_NODE,
  LENGTH_MASK,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  NODE_MASK,
  SCRATCH_FIELD,
  SCRATCH_VALUE,
} from "./layout.ts";
import type { CoreExports } from "./exports.ts";

/** The smallest and largest amounts of memory a core can work with, in bytes. */
export const MIN_CORE_BYTES: number = 8 * 1024 * 1024;
export const MAX_CORE_BYTES: number = 4 * 1024 * 1024 * 1024;

const WASM_PAGE_BYTES = 65_536;
/** Reads that overlap cache misses touch the lines behind a record, which must be memory even behind the last one. */
const SLACK_BYTES = 192;
const FIRST_FRAMES = 8;
/** One growth at most: it costs more the more there is to map. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;
/** A loop over short keys beats `encodeInto`, twice over on Deno. */
const LOOP_KEY_LENGTH = 64;

/** The bits that two characters of ASCII, 16 apart, leave free. */
const NOT_ASCII = 0xff80ff80 | 0;

const encoder = new TextEncoder();

/** How to set up a core. */
export interface CoreOptions {
  /** Memory that may be held, in bytes. */
  maxBytes: number;
  /** Whether reads are noted on the records, for eviction. */
  tracksReads: boolean;
  /** The compiled core, asked for when it is first needed. */
  module: () => WebAssembly.Module;
  /** For a log that goes on in files: how many segments it may have at once, a power of two. */
  segments?: number;
  /** Frames are 2^`frameBits` bytes long; if not given, that depends on `maxBytes`. */
  frameBits?: number;
  /** The key of the hash, 16 bytes; if not given, a random one. */
  hashKey?: Uint8Array;
  /** The number of the first log page; for tests of addresses that wrap. */
  firstPage?: number;
}

/** Figures of a core. */
export interface CoreStats {
  keys: number;
  liveBytes: number;
  logBytes: number;
  indexBytes: number;
  limitBytes: number;
  evictions: number;
  expirations: number;
  movedBytes: number;
  recycledPages: number;
  wastedBytes: number;
}

/** One instance of the WASM core with the views over its memory. The public methods of stores validate through it. */
export class Core {
  readonly calls: CoreExports;
  readonly frameBytes: number;
  readonly maxFrames: number;
  /** The scratch area: keys go to its start, values to `valueAt`, fields and members to `fieldAt`. */
  readonly scratch: number;
  readonly valueAt: number;
  readonly fieldAt: number;
  readonly found: number;
  /** Where a score is left, and where many are, as indexes into `doubles`. */
  readonly scoreAt: number;
  readonly numbersAt: number;
  bytes!: Uint8Array<ArrayBuffer>;
  words!: Int32Array;
  doubles!: Float64Array;

  readonly #segments: number;
  #frames = 0;
  #canGrow = true;
  readonly copier: Copier = new Copier();

  constructor(options: CoreOptions) {
    this.#segments = options.segments ?? 0;
    this.calls = instantiate(options.module());
    // Some 1,000 frames, of 128 KiB to 1 MiB: larger ones cost small stores, more of them make the page table large.
    const frameBits = options.frameBits ?? Math.min(20, Math.max(17, Math.round(Math.log2(options.maxBytes / 1024))));
    this.frameBytes = 2 ** frameBits;
    this.maxFrames = Math.floor(options.maxBytes / this.frameBytes);
    while (this.#bytesFor(this.maxFrames) > options.maxBytes) this.maxFrames--;
    this.scratch = this.calls.scratch.value;
    this.valueAt = this.scratch + SCRATCH_VALUE;
    this.fieldAt = this.scratch + SCRATCH_FIELD;
    this.found = this.calls.found.value;
    this.scoreAt = this.calls.score.value >>> 3;
    this.numbersAt = this.calls.numbers.value >>> 3;

    try {
      this.#growTo(FIRST_FRAMES);
    } catch (cause) {
      throw new StorageError("OUT_OF_MEMORY", "Cannot open storage: the runtime gives no memory for it", { cause });
    }
    const hashKey = this.bytes.subarray(this.scratch, this.scratch + 16);
    if (options.hashKey === undefined) crypto.getRandomValues(hashKey);
    else hashKey.set(options.hashKey);
    const isOpen = this.calls.open(
      frameBits,
      this.maxFrames,
      this.#frames,
      options.firstPage ?? 0,
      options.tracksReads,
      this.#segments,
    );
    if (!isOpen) throw new StorageError("OUT_OF_MEMORY", "Cannot open storage: the runtime gives no memory for it");
  }

  get memoryBytes(): number {
    return this.bytes.length;
  }

  #bytesFor(frames: number): number {
    const bytes = (this.calls.controlBytes(frames, this.#segments) >>> 0) + frames * this.frameBytes + SLACK_BYTES;
    return Math.ceil(bytes / WASM_PAGE_BYTES) * WASM_PAGE_BYTES;
  }

  #growTo(frames: number): void {
    const { memory } = this.calls;
    // The tables are laid out for maxFrames, whatever the number of frames behind them.
    const tables = this.#bytesFor(this.maxFrames) - this.maxFrames * this.frameBytes;
    const wanted = Math.ceil((tables + frames * this.frameBytes) / WASM_PAGE_BYTES);
    const have = memory.buffer.byteLength / WASM_PAGE_BYTES;
    if (wanted > have) memory.grow(wanted - have);
    this.bytes = new Uint8Array(memory.buffer as ArrayBuffer);
    this.words = new Int32Array(memory.buffer);
    this.doubles = new Float64Array(memory.buffer, 0, memory.buffer.byteLength >>> 3);
    this.#frames = frames;
  }

  /** Makes `frames` more frames available, or a quarter more if that is more; false at the limit of budget or runtime. */
  grow(frames: number): boolean {
    if (!this.#canGrow) return false;
    const step = Math.min(Math.max(FIRST_FRAMES, this.#frames >> 2), MAX_GROWTH_BYTES / this.frameBytes);
    const target = Math.min(this.maxFrames, this.#frames + Math.max(frames, Math.floor(step)));
    this.#canGrow = target < this.maxFrames;
    if (target === this.#frames) return false;
    try {
      this.#growTo(target);
    } catch {
      // The runtime has less memory than the budget says.
      this.#canGrow = false;
      this.calls.limitFrames();
      return false;
    }
    this.calls.provideFrames(target);
    return true;
  }

  /** Whether there may be more memory to have. */
  get canGrow(): boolean {
    return this.#canGrow;
  }

  /** Puts a key at the start of the scratch area and returns its length in bytes. */
  putKey(key: Key): number {
    return this.putKeyAt(key, this.scratch);
  }

  /** Puts a field or member where they go and returns its length in bytes. */
  putField(field: Key): number {
    return this.putKeyAt(field, this.fieldAt, "field or member");
  }

  /** Puts a key at `at`, a multiple of 4, where there must be room for the longest one. */
  putKeyAt(key: Key, at: number, what: string = "key"): number {
    const bytes = this.bytes;
    if (typeof key === "string") {
      const length = key.length;
      if (length > LOOP_KEY_LENGTH) return this.#encodeKey(key, at, what);
      const words = this.words;
      let i = 0;
      // Four characters make a word; more than 7 bits in any of them show in the bits that a word of ASCII leaves free.
      for (let to = at >>> 2; i + 4 <= length; i += 4, to++) {
        const low = key.charCodeAt(i) | key.charCodeAt(i + 1) << 16;
        const high = key.charCodeAt(i + 2) | key.charCodeAt(i + 3) << 16;
        if (((low | high) & NOT_ASCII) !== 0) return this.#encodeKey(key, at, what);
        words[to] = (low & 0xff) | low >>> 8 | high << 16 | high >>> 16 << 24;
      }
      for (; i < length; i++) {
        const code = key.charCodeAt(i);
        if (code > 127) return this.#encodeKey(key, at, what);
        bytes[at + i] = code;
      }
      return length;
    }
    if (!(key instanceof Uint8Array)) throw wrongType(what, key);
    if (key.length > MAX_KEY_BYTES) throw keyTooLarge(key.length, what);
    bytes.set(key, at);
    return key.length;
  }

  #encodeKey(key: string, at: number, what: string): number {
    const { read, written } = encoder.encodeInto(key, this.bytes.subarray(at, at + MAX_KEY_BYTES));
    if (read < key.length) throw keyTooLarge(encoder.encode(key).length, what);
    return written;
  }

  /**
   * Puts a value that fits one record into the scratch area and returns its length. For a longer one it returns its
   * bytes, which the store writes in chunks.
   */
  putValue(value: Value): number | Uint8Array {
    const at = this.valueAt;
    if (typeof value === "string") {
      const length = value.length;
      if (length > INLINE_BYTES) return checkLength(encoder.encode(value));
      if (length <= LOOP_KEY_LENGTH) {
        const bytes = this.bytes;
        let i = 0;
        for (; i < length; i++) {
          const code = value.charCodeAt(i);
          if (code > 127) break;
          bytes[at + i] = code;
        }
        if (i === length) return length;
      }
      const { written } = encoder.encodeInto(value, this.bytes.subarray(at, at + 3 * INLINE_BYTES));
      return written <= INLINE_BYTES ? written : encoder.encode(value);
    }
    if (!(value instanceof Uint8Array)) throw wrongType("value", value);
    if (value.length > INLINE_BYTES) return checkLength(value);
    this.bytes.set(value, at);
    return value.length;
  }

  /** Kind and flags of a record. */
  bitsOf(record: number): number {
    return (this.words[(record >>> 2) + 1] >>> 8) & 0xff;
  }

  kindOf(record: number): number {
    return this.bitsOf(record) & KIND_MASK;
  }

  /** Whether it is a part of a value. */
  isNode(record: number): boolean {
    return (this.bitsOf(record) & NODE_MASK) === KIND_NODE;
  }

  /** Milliseconds since 1970, or 0 for never. */
  expiryOf(record: number): number {
    if ((this.bitsOf(record) & FLAG_EXPIRES) === 0) return 0;
    const at = (record >>> 2) + 4;
    return (this.words[at] >>> 0) + (this.words[at + 1] >>> 0) * 2 ** 32;
  }

  keyStart(record: number): number {
    return record + HEADER_BYTES + ((this.bitsOf(record) & FLAG_EXPIRES) === 0 ? 0 : 8);
  }

  keyLength(record: number): number {
    return this.words[(record >>> 2) + 1] >>> 16;
  }

  valueStart(record: number): number {
    return ((this.keyStart(record) + this.keyLength(record) + 3) & ~3) >>> 0;
  }

  valueLength(record: number): number {
    return this.words[(record >>> 2) + 2] & LENGTH_MASK;
  }

  /** What a record takes, header and padding included, in bytes. */
  sizeOf(record: number): number {
    return ((this.valueStart(record) + this.valueLength(record) + 7) & ~7) - record;
  }

  copyKey(record: number): Bytes {
    return this.copy(this.keyStart(record), this.keyLength(record), false);
  }

  copyValue(record: number, own: boolean): Bytes {
    return this.copy(this.valueStart(record), this.valueLength(record), own);
  }

  /** Copies bytes from `start`, a multiple of 4. */
  copy(start: number, length: number, own: boolean): Bytes {
    return this.copier.copy(this.words, this.bytes, start, length, own);
  }

  /**
   * Takes `count` strings that collect() has left behind one another where values are. `readBlob` is asked for those that
   * are too long for that, with the place of the bytes that stand for them.
   */
  takeTexts(count: number, texts: Bytes[], readBlob: (at: number) => Bytes): void {
    const lengths = this.found >>> 2;
    let at = this.valueAt;
    // What is written to the slab here stays there: blobs get buffers of their own.
    const slab = HAS_FAST_SLICE ? null : this.copier.takeRange(this.bytes, at, this.calls.collectedBytes());
    const shift = slab === null ? 0 : slab.offset - at;
    for (let i = 0; i < count; i++) {
      const length = this.words[lengths + i]; // reading a blob may have grown the memory
      if (length === BLOB_LENGTH) {
        texts.push(readBlob(at));
        at += 16;
        continue;
      }
      texts.push(
        slab === null ? this.bytes.slice(at, at + length) : new Uint8Array(slab.buffer, at + shift, length),
      );
      at += (length + 7) & ~7;
    }
  }

  /** How many bytes of strings can be taken together. */
  roomForTexts(): number {
    return HAS_FAST_SLICE ? 32_768 : this.copier.roomForMany();
  }

  /** The ids of the records that a call has missed, as `low + high * 2 ** 32` does not fit a number. */
  missingIds(): bigint[] {
    const { missing, missingCount } = this.calls;
    const ids = new BigUint64Array(this.calls.memory.buffer, missing.value, missingCount.value);
    return [...ids];
  }

  stats(): CoreStats {
    this.calls.readStats();
    const figures = new Float64Array(this.calls.memory.buffer, this.calls.figures.value, 10);
    return {
      keys: figures[0],
      liveBytes: figures[1],
      logBytes: figures[2],
      indexBytes: figures[3],
      limitBytes: figures[4],
      evictions: figures[5],
      expirations: figures[6],
      movedBytes: figures[7],
      recycledPages: figures[8],
      wastedBytes: figures[9],
    };
  }

  /** A 64-bit integer at `at`, as a number or a bigint. */
  readInt64(at: number, isNumber: boolean): number | bigint {
    const low = this.words[at >>> 2] >>> 0;
    const high = this.words[(at >>> 2) + 1];
    return isNumber ? high * 2 ** 32 + low : (BigInt(high) << 32n) + BigInt(low);
  }
}

function instantiate(module: WebAssembly.Module): CoreExports {
  try {
    return new WebAssembly.Instance(module).exports as unknown as CoreExports;
  } catch (cause) {
    throw new StorageError("UNSUPPORTED", "Cannot open storage: the WASM core cannot be started here", { cause });
  }
}

function wrongType(what: string, received: unknown): StorageError {
  return new StorageError(
    "WRONG_TYPE",
    `Cannot use ${what}: expected a string or Uint8Array, received ${describe(received)}`,
  );
}

function keyTooLarge(length: number, what: string): StorageError {
  return new StorageError(
    "TOO_LARGE",
    `Cannot use ${what}: it has ${length} bytes, and ${MAX_KEY_BYTES} are the limit`,
  );
}

function checkLength(value: Uint8Array): Uint8Array {
  if (value.length <= MAX_VALUE_BYTES) return value;
  throw new StorageError(
    "TOO_LARGE",
    `Cannot use value: it has ${value.length} bytes, and ${MAX_VALUE_BYTES} (512 MiB) are the limit`,
  );
}
