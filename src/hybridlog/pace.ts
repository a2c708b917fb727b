/** From this share of what compaction keeps a log to, writes wait for it. */
const FREE_SHARE = 1.2;
/** A log that is so much longer than it should be costs a byte of compaction more for each byte written. */
const STEP = 0.2;
/** So many bytes of compaction for a byte written bring any log back. */
const MOST_BYTES = 4;

interface Waiting {
  until: number;
  resolve(): void;
}

/**
 * Keeps writes from outrunning compaction: while that is under way and the log is much longer than it should be, who writes waits until
 * it has gone over as many bytes as were written, or more, the longer the log.
 */
export class Pace {
  #bytesForByte = 0;
  #done = 0;
  #waiting: Waiting[] = [];

  /** Compaction is about to begin, or has gone over `bytes`; the log is `ratio` times as long as it should be. */
  advance(bytes: number, ratio: number): void {
    this.#done += bytes;
    this.#bytesForByte = Math.min(MOST_BYTES, Math.max(0, (ratio - FREE_SHARE) / STEP));
    const isOver = ({ until }: Waiting) => until <= this.#done;
    for (const { resolve } of this.#waiting.filter(isOver)) resolve();
    this.#waiting = this.#waiting.filter((waiting) => !isOver(waiting));
  }

  /** Resolves when those who wrote `bytes` may go on; `null` when they may at once. */
  wait(bytes: number): Promise<void> | null {
    if (this.#bytesForByte === 0) return null;
    const until = this.#done + bytes * this.#bytesForByte;
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  /** Compaction waits for those who wait for it: they may go on, until next time. */
  letGo(): void {
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
  }

  /** Compaction has ended. */
  release(): void {
    this.#bytesForByte = 0;
    this.letGo();
  }
}
