/** `"blind"`: it writes, and what it does where the key holds nothing is right if that is so. */
export type CallKind = "read" | "write" | "blind";
