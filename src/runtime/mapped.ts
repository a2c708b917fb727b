import { BLOCK_BYTES, type BlockCache } from "./block_cache.ts";
import type { MappedFile, OpenFile } from "./files.ts";

const NOTHING = new Uint8Array(0);

/** A view of a file over a cache of its blocks, which are read at their positions. Owns `file` from now on. */
export async function mapBlocks(file: OpenFile, cache: BlockCache): Promise<MappedFile> {
  return new CachedFile(file, await file.size(), cache);
}

class CachedFile implements MappedFile {
  readonly size: number;
  readonly #file: OpenFile;
  readonly #cache: BlockCache;
  readonly #firstKey: number;
  /** Blocks that are being read, so that whoever needs one of them waits for the same read. */
  readonly #loading = new Map<number, Promise<void>>();
  #isClosed = false;

  constructor(file: OpenFile, size: number, cache: BlockCache) {
    this.#file = file;
    this.size = size;
    this.#cache = cache;
    this.#firstKey = cache.addFile();
  }

  bytes(position: number, length: number): Uint8Array {
    this.#check();
    const end = Math.min(position + length, this.size);
    if (position >= end) return NOTHING;
    const first = Math.floor(position / BLOCK_BYTES);
    const last = Math.floor((end - 1) / BLOCK_BYTES);
    if (first === last) {
      const start = first * BLOCK_BYTES;
      return this.#block(first).subarray(position - start, end - start);
    }
    const whole = new Uint8Array(end - position);
    // What is too long for the cache is read past it, in one go.
    if (last - first >= this.#cache.mostForOne) return whole.subarray(0, this.#file.readSync(whole, position));
    for (let number = first; number <= last; number++) {
      const start = number * BLOCK_BYTES;
      const block = this.#block(number);
      const part = block.subarray(Math.max(position - start, 0), end - start);
      whole.set(part, Math.max(start - position, 0));
      if (block.length < BLOCK_BYTES) return whole.subarray(0, Math.max(start + block.length - position, 0));
    }
    return whole;
  }

  async load(position: number, length: number): Promise<void> {
    this.#check();
    const end = Math.min(position + length, this.size);
    const first = Math.floor(position / BLOCK_BYTES);
    const limit = Math.min(Math.ceil(end / BLOCK_BYTES), first + this.#cache.mostForOne);
    const reads: Promise<void>[] = [];
    for (let number = first; number < limit; number++) {
      if (!this.#cache.has(this.#firstKey + number)) reads.push(this.#loadBlock(number));
    }
    await Promise.all(reads);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cache.removeFile(this.#firstKey);
    this.#file.close().catch(() => {}); // it was only read
  }

  /** A block, read now if it is not there. */
  #block(number: number): Uint8Array {
    const key = this.#firstKey + number;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const buffer = this.#cache.take();
    // All buffers are being read into: this one block goes past the cache.
    if (buffer === null) return this.#readBlock(number, new Uint8Array(BLOCK_BYTES));
    try {
      const block = this.#readBlock(number, buffer);
      this.#cache.put(key, block);
      return block;
    } catch (error) {
      this.#cache.giveUp();
      throw error;
    }
  }

  #readBlock(number: number, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return into.subarray(0, this.#file.readSync(into, number * BLOCK_BYTES));
  }

  #loadBlock(number: number): Promise<void> {
    let read = this.#loading.get(number);
    if (read === undefined) {
      read = this.#readAhead(number).finally(() => this.#loading.delete(number));
      this.#loading.set(number, read);
    }
    return read;
  }

  async #readAhead(number: number): Promise<void> {
    const key = this.#firstKey + number;
    const buffer = await this.#cache.taken();
    if (this.#isClosed || this.#cache.has(key)) return this.#cache.giveUp();
    let block: Uint8Array<ArrayBuffer>;
    try {
      block = buffer.subarray(0, await this.#file.read(buffer, number * BLOCK_BYTES));
    } catch (error) {
      this.#cache.giveUp();
      throw error;
    }
    // Once more: `bytes` may have been faster.
    if (this.#isClosed || this.#cache.has(key)) this.#cache.giveUp();
    else this.#cache.put(key, block);
  }

  #check(): void {
    if (this.#isClosed) throw new Error("Cannot read mapped file: it has been closed");
  }
}
