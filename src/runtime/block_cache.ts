/** How much is read at once. */
export const BLOCK_BYTES: number = 64 * 1024;

interface Block {
  /** A whole block, or less where its file ends. */
  bytes: Uint8Array<ArrayBuffer>;
  wasUsed: boolean;
}

/**
 * Blocks of files in memory, within a budget that all files share. First in, first out, but what was used since it came,
 * or since it was last spared, is spared once.
 *
 * A buffer is either in here, or taken by somebody who reads into it; together there are never more than the budget
 * allows.
 */
export class BlockCache {
  readonly #budget: number;
  /** Oldest first. */
  readonly #blocks = new Map<number, Block>();
  #taken = 0;
  #files = 0;
  readonly #waiting: (() => void)[] = [];

  /** `budgetBytes` is rounded down to whole blocks, of which there are at least two. */
  constructor(budgetBytes: number) {
    this.#budget = Math.max(2, Math.floor(budgetBytes / BLOCK_BYTES));
  }

  /** More blocks than that are not for one request to bring in: it would drive out its own. */
  get mostForOne(): number {
    return this.#budget >> 1;
  }

  /** A number for a file: its blocks have the keys from there on. No file has 2^32 of them. */
  addFile(): number {
    return this.#files++ * 2 ** 32;
  }

  /** Drops the blocks of a file. */
  removeFile(file: number): void {
    for (const key of this.#blocks.keys()) {
      if (key >= file && key < file + 2 ** 32) this.#blocks.delete(key);
    }
  }

  has(key: number): boolean {
    return this.#blocks.has(key);
  }

  get(key: number): Uint8Array<ArrayBuffer> | undefined {
    const block = this.#blocks.get(key);
    if (block === undefined) return undefined;
    block.wasUsed = true;
    return block.bytes;
  }

  /** A buffer to read a block into, or `null` while all are taken. It comes back by `put` or `giveUp`. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (this.#taken === this.#budget) return null;
    this.#taken++;
    if (this.#blocks.size + this.#taken <= this.#budget) return new Uint8Array(BLOCK_BYTES);
    return new Uint8Array(this.#evict());
  }

  /** The same; waits while all are taken. */
  async taken(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const buffer = this.take();
      if (buffer !== null) return buffer;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  put(key: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#blocks.set(key, { bytes, wasUsed: false });
    this.giveUp();
  }

  giveUp(): void {
    this.#taken--;
    this.#waiting.shift()?.();
  }

  #evict(): ArrayBuffer {
    for (const [key, block] of this.#blocks) {
      this.#blocks.delete(key);
      if (!block.wasUsed) return block.bytes.buffer;
      block.wasUsed = false;
      this.#blocks.set(key, block); // at the end, where this loop meets it once more
    }
    throw new Error("Cannot evict: no block is there");
  }
}
