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

/** The index of rank `r` with a probability of about `r ** -0.99` (Gray et al., SIGMOD'94, as in YCSB). */
export function zipf(keys: number, count: number, seed: number): Uint32Array {
  const random = new Random(seed);
  const zeta = zetaOf(keys);
  const second = 1 + 0.5 ** ZIPF;
  const alpha = 1 / (1 - ZIPF);
  const eta = (1 - (2 / keys) ** (1 - ZIPF)) / (1 - second / zeta);
  return Uint32Array.from({ length: count }, () => {
    const u = random.next();
    const weight = u * zeta;
    const rank = weight < 1 ? 0 : weight < second ? 1 : Math.floor(keys * (eta * u - eta + 1) ** alpha);
    return (Math.min(rank, keys - 1) * SPREAD) % keys;
  });
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
