// What the module exports: the calls that src/core/core.ts makes.

export * from "./edge";

export { beginRecount, clearAccount, endRecount, noteAllRows } from "./accounts";
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
export { accounts } from "./frames";
export { hashBytes } from "./hash";
export { buckets, coldAt, indexFrames } from "./hash_index";
export { loadBuckets, prepareBuckets, saveBuckets, savedBucketBytes } from "./index_file";
export { cacheHits, mutableHits, readOnlyHits } from "./keyspace";
export { endPage, isLogFull, limitLog, logPages } from "./log";
export { cachedRecords, cacheFrames, emptyCacheFrame, endCacheFrame } from "./read_cache";
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
export { beginSnapshot, blockRecords, endSnapshot, isSnapshotDone, nextBlock } from "./snapshot";
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
export { boundaryFrom, list, listed, listEntries, moveLivePage, undecidedAt, walkedRecord, walkedUntil } from "./walk";
