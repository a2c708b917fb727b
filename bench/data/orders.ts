import { Random } from "./random.ts";

/** The exponent of YCSB's zipfian distribution. */
const ZIPF = 0.99;
const HOT_KEYS = 1_000;
/** Any prime that divides no number of keys in use: times a rank it spreads the popular keys over all of them. */
const SPREAD = 611_953;

/** Every index once, shuffled. */
export function shuffled(keys: number, seed: number): Uint32Array {
  const random = new Random(seed);
  const order = Uint32Array.from({ length: keys }, (_, i) => i);
  for (let i = keys - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  return order;
}

/** Each index as likely as the others. */
export function uniform(keys: number, count: number, seed: number): Uint32Array {
  const random = new Random(seed);
  return Uint32Array.from({ length: count }, () => random.below(keys));
}

/** Any of 1,000 indices that lie apart. */
export function hotSet(keys: number, count: number, seed: number): Uint32Array {
  const random = new Random(seed);
  return Uint32Array.from({ length: count }, () => (random.below(HOT_KEYS) * SPREAD) % keys);
}

/** Indices of which the popular ones lie apart: that of rank `r` comes with a probability of about `r ** -0.99`. */
export function zipf(keys: number, count: number, seed: number): Uint32Array {
  const rank = ranks(keys, seed);
  return Uint32Array.from({ length: count }, () => (rank() * SPREAD) % keys);
}

/**
 * What YCSB's D goes through: each one that writes inserts the next index, from `keys` on, and the others read, the newer the more
 * often. What is inserted in one step of `step` calls is read in the next one at the earliest, as it may be written as a batch.
 */
export function latest(keys: number, writes: Uint8Array, step: number, seed: number): Uint32Array {
  const rank = ranks(keys, seed);
  const order = new Uint32Array(writes.length);
  let next = keys;
  let newest = keys;
  for (let i = 0; i < order.length; i++) {
    if (i % step === 0) newest = next - 1;
    order[i] = writes[i] === 1 ? next++ : newest - rank();
  }
  return order;
}

/** Ranks below `keys` by a zipfian distribution (Gray et al., SIGMOD'94, as in YCSB). */
function ranks(keys: number, seed: number): () => number {
  const random = new Random(seed);
  const zeta = zetaOf(keys);
  const second = 1 + 0.5 ** ZIPF;
  const alpha = 1 / (1 - ZIPF);
  const eta = (1 - (2 / keys) ** (1 - ZIPF)) / (1 - second / zeta);
  return () => {
    const u = random.next();
    const weight = u * zeta;
    const rank = weight < 1 ? 0 : weight < second ? 1 : Math.floor(keys * (eta * u - eta + 1) ** alpha);
    return Math.min(rank, keys - 1);
  };
}

const zetas = new Map<number, number>();

function zetaOf(keys: number): number {
  let zeta = zetas.get(keys) ?? 0;
  if (zeta === 0) {
    for (let rank = 1; rank <= keys; rank++) zeta += 1 / rank ** ZIPF;
    zetas.set(keys, zeta);
  }
  return zeta;
}
