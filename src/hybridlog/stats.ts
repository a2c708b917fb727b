import type { StorageStats } from "../engine.ts";
import type { Log } from "./log.ts";
import type { CheckedOptions } from "./options.ts";

/** Figures of a hybrid log, beside those that every store has. */
export interface HybridLogStats extends StorageStats {
  /** Bytes of records that are changed in place. */
  readonly mutableBytes: number;
  /** Bytes of records in memory that are read-only. */
  readonly readonlyBytes: number;
  /** What the read cache holds: copies of records on disk. */
  readonly cacheBytes: number;
  /** Reads by `get`, but not by `mget`, of records that were mutable. */
  readonly mutableHits: number;
  /** Of records in memory that were read-only. */
  readonly readonlyHits: number;
  /** Of copies in the read cache. */
  readonly cacheHits: number;
  /** Records in the read cache. */
  readonly cachedRecords: number;
  /** Bytes of the log that are only on disk. */
  readonly diskBytes: number;
  /** Records that were read from disk. A `get` that has waited for one finds it in the cache, and counts there, too. */
  readonly diskReads: number;
  /** Where the log begins, from where on it is in memory, from where on it is mutable, and where it ends, in units of 8 bytes. */
  readonly addresses: { begin: number; head: number; readOnly: number; tail: number };
  /** Files of the log. */
  readonly segments: number;
  /** Bytes from the begin of the log to its tail. */
  readonly logBytes: number;
  /** By how much `keys` may be wrong: overwrites of records on disk that were not read for that. */
  readonly unverified: number;
  /** Commits since the log was opened. */
  readonly commits: number;
  /** What a commit took on average, in milliseconds. */
  readonly commitMs: number;
  /** What the longest commit took, in milliseconds. */
  readonly longestCommitMs: number;
  /** Bytes written to files of the log. */
  readonly bytesWritten: number;
  /** How often files were synced. */
  readonly syncs: number;
  /** Compactions that came to their end. */
  readonly compactions: number;
  /** Writes that had to wait until memory had been written to files. */
  readonly stalls: number;
  /** How long they waited in all, in milliseconds. */
  readonly stalledMs: number;
}

export function statsOf(log: Log, options: CheckedOptions): HybridLogStats {
  const { space, writer } = log;
  const { core, segments } = space;
  const { calls, frameBytes } = core;
  const figures = core.stats();
  const logBytes = log.logBytes;
  const liveBytes = log.liveBytes();
  const memoryBytes = calls.logPages.value * frameBytes;
  const mutableBytes = calls.mutableBytes();
  return {
    backend: "hybridlog",
    keys: figures.keys,
    liveBytes,
    garbageBytes: Math.max(0, logBytes - liveBytes),
    indexBytes: figures.indexBytes,
    memoryBytes: core.memoryBytes,
    maxBytes: options.log.memoryBytes,
    hits: space.hits,
    misses: space.misses,
    evictions: 0,
    expirations: figures.expirations,
    recycledPages: 0,
    movedBytes: figures.movedBytes,
    mutableBytes,
    readonlyBytes: Math.max(0, memoryBytes - mutableBytes),
    cacheBytes: calls.cacheFrames.value * frameBytes,
    mutableHits: calls.mutableHits.value,
    readonlyHits: calls.readOnlyHits.value,
    cacheHits: calls.cacheHits.value,
    cachedRecords: calls.cachedRecords.value,
    diskBytes: Math.max(0, logBytes - memoryBytes),
    diskReads: space.diskReads,
    addresses: {
      begin: calls.beginAddress(),
      head: calls.headAddress(),
      readOnly: calls.readOnlyAddress(),
      tail: calls.tailAddress(),
    },
    segments: log.segmentCount,
    logBytes,
    unverified: calls.unverified.value,
    commits: writer.commits.count,
    commitMs: writer.commits.count === 0 ? 0 : writer.commits.totalMs / writer.commits.count,
    longestCommitMs: writer.commits.longestMs,
    bytesWritten: segments.bytesWritten,
    syncs: segments.syncs,
    compactions: log.compactions,
    stalls: space.stalls,
    stalledMs: space.stalledMs,
  };
}
