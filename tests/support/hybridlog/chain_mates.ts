// Keys of which the index cannot tell one from another: the low 31 bits of their hashes are equal, with the hash key of
// world.ts and pages of 128 KiB, so they share a bucket and a tag, and their records a chain. Found among k0 … k20000000.

export const CHAINS: readonly (readonly string[])[] = [
  ["k2045524", "k4201888", "k13914667", "k18443001"],
  ["k192779", "k1605372", "k13963312"],
  ["k2550682", "k7219188", "k16035408"],
];

/** Keys that share a chain with the first node of the object of this number. */
export const NODE_MATES: readonly (readonly [string, number])[] = [
  ["k294710", 6],
  ["k3574468", 75],
  ["k14026717", 102],
  ["k19286880", 105],
  ["k5653338", 280],
  ["k17390938", 293],
];
