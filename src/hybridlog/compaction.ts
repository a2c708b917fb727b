import { PAGE_DAMAGED, PAGE_DONE, PAGE_UNDECIDED, UNKNOWN } from "../core/layout.ts";
import { bytesBetween, isOlder, newest } from "./addresses.ts";
import type { Progress } from "./progress.ts";
import type { HybridSpace } from "./space.ts";
import { endInPage, judge, skipGaps } from "./walk.ts";

/** How much of a page is gone over without a pause. */
const SLICE_BYTES = 32_768;
/** What is read at a time. */
const READ_BYTES = 524_288;
/** A record that begins in a slice ends within so many bytes behind it. */
const LONGEST_RECORD_BYTES = 147_456;
/** Frames that a slice may need for what it moves. */
const SLICE_FRAMES = 8;

/**
 * Moves what is live in [begin, until) to the tail, in slices; `until` is the start of a page, and everything before it is in
 * the files. Afterwards nothing leads to there any more. `CORRUPT` where the log is damaged. O(bytes gone over).
 */
export async function moveLive(
  space: HybridSpace,
  from: number,
  until: number,
  progress: Progress,
  { isStopped, onSlice }: { isStopped(): boolean; onSlice(bytes: number): void },
): Promise<boolean> {
  const { calls } = space.core;
  const { window } = space;
  const total = bytesBetween(from, until);
  let sliceStart = skipGaps(space, from);
  let verdict = UNKNOWN;
  let isNewSlice = true;
  // During a pause a `clear` may have gone past.
  for (let at = sliceStart; isOlder(at, until); at = newest(at, calls.beginAddress())) {
    if (isStopped()) return false;
    space.stopClock();
    space.makeFrames(SLICE_FRAMES);
    if (!window.covers(at, SLICE_BYTES + LONGEST_RECORD_BYTES)) {
      await window.load(at, READ_BYTES);
      verdict = UNKNOWN; // much may have happened meanwhile
      continue;
    }
    const end = endInPage(space, at);
    const answer = calls.moveLivePage(
      at,
      end,
      window.pointerOf(at),
      window.lengthFrom(at),
      space.epochAt(at),
      SLICE_BYTES,
      verdict,
      space.now(),
    );
    const stopped = calls.walkedUntil();
    verdict = UNKNOWN;
    if (answer === PAGE_DAMAGED) throw space.damaged(stopped);
    at = answer !== PAGE_DONE ? stopped : skipGaps(space, stopped === end ? end : space.pages.nextOf(at));
    // Each slice finds out about one record at least, however long that takes: what is found out is so only then.
    if (answer === PAGE_UNDECIDED && (isNewSlice || !progress.isSliceOver)) {
      verdict = judge(space, stopped, calls.undecidedAt());
      isNewSlice = false;
      continue;
    }
    space.relieve(0);
    onSlice(bytesBetween(sliceStart, at));
    sliceStart = at;
    await progress.report(Math.min(bytesBetween(from, at), total), total);
    isNewSlice = true;
  }
  await progress.report(total, total); // also where a `clear` has gone past
  return true;
}
