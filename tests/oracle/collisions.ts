// Fields that were chosen to collide: a store orders those of hashes and sets by the low half of their XXH64 first, which
// has no key. What XXH64 does with the last eight bytes can be undone, so that a field can be made for any hash.

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const STRIPE = 32;

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, by: bigint): bigint => u64(x << by) | (x >> (64n - by));

/** What a factor has to be multiplied with to give 1 (Newton's method; each step doubles the bits that are right). */
function inverse(odd: bigint): bigint {
  let x = odd;
  for (let i = 0; i < 6; i++) x = u64(x * (2n - odd * x));
  return x;
}

const [I1, I2, I3] = [P1, P2, P3].map(inverse);

function round(sum: bigint, word: bigint): bigint {
  return u64(rotate(u64(sum + word * P2), 31n) * P1);
}

/** What becomes of `prefix`, a whole number of stripes, when the length of all is `length`. */
function stateAfter(prefix: Uint8Array, length: number): bigint {
  if (prefix.length === 0) return u64(P5 + BigInt(length));
  const words = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  const sums = [u64(P1 + P2), P2, 0n, u64(-P1)];
  for (let at = 0; at < prefix.length; at += STRIPE) {
    for (const i of sums.keys()) sums[i] = round(sums[i], words.getBigUint64(at + 8 * i, true));
  }
  const [a, b, c, d] = sums;
  let state = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
  for (const sum of sums) state = u64((state ^ round(0n, sum)) * P1 + P4);
  return u64(state + BigInt(length));
}

/** Undoes `x ^= x >> by`. */
function unshift(x: bigint, by: bigint): bigint {
  let result = x;
  for (let known = by; known < 64n; known += by) result = x ^ (result >> by);
  return result;
}

/** The last eight bytes after which the hash is `hash`. */
function lastWord(state: bigint, hash: bigint): bigint {
  let h = unshift(hash, 32n);
  h = unshift(u64(h * I3), 29n);
  h = unshift(u64(h * I2), 33n);
  h = rotate(u64(u64(h - P4) * I1), 37n);
  return u64(rotate(u64((h ^ state) * I1), 33n) * I2);
}

/** Makes fields that have `prefix`, of a multiple of 32 bytes, in common, and the low half of their hashes with many others. */
export function colliding(prefix: Uint8Array): (number: number) => Uint8Array {
  const FEW = 3;
  const state = stateAfter(prefix, prefix.length + 8);
  return (number) => {
    const field = new Uint8Array(prefix.length + 8);
    field.set(prefix);
    const hash = (BigInt(number) << 32n) | BigInt(7 + number % FEW);
    new DataView(field.buffer).setBigUint64(prefix.length, lastWord(state, hash), true);
    return field;
  };
}
