/** What the cloud store knows of time. Tests have one that they move themselves. */
export interface Clock {
  /** Milliseconds since some time in the past. */
  now(): number;
  /** Waits for any time between the two. */
  pause(leastMs: number, mostMs: number): Promise<void>;
  /** A signal that is aborted after so long. */
  timeout(ms: number): AbortSignal;
}

export const realClock: Clock = {
  now: () => performance.now(),
  pause: (least, most) => new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least))),
  timeout: (ms) => AbortSignal.timeout(ms),
};

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 10_000;
/** A server may ask for more. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Waits after attempt `i`: any time up to a limit that doubles, so that many who failed together do not come back together. */
export function backOff(clock: Clock, i: number, retryAfterMs: number = 0): Promise<void> {
  const least = Math.min(MAX_RETRY_AFTER_MS, retryAfterMs);
  return clock.pause(least, least + Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (i - 1)));
}
