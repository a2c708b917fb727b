// A value is noise behind a head that tells whose it is, how often it was changed, and which noise it has:
//
//   0            3   4              8      10
//   | index, low | 0 | changes, u32 | slot | noise … |
import { Random } from "../data/random.ts";
import type { Read } from "../rivals/contender.ts";
import { stepFor } from "./workloads.ts";

const CHANGES_AT = 4;
const SLOT_AT = 8;
const HEAD_BYTES = 10;
/** So many bytes of noise at least: less of it, used again and again, would compress. */
const NOISE_BYTES = 2 ** 21;
/** Above what a store may hold without having copied it, which is one step. */
const STEPS = 4;

/** Values to write, of which some thousands are used again and again: the stores have copied them by then. */
export class Values {
  readonly bytes: number;
  readonly #slots: Uint8Array[];

  constructor(bytes: number) {
    this.bytes = bytes;
    const random = new Random(1);
    const count = Math.max(STEPS * stepFor(bytes), Math.ceil(NOISE_BYTES / bytes));
    const slab = Uint8Array.from({ length: count * bytes }, () => random.below(256));
    this.#slots = Array.from({ length: count }, (_, slot) => {
      const value = slab.subarray(slot * bytes, (slot + 1) * bytes);
      value.fill(0, 0, HEAD_BYTES);
      value[SLOT_AT] = slot;
      value[SLOT_AT + 1] = slot >>> 8;
      return value;
    });
  }

  /** The `i`th value to be written, for the key with this index. */
  at(i: number, index: number): Uint8Array {
    const value = this.#slots[i % this.#slots.length];
    value[0] = index;
    value[1] = index >>> 8;
    value[2] = index >>> 16;
    return value;
  }

  /** Whether a value is whole, that of its key, and has been changed so many times. */
  isWhole(value: Read, index: number, changes: number): boolean {
    if (!isRight(value, index, this.bytes) || changesOf(value!) !== changes) return false;
    const written = this.#slots[value![SLOT_AT] | value![SLOT_AT + 1] << 8];
    return written !== undefined && value!.every((byte, i) => i < HEAD_BYTES || byte === written[i]);
  }
}

/** Whether what was read is the value of its key; cheap enough to ask it each time. */
export function isRight(value: Read, index: number, bytes: number): boolean {
  return value != null && value.length === bytes && value[0] === (index & 255) && value[1] === (index >>> 8 & 255) &&
    value[2] === (index >>> 16 & 255);
}

/** Notes one more change in the value itself. */
export function change(value: Uint8Array): Uint8Array {
  for (let at = CHANGES_AT; at < SLOT_AT; at++) {
    value[at]++;
    if (value[at] !== 0) break; // nothing to carry
  }
  return value;
}

function changesOf(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset).getUint32(CHANGES_AT, true);
}
