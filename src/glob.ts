const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;
const BACKSLASH = 0x5c;

/**
 * Whether `text[start, end)` matches a glob of Redis: `*`, `?`, `[abc]`, `[^a-z]`, `\x`. Where two stars could share the
 * text in many ways only the last one is tried again, which is enough, so the time is O(pattern × text).
 */
export function matchesGlob(pattern: Uint8Array, text: Uint8Array, start: number, end: number): boolean {
  let at = start;
  let p = 0;
  let starAt = -1;
  let starPattern = -1;
  while (true) {
    if (p < pattern.length && pattern[p] === STAR) {
      starPattern = ++p;
      starAt = at;
      continue;
    }
    if (at < end && p < pattern.length) {
      const next = matchOne(pattern, p, text[at]);
      if (next > 0) {
        p = next;
        at++;
        continue;
      }
    } else if (at === end && p === pattern.length) {
      return true;
    }
    // A mismatch: the last star takes one byte more.
    if (starPattern < 0 || starAt === end) return false;
    at = ++starAt;
    p = starPattern;
  }
}

/** Matches one byte with the element at `p`, not a star; the index behind the element, or 0. */
function matchOne(pattern: Uint8Array, p: number, byte: number): number {
  switch (pattern[p]) {
    case QUESTION:
      return p + 1;
    case OPEN:
      return matchSet(pattern, p + 1, byte);
    case BACKSLASH:
      // A backslash at the very end stands for itself.
      if (p + 1 < pattern.length) p++;
      return pattern[p] === byte ? p + 1 : 0;
    default:
      return pattern[p] === byte ? p + 1 : 0;
  }
}

/** Matches one byte with the set that starts at `p`. A set that is not closed ends with the pattern, as in Redis. */
function matchSet(pattern: Uint8Array, p: number, byte: number): number {
  const isNegated = pattern[p] === CARET;
  if (isNegated) p++;
  let isIn = false;
  while (p < pattern.length && pattern[p] !== CLOSE) {
    if (pattern[p] === BACKSLASH && p + 1 < pattern.length) {
      if (pattern[p + 1] === byte) isIn = true;
      p += 2;
    } else if (pattern[p + 1] === DASH && p + 2 < pattern.length) {
      const [low, high] = [pattern[p], pattern[p + 2]].sort((a, b) => a - b);
      if (byte >= low && byte <= high) isIn = true;
      p += 3;
    } else {
      if (pattern[p] === byte) isIn = true;
      p++;
    }
  }
  if (isIn === isNegated) return 0;
  return Math.min(p + 1, pattern.length);
}
