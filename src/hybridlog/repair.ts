import type { Core } from "../core/core.ts";
import {
  FIRST,
  KIND_HASH,
  KIND_SET,
  MEND,
  PAGE_BROKEN,
  PAGE_DAMAGED,
  PAGE_NEEDS_FRAMES,
  SECOND,
} from "../core/layout.ts";
import type { Bytes, Key, SyncCollectionOps, SyncStorageEngine } from "../engine.ts";
import { quote, StorageError } from "../errors.ts";
import { readElements, toPairs } from "../types/elements.ts";
import { SyncStore } from "../types/sync_store.ts";
import { bytesBetween, firstRecordOf, isOlder, newest, UNIT_BYTES } from "./addresses.ts";
import { BLOCK_HEADER_BYTES } from "./index_file.ts";
import { coreFor, indexFramesOf, type LogOptions } from "./log.ts";
import { type Epoch, type Manifest, salvageManifest } from "./manifest.ts";
import { type OnProgress, Progress } from "./progress.ts";
import { findLastCommit, PageReader } from "./recovery.ts";
import { Segments } from "./segments.ts";
import { HybridSpace } from "./space.ts";
import { Writer } from "./writer.ts";

/** What a repair has saved, and what it has not. */
export interface RepairReport {
  /** Keys that were copied, whole or in part. */
  keys: number;
  /** Keys of which elements are lost, or all. */
  damagedKeys: Bytes[];
  /** Places in files that are not what was written there. */
  damage: string[];
}

/** What is found out while a log is read. */
interface Findings {
  readonly damage: string[];
  /** Where chains go on that lead to what is damaged. */
  readonly detours: Map<number, number>;
}

/** What a repair reads and writes. */
type Store = SyncStorageEngine & SyncCollectionOps;

/** Elements that are copied together, as long as nothing is wrong with them. */
const BATCH = 128;

/** Reads what is intact of a log, damaged or not, that nobody has open, and writes it to an empty store. O(log). */
export async function salvage(options: LogOptions, target: Store, onProgress?: OnProgress): Promise<RepairReport> {
  const { files, directory } = options;
  const manifest = await salvageManifest(files, directory);
  if (manifest === null) {
    throw new StorageError("UNAVAILABLE", `Cannot repair: there is no log in ${quote(directory)}`);
  }
  const segments = new Segments(files, directory, manifest.segmentBytes, manifest.generation);
  try {
    await segments.openAll(false, true);
    const core = coreFor(options, manifest);
    const damage: string[] = [];
    const detours = new Map<number, number>();
    const end = await replayIntact(core, segments, manifest, { damage, detours }, new Progress("read", onProgress));
    const epoch = manifest.epochs.at(-1)!;
    epoch.until ??= end;
    const next = new PageReader(core, segments).pages.nextOf(end);
    core.calls.startAt(next / (core.frameBytes / UNIT_BYTES), epoch.number + 1);
    const space = new HybridSpace(core, segments, manifest.epochs, {
      mutableBytes: options.mutableBytes,
      indexFrames: indexFramesOf(options, core.frameBytes),
    });
    space.writer = new Writer(core, segments, (frames) => space.makeFrames(frames));
    space.detours = detours;
    const report = await copyAll(space, target, new Progress("copy", onProgress));
    return { ...report, damage };
  } finally {
    await segments.close();
  }
}

/** Replays all that is intact, up to the last commit there is, and returns where that ends. */
async function replayIntact(
  core: Core,
  segments: Segments,
  manifest: Manifest,
  findings: Findings,
  progress: Progress,
): Promise<number> {
  const { begin, epochs } = manifest;
  const ends = epochs.map((epoch) => epoch.until ?? endOf(core, segments, epoch, manifest));
  const end = newest(begin, ends.at(-1)!);
  const total = bytesBetween(begin, end);
  for (const [i, epoch] of epochs.entries()) {
    for (let at = newest(begin, firstRecordOf(epoch.from)); isOlder(at, ends[i]);) {
      at = replayPage(core, segments, epoch, at, ends[i], findings);
      await progress.report(Math.min(bytesBetween(begin, at), total), total);
    }
  }
  if (total > 0) await progress.report(total, total); // the last epoch may be empty
  return end;
}

/** The end of the last commit of an epoch that was not closed: of one that is there, or that the manifest knows of. */
function endOf(core: Core, segments: Segments, epoch: Epoch, { begin, durable }: Manifest): number {
  const start = newest(begin, firstRecordOf(epoch.from));
  const known = newest(start, durable ?? start);
  return findLastCommit(core, segments, epoch, start) ? newest(known, core.calls.lastCommit()) : known;
}

