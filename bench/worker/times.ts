/** How long calls took, in milliseconds. */
export interface Quantiles {
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Buckets for each doubling of a time, which makes a quantile exact to one in a hundred. */
const BUCKETS_PER_DOUBLING = 64;
/** Down to a tenth of a microsecond, and up to 15 minutes. */
const SHORTEST_MS = 1e-4;
const BUCKETS = 33 * BUCKETS_PER_DOUBLING;

/** Counts times, so that millions of them take no memory of the process, which is measured, too. */
export class Times {
  readonly #counts = new Uint32Array(BUCKETS);
  #calls = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.round(Math.log2(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) * BUCKETS_PER_DOUBLING);
    this.#counts[Math.min(bucket, BUCKETS - 1)]++;
    this.#calls++;
    if (ms > this.#max) this.#max = ms;
  }

  summarize(): Quantiles {
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => this.#quantile(share));
    return { calls: this.#calls, p50, p99, p999, max: this.#max };
  }

  #quantile(share: number): number {
    let left = Math.ceil(share * this.#calls);
    const bucket = this.#counts.findIndex((count) => (left -= count) <= 0);
    return Math.min(SHORTEST_MS * 2 ** (bucket / BUCKETS_PER_DOUBLING), this.#max);
  }
}
