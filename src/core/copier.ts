import type { Bytes } from "../engine.ts";

const SLAB_BYTES = 16_384;
/** A longer value gets a buffer of its own: one kept value must not pin many others. */
const SHARED_BYTES = 1024;
/** Up to here a loop over words beats `set` with a subarray, which V8 has to allocate. */
const LOOP_BYTES = 192;

// In JavaScriptCore `slice` is the fastest copy at every length, and views of a shared buffer are the slow part.
export const HAS_FAST_SLICE: boolean = "Bun" in globalThis;

/** Copies values out of the core's memory. A fresh small `ArrayBuffer` costs V8 more than the lookup: slabs share one. */
export class Copier {
  #slab = new ArrayBuffer(0);
  #bytes = new Uint8Array(this.#slab);
  #words = new Int32Array(this.#slab);
  #next = SLAB_BYTES;

  /** Copies `length` bytes at `start`, a multiple of 4, of the memory that `words` and `bytes` show. */
  copy(words: Int32Array, bytes: Uint8Array<ArrayBuffer>, start: number, length: number, own: boolean): Bytes {
    if (HAS_FAST_SLICE || own || length > SHARED_BYTES) return bytes.slice(start, start + length);
    // The loop below may write up to 12 bytes past the value.
    if (this.#next + length + 12 > SLAB_BYTES) this.#open();
    const offset = this.#next;
    this.#next = (offset + length + 7) & ~7;
    if (length <= LOOP_BYTES) {
      const slab = this.#words;
      let to = offset >>> 2;
      let from = start >>> 2;
      // Four words a round; what goes past the value is overwritten by the next one.
      for (const end = to + ((length + 3) >>> 2); to < end; to += 4, from += 4) {
        slab[to] = words[from];
        slab[to + 1] = words[from + 1];
        slab[to + 2] = words[from + 2];
        slab[to + 3] = words[from + 3];
      }
    } else {
      this.#bytes.set(bytes.subarray(start, start + length), offset);
    }
    return new Uint8Array(this.#slab, offset, length);
  }

  /** Room for values that are taken together, so that the slab's end is rarely left unused. */
  static readonly MANY_BYTES: number = 2048;

  /** How many bytes `takeMany` can take now, at least MANY_BYTES. */
  roomForMany(): number {
    if (this.#next + Copier.MANY_BYTES > SLAB_BYTES) this.#open();
    return SLAB_BYTES - this.#next;
  }

  /**
   * Copies what lies in `gathered`, values padded to 8 bytes, and puts views of them into `values` from `at` on. `lengths`
   * has the length of each, or a negative number for none.
   */
  takeMany(gathered: Uint8Array, lengths: Int32Array, values: (Bytes | null)[], at: number): void {
    const slab = this.#slab;
    let offset = this.#next;
    this.#bytes.set(gathered, offset);
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i];
      if (length < 0) {
        values[at + i] = null;
      } else {
        values[at + i] = new Uint8Array(slab, offset, length);
        offset += (length + 7) & ~7;
      }
    }
    this.#next = offset;
  }

  /** Copies `length` bytes from `start`, at most what `roomForMany` said, and says where to. */
  takeRange(bytes: Uint8Array, start: number, length: number): { buffer: ArrayBuffer; offset: number } {
    if (this.#next + length > SLAB_BYTES) this.#open();
    const offset = this.#next;
    this.#bytes.set(bytes.subarray(start, start + length), offset);
    this.#next = offset + length;
    return { buffer: this.#slab, offset };
  }

  #open(): void {
    this.#slab = new ArrayBuffer(SLAB_BYTES);
    this.#bytes = new Uint8Array(this.#slab);
    this.#words = new Int32Array(this.#slab);
    this.#next = 0;
  }
}
