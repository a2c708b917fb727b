// Many reads in one call, in three passes over the batch (hash, bucket, record), so that the cache misses of one pass
// overlap. Keys lie in the scratch area one behind another, each | length u32 | unused u32 | bytes, padded to 8 |.

import { scratch } from "./frames";
import { hashBytes } from "./hash";
import { findInChain, headFor, touchBucket } from "./hash_index";
import { noteRead } from "./keyspace";
import { pointerOf } from "./log";

export const BATCH_KEYS: u32 = 256;

/** The records found, as u32 pointers; 0 for a key that is not there. */
export const found: usize = memory.data(1024, 8);
const hashes: usize = memory.data(2048, 8);
/** Where the touched words end up, so that no compiler takes the touching for dead code. */
const touched: usize = memory.data(8, 8);

/** Finds `count` keys, at most BATCH_KEYS, and leaves their records in `found`. O(count). */
export function findBatch(count: u32): void {
  let sum: u64 = 0;
  let key = scratch;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(key);
    const hash = hashBytes(key + 8, length);
    store<u64>(hashes + (i << 3), hash);
    sum += touchBucket(hash);
    key += 8 + ((length + 7) & ~7);
  }
  for (let i: u32 = 0; i < count; i++) {
    const head = headFor(load<u64>(hashes + (i << 3)));
    store<u64>(hashes + (i << 3), head);
    if (head == 0) continue;
    const record = pointerOf(head);
    // A record of the usual size lies on two or three cache lines.
    sum += load<u64>(record) + load<u64>(record, 64);
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
