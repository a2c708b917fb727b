import type { Core } from "../core/core.ts";
import { CHUNK_RECORD_BYTES, chunkCount, RECORD_OVERHEAD_BYTES, ROOT_BYTES } from "./chunks.ts";

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
    this.#addRecord(keyLength + ROOT_BYTES + RECORD_OVERHEAD_BYTES);
    for (let i = chunkCount(length); i > 0; i--) this.#addRecord(CHUNK_RECORD_BYTES);
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
