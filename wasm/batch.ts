// Many reads in one call. Hashing, touching the buckets, probing them, touching the records and comparing keys are loops
// of their own over the batch: the touching ones are so short that the processor has dozens of cache misses under way.
// Keys lie in the scratch area one behind another, each | length u32 | unused u32 | bytes, padded to 8 |.

import { scratch } from "./frames";
import { hashBytes } from "./hash";
import { bucketFor, findInChain, headIn, touched } from "./hash_index";
import { noteRead } from "./keyspace";
import { pointerOf } from "./log";

export const BATCH_KEYS: u32 = 256;

/** The records found, as u32 pointers; 0 for a key that is not there. */
export const found: usize = memory.data(1024, 8);
const hashes: usize = memory.data(2048, 8);

/** Finds `count` keys, at most BATCH_KEYS, and leaves their records in `found`. O(count). */
export function findBatch(count: u32): void {
  let key = scratch;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(key);
    store<u64>(hashes + (i << 3), hashBytes(key + 8, length));
    key += 8 + ((length + 7) & ~7);
  }
  let sum: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const bucket = bucketFor(load<u64>(hashes + (i << 3)));
    store<u32>(found + (i << 2), u32(bucket));
    sum += load<u64>(bucket);
  }
  for (let i: u32 = 0; i < count; i++) {
    const head = headIn(load<u32>(found + (i << 2)), load<u64>(hashes + (i << 3)));
    store<u64>(hashes + (i << 3), head);
    store<u32>(found + (i << 2), head == 0 ? u32(scratch) : u32(pointerOf(head)));
  }
  for (let i: u32 = 0; i < count; i++) {
    const record = load<u32>(found + (i << 2));
    sum += load<u64>(record) + load<u64>(record, 64) + load<u64>(record, 128); // most records lie on up to three lines
  }
  store<u64>(touched, sum);
  key = scratch;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(key);
    const record = findInChain(load<u64>(hashes + (i << 3)), key + 8, length);
    store<u32>(found + (i << 2), u32(record));
    if (record != 0) noteRead(record);
    key += 8 + ((length + 7) & ~7);
  }
}
