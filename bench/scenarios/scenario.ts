import { setImmediate } from "node:timers/promises";

/** How much is measured. */
export interface ScenarioPlan {
  readonly isQuick: boolean;
  readonly seed: number;
  /** For how long calls are made. */
  readonly seconds: number;
  /** Calls under way at a time. */
  readonly callers: number;
}

/** How long calls of one kind took, in milliseconds. */
export interface Latency {
  readonly call: string;
  readonly calls: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What a scenario has come to. */
export interface ScenarioResult {
  readonly latencies: Latency[];
  /** What the store was allowed to take of the memory. */
  readonly budgetBytes: number;
  /** What the process has taken of it in the end, the heap and the runtime included. */
  readonly residentBytes: number;
  /** Bytes of keys and values that it was given to hold. */
  readonly dataBytes: number;
}

/** So many calls are made one after another before the event loop gets a turn, as it would in a service. */
const CALLS_PER_TURN = 16;
/** Calls that begin before this share of the time are for caches and compiler, and do not count. */
const LEAD_IN = 0.2;

/** Makes calls for some time, so many at a time. `call` says what it has done, and fails when that was not right. */
export async function timeCalls(plan: ScenarioPlan, call: (i: number) => Promise<string>): Promise<Latency[]> {
  const times = new Map<string, Times>();
  let next = 0;
  const start = performance.now();
  const first = start + plan.seconds * LEAD_IN * 1000;
  const last = first + plan.seconds * 1000;
  const caller = async () => {
    for (let calls = 1;; calls++) {
      const before = performance.now();
      if (before > last) return;
      const name = await call(next++);
      if (before >= first) {
        const after = performance.now();
        let ofKind = times.get(name);
        if (ofKind === undefined) times.set(name, ofKind = new Times());
        ofKind.add(after - before);
      }
      if (calls % CALLS_PER_TURN === 0) await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: plan.callers }, caller));
  return Array.from(times, ([call, ofKind]) => ofKind.summarize(call, plan.seconds)).sort((a, b) => b.calls - a.calls);
}

/** Buckets for each doubling of a time, which makes a quantile exact to one in a hundred. */
const BUCKETS_PER_DOUBLING = 64;
/** Down to a tenth of a microsecond, and up to 15 minutes. */
const SHORTEST_MS = 1e-4;
const BUCKETS = 33 * BUCKETS_PER_DOUBLING;

/** Counts times, so that millions of them take no memory of the process, which is measured, too. */
class Times {
  readonly #counts = new Uint32Array(BUCKETS);
  #calls = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.round(Math.log2(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) * BUCKETS_PER_DOUBLING);
    this.#counts[Math.min(bucket, BUCKETS - 1)]++;
    this.#calls++;
    if (ms > this.#max) this.#max = ms;
  }

  summarize(call: string, seconds: number): Latency {
    const calls = this.#calls;
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => this.#quantile(share));
    return { call, calls, perSecond: calls / seconds, p50, p99, p999, max: this.#max };
  }

  #quantile(share: number): number {
    let left = Math.ceil(share * this.#calls);
    const bucket = this.#counts.findIndex((count) => (left -= count) <= 0);
    return Math.min(SHORTEST_MS * 2 ** (bucket / BUCKETS_PER_DOUBLING), this.#max);
  }
}

/** Runs something with each number below `count`, so many at a time. */
export async function forEachIndex(count: number, lanes: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
