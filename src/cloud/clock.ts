/** What the cloud store knows of time. Tests have one that they move themselves. */
export interface Clock {
  /** Milliseconds since some time in the past. */
  now(): number;
  /** Waits for any time between the two. */
  pause(leastMs: number, mostMs: number): Promise<void>;
  /** Runs what may take so long, with a signal that is aborted then. */
  within<T>(ms: number, task: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  pause: (least, most) => new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least))),
  async within(ms, task) {
    // Not AbortSignal.timeout(), whose timer and a kilobyte more would stay until the time is over, of each request.
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new DOMException("too late", "TimeoutError")), ms);
    try {
      return await task(controller.signal);
    } finally {
      clearTimeout(timer);
    }
  },
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
