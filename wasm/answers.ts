// What calls answer when they did not do what was asked; src/core/layout.ts has the same numbers. Answers of 0 and above
// are results.

export const NEEDS_FRAMES: i32 = -1;
export const FULL: i32 = -2;
export const WRONG_TYPE: i32 = -3;
/** The value is, or would become, one of many records: the host does it in several calls. */
export const IS_CHUNKED: i32 = -4;
export const NOT_INTEGER: i32 = -5;
export const OVERFLOWS: i32 = -6;
/** Records are needed that are not here; text.ts's `missing` has their ids. */
export const MISSING: i32 = -7;
/** There is no such key, element or field. */
export const ABSENT: i32 = -8;
/** The string is a blob: in place of its bytes come those that stand for it. */
export const IS_BLOB: i32 = -9;
export const OUT_OF_RANGE: i32 = -10;
/** The sum of two scores is not a number. */
export const NOT_A_NUMBER: i32 = -11;
/** A collection has as many elements as it can have. */
export const TOO_MANY: i32 = -12;
/** Only inside: a small collection must become a tree first. */
export const TOO_BIG: i32 = -13;

/** Nothing stands in the way. */
export const FITS: i32 = 0;
