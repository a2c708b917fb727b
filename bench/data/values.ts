import { Random } from "./random.ts";

export const VALUE_BYTES = 100;
const SMALLEST_BYTES = 50;
const LARGEST_BYTES = 150;
const SLAB_BYTES = 65_536;

// A value is noise behind two bytes that tell whether a read was right:
//
//   0                 1       2
//   | index, low byte | round | noise … |

const NOISE = noise();

/**
 * Values for the indices in `order`, made before the clock starts. They share slabs, as buffers that came off the
 * network do: so stores that keep what they are given pay no allocation that the others do not.
 */
export function freshValues(order: Uint32Array, round: number, lengths?: Uint8Array): Uint8Array[] {
  const values: Uint8Array[] = new Array(order.length);
  let slab = NOISE.slice();
  let next = 0;
  for (let i = 0; i < order.length; i++) {
    const length = lengths === undefined ? VALUE_BYTES : lengths[i];
    if (next + length > SLAB_BYTES) {
      slab = NOISE.slice();
      next = 0;
    }
    slab[next] = order[i];
    slab[next + 1] = round;
    values[i] = slab.subarray(next, next + length);
    next += length;
  }
  return values;
}

/** Lengths from 50 to 150 bytes, 100 on average. */
export function varyingLengths(count: number, seed: number): Uint8Array {
  const random = new Random(seed);
  return Uint8Array.from({ length: count }, () => SMALLEST_BYTES + random.below(LARGEST_BYTES - SMALLEST_BYTES + 1));
}

function noise(): Uint8Array {
  const random = new Random(1);
  return Uint8Array.from({ length: SLAB_BYTES }, () => random.below(256));
}
