import type { Core } from "../core/core.ts";
import { APPLY, CHECK, PAGE_DAMAGED, PAGE_NEEDS_FRAMES } from "../core/layout.ts";
import { StorageError } from "../errors.ts";
import { bytesBetween, firstRecordOf, Grid, isOlder, newest } from "./addresses.ts";
import type { Epoch, Manifest } from "./manifest.ts";
import type { Progress } from "./progress.ts";
import type { Segments } from "./segments.ts";

// What is on the disk after a crash is everything up to some commit, and behind that any part of what was not synced: the
// next commit itself, perhaps, but not all that it covers. A commit says up to where all was on the disk when it was written
// (`durable`: the end of the one before). So:
//
//   - the last commit that is found counts if everything from its `durable` on is intact; otherwise the log ends there
//   - what is damaged before that was on the disk once, and is CORRUPT

/** Beyond all addresses. */
const NO_ADDRESS = 2 ** 40;

/** Where a log ends, and how much behind that is left over from what was never committed. */
export interface LogEnd {
  end: number;
  /** From here to the end, the last commit may only be in the system's memory: nobody has heard that it was synced. */
  syncedUntil: number;
  cutBytes: number;
}

/** Reads the pages of a log in its files into a core, one after another. */
export class PageReader {
  readonly pages: Grid;
  readonly #core: Core;
  readonly #segments: Segments;

  constructor(core: Core, segments: Segments) {
    this.#core = core;
    this.#segments = segments;
    this.pages = new Grid(core.frameBytes);
  }

  /** Reads from `address` to the end of its page, or `limitBytes`, into loadBench, and returns how many bytes there were. */
  read(address: number, limitBytes: number = Infinity): number {
    const start = this.#core.calls.loadBench.value >>> 0;
    const room = Math.min(limitBytes, this.pages.bytes - this.pages.offsetOf(address));
    return this.#segments.readAlong(address, this.#core.bytes.subarray(start, start + room));
  }

  /** The address of the first record behind `address` in its page that is as it was written in `epoch`; -1 when there is none. */
  nextIntact(address: number, epoch: number): number {
    return this.#core.calls.nextIntact(address, this.read(address), epoch);
  }
}

/** Finds the end of a log by its last commit. `CORRUPT` when something before that is damaged. */
export function findEnd(core: Core, segments: Segments, manifest: Manifest): LogEnd {
  const { calls } = core;
  const reader = new PageReader(core, segments);
  const epoch = manifest.epochs.at(-1)!;
  const start = newest(firstRecordOf(epoch.from), manifest.begin);
  if (epoch.until !== null) return { end: epoch.until, syncedUntil: epoch.until, cutBytes: 0 };
  let [end, syncedUntil] = [start, start];
  if (findLastCommit(core, segments, epoch, start)) {
    const last = calls.lastCommit();
    syncedUntil = newest(calls.lastDurable(), start);
    end = isIntact(core, reader, epoch, syncedUntil, last) ? last : syncedUntil;
  }
  if (manifest.durable !== null && isOlder(end, manifest.durable)) throw endsEarly(segments, end);
  return { end, syncedUntil, cutBytes: segments.bytesAfter(end) };
}

function endsEarly(segments: Segments, end: number): StorageError {
  return new StorageError(
    "CORRUPT",
    `Cannot open storage: the log ends in ${
      segments.placeOf(end)
    }, and more of it was on the disk; repair() keeps what is intact`,
  );
}

/** Finds the last commit of an epoch behind `start`, which the core tells then; false when there is none. */
export function findLastCommit(core: Core, segments: Segments, epoch: Epoch, start: number): boolean {
  const reader = new PageReader(core, segments);
  // From the last segment backwards: in the first one with commits is the last commit.
  for (const number of backwards(segments, start)) {
    core.calls.beginReplay();
    for (let page = newest(segments.grid.startOfNumber(number), reader.pages.startOf(start));;) {
      lookForCommits(core, reader, newest(firstRecordOf(page), start), epoch.number);
      page = reader.pages.nextOf(page);
      if (segments.grid.numberOf(page) !== number) break;
    }
    if (core.calls.lastCommit() >= 0) return true;
  }
  return false;
}

/** Goes over the rest of the page at `at`, past what is damaged: only a commit behind that tells it from what was never committed. */
function lookForCommits(core: Core, reader: PageReader, at: number, epoch: number): void {
  while (at >= 0 && core.calls.replay(at, NO_ADDRESS, reader.read(at), epoch, CHECK) === PAGE_DAMAGED) {
    at = reader.nextIntact(core.calls.replayedUntil(), epoch);
  }
}

/** The numbers of the segments from `start` on that there are, the last first. */
function backwards(segments: Segments, start: number): number[] {
  const { grid } = segments;
  const order: number[] = [];
  const isAfter = (number: number) => !isOlder(grid.startOfNumber(number), grid.startOf(start));
  for (const number of segments.numbers()) if (isAfter(number)) order.push(number);
  return order.sort((a, b) => isOlder(grid.startOfNumber(a), grid.startOfNumber(b)) ? 1 : -1);
}

function isIntact(
  core: Core,
  reader: PageReader,
  epoch: Epoch,
  from: number,
  until: number,
): boolean {
  for (let at = from; isOlder(at, until);) {
    if (reader.pages.offsetOf(at) === 0) at = firstRecordOf(at);
    if (core.calls.replay(at, until, reader.read(at), epoch.number, CHECK) === PAGE_DAMAGED) return false;
    const stopped = core.calls.replayedUntil();
    at = stopped === until ? until : reader.pages.nextOf(reader.pages.startOf(at));
  }
  return true;
}

/**
 * Replays the log from `from` to its end into the core's index. `CORRUPT`, with file and offset, where it is damaged.
 * O(bytes of the log).
 */
export async function replayLog(
  core: Core,
  segments: Segments,
  manifest: Manifest,
  from: number,
  end: number,
  progress: Progress,
): Promise<void> {
  const { calls } = core;
  const reader = new PageReader(core, segments);
  const total = bytesBetween(from, end);
  let at = from;
  for (const epoch of manifest.epochs) {
    const until = epoch.until ?? end;
    if (!isOlder(at, until)) continue;
    at = newest(at, firstRecordOf(epoch.from));
    while (isOlder(at, until)) {
      if (reader.pages.offsetOf(at) === 0) at = firstRecordOf(at);
      const answer = calls.replay(at, until, reader.read(at), epoch.number, APPLY);
      const stopped = calls.replayedUntil();
      if (answer === PAGE_DAMAGED) {
        throw new StorageError(
          "CORRUPT",
          `Cannot open storage: ${
            segments.placeOf(stopped)
          } is not what was written there; repair() keeps what is intact`,
        );
      }
      if (answer === PAGE_NEEDS_FRAMES) {
        if (!core.grow(8)) {
          throw new StorageError(
            "OUT_OF_MEMORY",
            "Cannot open storage: its index does not fit; raise readonlySize",
          );
        }
        at = stopped;
        continue;
      }
      at = stopped === until ? until : reader.pages.nextOf(reader.pages.startOf(at));
      await progress.report(bytesBetween(from, at), total);
    }
  }
  if (total > 0) await progress.report(total, total); // the last epoch may be empty
}
