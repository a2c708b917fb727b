// What wasm/record.ts and wasm/keyspace.ts lay down and the TypeScript side reads: change both together.

export const MAX_KEY_BYTES = 65_535;
export const MAX_VALUE_BYTES = 536_870_912;
/** The longest value in one record, and the size of a chunk of a longer one. */
export const INLINE_BYTES = 16_352;
export const SCRATCH_BYTES = 131_072;
export const SCRATCH_VALUE = 65_536;
export const BATCH_KEYS = 256;

export const HEADER_BYTES = 16;
export const KIND_STRING = 1;
export const KIND_CHUNKED = 2;
export const KIND_NODE = 6;
export const KIND_MASK = 15;
export const FLAG_EXPIRES = 0x10;

// Modes of a write, beside the kind.
export const IF_ABSENT = 16;
export const IF_PRESENT = 32;
export const KEEP_EXPIRY = 64;
export const KEEP_CHUNKS = 128;
export const RESERVED = 256;

// Answers of a write: flags of one that took place, negative numbers for one that did not.
export const REFUSED = 0;
export const EXISTED = 2;
export const FRAMES_LOW = 4;
export const NEEDS_FRAMES = -1;
export const FULL = -2;
export const WRONG_TYPE = -3;
export const IS_CHUNKED = -4;
export const NOT_INTEGER = -5;
export const OVERFLOWS = -6;

// Answers of loadBlock.
export const LOADED = 0;
export const LOAD_CORRUPT = -1;
export const LOAD_NEEDS_FRAMES = -2;
