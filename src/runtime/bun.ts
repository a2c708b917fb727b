import { BLOCK_BYTES } from "./block_cache.ts";
import type { MappedFile, OpenFile } from "./files.ts";

interface Bun {
  mmap(path: string, options: { shared: boolean }): Uint8Array<ArrayBuffer>;
}

/**
 * A view of a file through `Bun.mmap`, or `null` where there is none: on another runtime, on Windows, for an empty file,
 * and for one that may not be written (Bun opens it to write, whatever it is asked for). Owns `file` where there is one.
 *
 * Reading a mapped file costs a third of a positional read. The price: where the disk fails, or somebody cuts the file,
 * the process gets a SIGBUS instead of an error.
 */
export function mapWithBun(path: string, file: OpenFile): MappedFile | null {
  const { Bun } = globalThis as { Bun?: Bun };
  if (Bun?.mmap === undefined) return null;
  try {
    // Bun maps pages to be written, too. Not shared, a stray write stays in memory and never gets into the file.
    return new BunMappedFile(Bun.mmap(path, { shared: false }), file);
  } catch {
    return null;
  }
}

/** What `load` reads goes here: it is read so that the system has it in memory. */
const unused = new Uint8Array(BLOCK_BYTES);

class BunMappedFile implements MappedFile {
  readonly size: number;
  readonly #whole: Uint8Array<ArrayBuffer>;
  readonly #file: OpenFile;
  #isClosed = false;

  constructor(whole: Uint8Array<ArrayBuffer>, file: OpenFile) {
    this.size = whole.length;
    this.#whole = whole;
    this.#file = file;
  }

  bytes(position: number, length: number): Uint8Array {
    this.#check();
    return this.#whole.subarray(position, position + length);
  }

  async load(position: number, length: number): Promise<void> {
    this.#check();
    const end = Math.min(position + length, this.size);
    for (let at = position; at < end && !this.#isClosed; at += BLOCK_BYTES) {
      await this.#file.read(unused.subarray(0, Math.min(end - at, BLOCK_BYTES)), at);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Nothing in Bun unmaps, but a transfer to a buffer of another length frees the old one at once, which is a mapping
    // here. Dropping it would leave that to a garbage collection.
    this.#whole.buffer.transfer(0);
    this.#file.close().catch(() => {}); // it was only read
  }

  #check(): void {
    if (this.#isClosed) throw new Error("Cannot read mapped file: it has been closed");
  }
}
