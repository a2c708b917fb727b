// Iteration in bucket order. Growth moves keys to higher buckets only, so a cursor that climbs misses none.

import { scratch } from "./frames";
import { bucketHeads, buckets } from "./hash_index";
import { pointerOf } from "./log";
import { isNodeKind, kindOf, prevOf } from "./record";

/** How many records the last scan() left in the scratch area. */
export let scanned: u32 = 0;

/** Bucket heads are listed in the upper half, records in the lower. */
const HEADS: u32 = 65536;
const ENOUGH: u32 = HEADS / 4 - 4096;

/**
 * Lists the records of whole buckets from `bucket` on, at least `count` of them if there are so many and at most some
 * 12,000, as u32 pointers in the scratch area. Returns the bucket to go on with, or 0 at the end.
 */
export function scan(bucket: u32, count: u32): u32 {
  const wanted = min(count, ENOUGH);
  const heads = scratch + HEADS;
  scanned = 0;
  while (bucket < buckets && scanned < wanted) {
    const chains = bucketHeads(bucket, heads);
    for (let i: u32 = 0; i < chains; i++) {
      let address = load<u64>(heads + (i << 3));
      while (address != 0) {
        const record = pointerOf(address);
        if (!isNodeKind(kindOf(record))) {
          store<u32>(scratch + (scanned << 2), u32(record));
          scanned++;
        }
        address = prevOf(record);
      }
    }
    bucket++;
  }
  return bucket < buckets ? bucket : 0;
}
