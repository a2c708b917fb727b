import type { Core } from "../core/core.ts";
import { INLINE_BYTES } from "../core/layout.ts";

/** Header, expiry and padding of a record at most. */
export const RECORD_OVERHEAD_BYTES = 40;
const CHUNK_RECORD_BYTES = 16_376;
/** The value of the record that stands for a value in chunks: see chunks.ts. */
export const CHUNK_ROOT_BYTES = 16;
const PAGE_HEADER_BYTES = 8;

/** Adds up what writes will take at most: bytes, records, and pages filled one after another as wasm/log.ts does. */
export class Packing {
  bytes = 0;
  records = 0;
  pages = 0;
  readonly #pageBytes: number;
  #left = 0;

  constructor(core: Core) {
    this.#pageBytes = core.frameBytes - PAGE_HEADER_BYTES;
  }

  /** A value in one record. */
  add(keyLength: number, length: number): this {
    return this.#addRecord(keyLength + length + RECORD_OVERHEAD_BYTES);
  }

  /** A value in chunks, with its root. */
  addChunked(keyLength: number, length: number): this {
    return this.add(keyLength, CHUNK_ROOT_BYTES).addChunks(length);
  }

  /** Chunks alone. */
  addChunks(length: number): this {
    for (let i = Math.ceil(length / INLINE_BYTES); i > 0; i--) this.#addRecord(CHUNK_RECORD_BYTES);
    return this;
  }

  #addRecord(bytes: number): this {
    if (bytes > this.#left) {
      this.pages++;
      this.#left = this.#pageBytes;
    }
    this.#left -= bytes;
    this.bytes += bytes;
    this.records++;
    return this;
  }
}
