// What the module for the edge exports: the calls that stores make which keep nothing in files. The smaller it is, the better.

import { areFramesLow, initFrames, provideFrames, scratch } from "./frames";
import { seedHash } from "./hash";
import { initIndex } from "./hash_index";
import { trackReads } from "./keyspace";
import { initLog, recordedBytes, wastedBytes } from "./log";
import { initRecycle, movedBytes, recycledPages } from "./recycle";
import { isReclaiming } from "./reclaim";
import { newObject } from "./text";
import { keys, liveBytes } from "./counts";
import { evictions, expirations, indexBytes, limitBytes } from "./space";

export { found } from "./batch";
export { checksum } from "./checksum";
export { collect, collectedBytes, isSmall, numbers, rankOfHash } from "./collect";
export { fieldGet, fieldHas, fieldIncrement, fieldLength, fieldRemove, fieldSet } from "./fields";
export { availableFrames, controlBytes, limitFrames, provideFrames, scratch } from "./frames";
export { append, find, findNode, has, increment, peek, remove, rename, setExpiryOf, upsert } from "./keyspace";
export { listGet, listInsert, listRemove, listSet, listTake } from "./list";
export { recycle } from "./recycle";
export { isRecordIntact, listReferences, references, sealRecord } from "./references";
export { count } from "./root";
export { exportRecord, loadBlock } from "./snapshot";
export { rank, rankOfMember, rankOfScore, score, scoreGet, scoreRemove, scoreSet } from "./sorted_set";
export { fits, framesWanted, limitBytes } from "./space";
export { missing, missingCount } from "./text";
export { beginChanges, beginTransaction, forget, nextReplaced, nextWritten, rollbackTransaction } from "./transaction";

/**
 * Lays out the memory for at most `maxFrames` frames of 2^`frameBits` bytes, of which `frames` are backed by memory, and
 * opens an empty store. The hash key is in the first 16 bytes of the scratch area. False when `frames` are too few.
 */
export function open(
  frameBits: u32,
  maxFrames: u32,
  frames: u32,
  firstPage: f64,
  tracksReads: bool,
  segments: u32,
): bool {
  initFrames(frameBits, maxFrames, segments);
  provideFrames(frames);
  seedHash(load<u64>(scratch), load<u64>(scratch, 8));
  trackReads(tracksReads);
  if (!initIndex() || !initLog(u64(firstPage) << (frameBits - 3))) return false;
  initRecycle();
  return true;
}

/** A new object number: for the parts of a value that the host writes. */
export function takeObject(): f64 {
  return f64(newObject());
}

/** Whether the host has room to see to: frames run low, or something waits to be reclaimed. */
export function needsCare(): bool {
  return areFramesLow() || isReclaiming();
}

/** Where readStats() leaves its figures: not in the scratch area, where a write may be waiting for room. */
export const figures: usize = memory.data(80, 8);

/** Writes the counts to `figures` as f64, in the order of CoreStats in src/core/core.ts. */
export function readStats(): void {
  const out = figures;
  store<f64>(out, f64(max(0, keys)));
  store<f64>(out, f64(liveBytes), 8);
  store<f64>(out, recordedBytes(), 16);
  store<f64>(out, f64(indexBytes()), 24);
  store<f64>(out, limitBytes(), 32);
  store<f64>(out, evictions, 40);
  store<f64>(out, expirations, 48);
  store<f64>(out, movedBytes, 56);
  store<f64>(out, recycledPages, 64);
  store<f64>(out, f64(wastedBytes), 72);
}
