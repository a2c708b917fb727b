// What wasm/record.ts and wasm/keyspace.ts lay down and the TypeScript side reads: change both together.

export const MAX_KEY_BYTES = 65_535;
export const MAX_VALUE_BYTES = 536_870_912;
/** The longest value in one record, and the size of a chunk of a longer one. */
export const INLINE_BYTES = 16_352;
export const SCRATCH_BYTES = 196_672;
export const SCRATCH_VALUE = 65_536;
export const SCRATCH_FIELD = 131_072;
/** The longest block of a snapshot. */
export const BLOCK_BYTES = 131_072;
/** The longest string in a node of a collection; longer ones are blobs. */
export const TEXT_BYTES = 480;
/** The longest blob in one record; of longer ones each record but the last has INLINE_BYTES. */
export const BLOB_RECORD_BYTES = 65_536;
export const BATCH_KEYS = 256;

export const HEADER_BYTES = 16;
/** The bits of a value's length that are its length. */
export const LENGTH_MASK = 0x07ff_ffff;
export const KIND_STRING = 1;
export const KIND_CHUNKED = 2;
export const KIND_LIST = 3;
export const KIND_HASH = 4;
export const KIND_SET = 5;
export const KIND_NODE = 6;
export const KIND_ZSET = 7;
/** A node of a tree. */
export const KIND_TREE = 14;
/** In place of the level of such a node: it says what is to be freed. See wasm/reclaim.ts. */
export const LEVEL_RECLAIM = 255;
export const KIND_MASK = 15;
/** Both kinds of nodes have KIND_NODE in these bits. */
export const NODE_MASK = 7;
export const FLAG_EXPIRES = 0x10;
/** In place of a record: there may be one with this key, but it is not in the core. */
export const COLD = 1;

// Modes of a write, beside the kind.
export const IF_ABSENT = 16;
export const IF_PRESENT = 32;
export const KEEP_EXPIRY = 64;
export const KEEP_OWNED = 128;
export const RESERVED = 256;

// Answers of a write: flags of one that took place, negative numbers for one that did not.
export const REFUSED = 0;
export const EXISTED = 2;
export const NEEDS_CARE = 4;
export const NEEDS_FRAMES = -1;
export const FULL = -2;
export const WRONG_TYPE = -3;
export const IS_CHUNKED = -4;
export const NOT_INTEGER = -5;
export const OVERFLOWS = -6;

export const MISSING = -7;
export const ABSENT = -8;
export const IS_BLOB = -9;
export const OUT_OF_RANGE = -10;
export const NOT_A_NUMBER = -11;
export const TOO_MANY = -12;

// What to collect of elements: their first string, their second one, their head, or the number that the second one is.
export const FIRST = 1;
export const SECOND = 2;
export const HEAD = 4;
export const NUMBER = 8;
/** In place of a length that collect() leaves: the string is a blob. */
export const BLOB_LENGTH = -2;

// Conditions of scoreSet, beside IF_ABSENT and IF_PRESENT, and what it answers.
export const IF_GREATER = 1;
export const IF_LESS = 2;
export const ADD = 4;
export const ADDED = 1;
export const CHANGED = 2;
export const FORBIDDEN = 4;

// Answers of loadBlock.
export const LOADED = 0;
export const LOAD_CORRUPT = -1;
export const LOAD_NEEDS_FRAMES = -2;

// Answers of replay, list and moveLivePage, and what the host has found out for the last two.
export const PAGE_DONE = 0;
export const PAGE_NEEDS_FRAMES = -1;
export const PAGE_DAMAGED = -2;
export const PAGE_UNDECIDED = -3;
export const PAGE_STOPPED = -4;
export const PAGE_BROKEN = -5;
// What replay does.
export const CHECK = 0;
export const APPLY = 1;
export const MEND = 2;
export const UNKNOWN = 0;
export const IS_DEAD = 1;
export const IS_LIVE = 2;

// Answers of cacheLoaded.
export const NOT_NEWEST = 0;
export const IS_CACHED = 1;
export const CACHE_NEEDS_FRAME = -1;

/** A segment's row of accounts: its birth, what does not expire, and what does until 1, 10, 100 minutes, 1, 10, 100 days after. */
export const ROW_BYTES = 80;