/** Applies what is intact of the page that `at` lies in, and returns where to go on. */
function replayPage(
  core: Core,
  segments: Segments,
  epoch: Epoch,
  at: number,
  until: number,
  { damage, detours }: Findings,
): number {
  const { calls } = core;
  const reader = new PageReader(core, segments);
  const next = reader.pages.nextOf(at);
  if (reader.pages.offsetOf(at) === 0) at = firstRecordOf(at);
  for (;;) {
    const answer = calls.replay(at, until, reader.read(at), epoch.number, MEND);
    at = calls.replayedUntil();
    if (answer === PAGE_NEEDS_FRAMES) {
      if (!core.grow(8)) {
        throw new StorageError("OUT_OF_MEMORY", "Cannot repair: the index does not fit; raise readonlySize");
      }
      continue;
    }
    if (answer === PAGE_BROKEN) {
      detours.set(calls.brokenAt(), calls.brokenUntil());
      continue;
    }
    if (answer !== PAGE_DAMAGED) return at === until ? until : next;
    damage.push(segments.placeOf(at));
    at = reader.nextIntact(at, epoch.number);
    if (at < 0) return isOlder(next, until) ? next : until;
    if (!isOlder(at, until)) return until;
  }
}

async function copyAll(
  space: HybridSpace,
  target: Store,
  progress: Progress,
): Promise<{ keys: number; damagedKeys: Bytes[] }> {
  const source = new SyncStore(space);
  const { calls } = space.core;
  const damagedKeys: Bytes[] = [];
  let keys = 0;
  for (let bucket = 0; bucket < calls.buckets.value;) {
    const { addresses, buckets } = entriesFrom(space.core, bucket);
    for (const address of addresses) {
      for (const key of keysAt(space, address)) {
        const isWhole = copyKey(space, source, target, key);
        if (target.exists(key)) keys++;
        if (!isWhole) damagedKeys.push(key);
      }
      await progress.report(bucket, calls.buckets.value);
    }
    bucket += buckets;
  }
  await progress.report(calls.buckets.value, calls.buckets.value);
  return { keys, damagedKeys };
}

/** The addresses that some buckets of the index lead to. */
function entriesFrom(core: Core, bucket: number): { addresses: number[]; buckets: number } {
  const buckets = core.calls.saveBuckets(bucket);
  const view = new DataView(core.bytes.buffer, core.scratch + BLOCK_HEADER_BYTES, core.calls.savedBucketBytes());
  const addresses: number[] = [];
  for (let at = 0, left = buckets; left > 0; left--) {
    const count = view.getUint32(at, true);
    at += 8;
    for (let i = 0; i < count; i++, at += 8) {
      addresses.push(view.getUint32(at, true) + (view.getUint8(at + 4)) * 2 ** 32);
    }
  }
  return { addresses, buckets };
}

/** The different keys of the records in the chain that begins at `address`, as far as it can be read. */
function keysAt(space: HybridSpace, address: number): Bytes[] {
  const { core } = space;
  const keys = new Map<string, Bytes>();
  try {
    for (let at = address; at !== 0; at = space.prevOfLoaded()) {
      space.readRecord(at);
      const record = core.calls.loadBench.value >>> 0;
      if (core.isNode(record)) continue;
      const key = core.bytes.slice(core.keyStart(record), core.keyStart(record) + core.keyLength(record));
      keys.set(key.join(), key);
    }
  } catch (error) {
    if ((error as StorageError).code !== "CORRUPT") throw error;
  }
  return [...keys.values()];
}

/** Copies what a key holds; false when something of it is lost. */
function copyKey(space: HybridSpace, source: SyncStore, target: Store, key: Key): boolean {
  const attempt = <T>(step: () => T): { value: T } | null => {
    try {
      return { value: space.run(step) };
    } catch (error) {
      if ((error as StorageError).code === "CORRUPT") return null;
      throw error;
    }
  };
  const type = attempt(() => source.type(key));
  const ttl = attempt(() => source.ttl(key));
  if (type === null || ttl === null) return false;
  if (type.value === null) return true;
  const read = (kind: number, from: number, to: number, what: number) =>
    readElements(space, key, kind, 0, from, to - from, what).texts;
  let isWhole = true;
  const each = (length: number, copy: (from: number, to: number) => void): void => {
    for (let from = 0; from < length; from += BATCH) {
      const to = Math.min(from + BATCH, length);
      if (attempt(() => copy(from, to)) !== null) continue;
      isWhole = false;
      for (let i = from; i < to; i++) attempt(() => copy(i, i + 1));
    }
  };
  switch (type.value) {
    case "string": {
      const value = attempt(() => source.get(key, { own: true }));
      if (value === null) return false;
      if (value.value !== null) target.set(key, value.value);
      break;
    }
    case "list":
      each(source.llen(key), (from, to) => void target.rpush(key, source.lrange(key, from, to - 1)));
      break;
    case "hash":
      each(source.hlen(key), (from, to) => target.hmset(key, toPairs(read(KIND_HASH, from, to, FIRST | SECOND))));
      break;
    case "set":
      each(source.scard(key), (from, to) => void target.sadd(key, read(KIND_SET, from, to, FIRST)));
      break;
    case "zset":
      each(source.zcard(key), (from, to) => {
        const members = source.zrangeWithScores(key, from, to - 1);
        target.zadd(key, members.map(([member, score]) => [score, member] as const));
      });
  }
  if (ttl.value !== null && ttl.value !== Infinity && target.exists(key)) {
    target.expire(key, Math.max(1, ttl.value)); // 0: in this millisecond
  }
  return isWhole;
}
