/** What the cloud store knows of time. Tests have one that they move themselves. */
export interface Clock {
  /** Milliseconds since some time in the past. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** A signal that is aborted after so long. */
  timeout(ms: number): AbortSignal;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  timeout: (ms) => AbortSignal.timeout(ms),
};
