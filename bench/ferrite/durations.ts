const LONGEST_US = 20_000;

/** What is worth knowing about many short times. */
export interface DurationSummary {
  count: number;
  p999Ms: number;
  p9999Ms: number;
  maxMs: number;
  over1Ms: number;
  over5Ms: number;
}

/** Counts times by the microsecond, without making garbage. */
export class Durations {
  readonly #counts = new Uint32Array(LONGEST_US + 1);
  #count = 0;
  #maxMs = 0;
  #over5Ms = 0;

  add(ms: number): void {
    const us = (ms * 1_000) | 0;
    this.#counts[us < LONGEST_US ? us : LONGEST_US]++;
    this.#count++;
    if (ms > this.#maxMs) this.#maxMs = ms;
    if (ms > 5) this.#over5Ms++;
  }

  summary(): DurationSummary {
    return {
      count: this.#count,
      p999Ms: this.#quantile(0.999),
      p9999Ms: this.#quantile(0.9999),
      maxMs: this.#maxMs,
      over1Ms: this.#counts.subarray(1_000).reduce((sum, count) => sum + count, 0),
      over5Ms: this.#over5Ms,
    };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (let us = 0; us < LONGEST_US; us++) {
      left -= this.#counts[us];
      if (left <= 0) return (us + 1) / 1_000;
    }
    return this.#maxMs;
  }
}
