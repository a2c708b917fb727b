// What the module exports: the calls that src/core/core.ts makes.

import { liveBytes } from "./counts";
import { logPages, recordedBytes } from "./log";
import { noteObject } from "./text";

export * from "./edge";

export { beginRecount, clearAccount, endRecount, noteAllRows } from "./accounts";
export { findBatch, gather, gathered } from "./batch";
export { unverified } from "./counts";
export {
  canDropPage,
  dropPage,
  firstSealed,
  framesToCommit,
  freeze,
  mutableBytes,
  sealBench,
  sealedUntil,
  sealSome,
  writeClear,
  writeCommit,
} from "./flush";
export { accounts, areFramesLow } from "./frames";
export { hashBytes } from "./hash";
export { buckets, coldAt, hidesOthers, indexFrames, isIndexFull, mustRead } from "./hash_index";
export { loadBuckets, prepareBuckets, saveBuckets, savedBucketBytes } from "./index_file";
export { cacheHits, mutableHits, readOnlyHits } from "./keyspace";
export { endPage, isLogFull, limitLog, logPages } from "./log";
export { cachedRecords, cacheFrames, emptyCacheFrame, endCacheFrame } from "./read_cache";
export { isReclaiming, reclaim } from "./reclaim";
export { sweepExpired } from "./recycle";
export {
  beginReplay,
  brokenAt,
  brokenUntil,
  clearAll,
  lastCommit,
  lastDurable,
  loadBench,
  nextIntact,
  replay,
  replayed,
  replayedUntil,
} from "./replay";
export { scan, scanned } from "./scan";
export { beginSnapshot, blockRecords, endSnapshot, isSnapshotDone, nextBlock } from "./snapshot";
export { bytesWanted, mayExpire } from "./space";
export { coldKey, coldKeyLength } from "./text";
export {
  adopt,
  beginAddress,
  cacheLoaded,
  coldAddress,
  coldNode,
  goneOverAddress,
  hasLoadedKey,
  headAddress,
  isLoaded,
  isTombstone,
  loadedBytes,
  moveBegin,
  nodeId,
  openTiers,
  prevAddress,
  promote,
  readOnlyAddress,
  recordAt,
  startAt,
  tailAddress,
  takeLoaded,
  walkBench,
} from "./tiers";
export { commitTransaction } from "./transaction";
export { boundaryFrom, list, listed, listEntries, moveLivePage, undecidedAt, walkedRecord, walkedUntil } from "./walk";

/** The live share of all records, from 0 to 1; of a log of a few pages, 1. */
export function liveShare(): f64 {
  return logPages < 16 ? 1 : f64(liveBytes) / recordedBytes();
}

/** From now on objects get higher numbers than `last`: those up to it are in use where the host keeps its records. */
export function skipObjects(last: f64): void {
  noteObject(u64(last));
}
