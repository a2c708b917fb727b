import type { StorageErrorCode } from "@ferrite/storage";

/** What Redis says, and what of that a store says. The first one that fits counts. */
const CLASSES: readonly (readonly [RegExp, StorageErrorCode])[] = [
  [/^WRONGTYPE/, "WRONG_TYPE"],
  [/hash value is not a float/, "NOT_FLOAT"],
  [/value is not an integer or out of range/, "NOT_INTEGER"],
  [/hash value is not an integer/, "NOT_INTEGER"],
  [/would overflow|would produce NaN or Infinity|not a number \(NaN\)|NaN or Infinity/, "OUT_OF_RANGE"],
  [/(?:value|offset|index|count) (?:is )?out of range|invalid expire time/i, "OUT_OF_RANGE"],
  // A list to set an element of that is not there: for a store, every position is out of range.
  [/no such key/, "OUT_OF_RANGE"],
  [
    /(?:RANK|COUNT|MAXLEN|LIMIT) can't be|(?:score|weight value|value|min or max) is not a (?:valid )?float/,
    "OUT_OF_RANGE",
  ],
  [/not compatible|syntax error/, "OUT_OF_RANGE"],
  [/string exceeds maximum allowed size/, "TOO_LARGE"],
];

/** The code for an error of Redis; `null` for one that no command of these tests should meet. */
export function codeOf(error: Error): StorageErrorCode | null {
  return CLASSES.find(([says]) => says.test(error.message))?.[1] ?? null;
}
