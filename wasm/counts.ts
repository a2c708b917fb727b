// How much is live in all.

/** Below zero when more was presumed to be replaced than was: see countBlind(). */
export let keys: i32 = 0;
export let liveBytes: i64 = 0;
/** Records in the log that were replaced without being read: whether they had the key of what replaced them, nobody knows. */
export let unverified: f64 = 0;

/** So much more is live, or less. */
export function addCounts(moreKeys: i32, moreBytes: i64, moreUnverified: i32): void {
  keys += moreKeys;
  liveBytes += moreBytes;
  unverified += f64(moreUnverified);
}

/** Puts the counts to what a commit says they were. */
export function restoreCounts(savedKeys: i32, savedLive: i64, savedUnverified: f64): void {
  keys = savedKeys;
  liveBytes = savedLive;
  unverified = savedUnverified;
}

export function clearCounts(): void {
  restoreCounts(0, 0, 0);
}
