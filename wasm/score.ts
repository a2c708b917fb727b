// Scores, as numbers that order like them.

/** A score as a number that orders like it. */
export function headOf(score: f64): u64 {
  const bits = reinterpret<u64>(score);
  return (bits >> 63) != 0 ? ~bits : bits | 0x8000_0000_0000_0000;
}

/** The score of a head. */
export function scoreOf(head: u64): f64 {
  return reinterpret<f64>((head >> 63) != 0 ? head & 0x7fff_ffff_ffff_ffff : ~head);
}
