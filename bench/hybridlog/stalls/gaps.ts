import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers";
import { Durations, type DurationSummary } from "../../ferrite/durations.ts";

/** Limits of the histogram, in milliseconds. */
export const EDGES_MS = [0.5, 1, 2, 5, 10, 20, 50] as const;

/** Times between two turns of the event loop. */
export interface Gaps {
  summary: DurationSummary;
  /** How many lie below each edge and above the one before it; the last ones above all. */
  histogram: number[];
}

/** A file of which Linux says what the main thread has done: nanoseconds run, and waited for a processor that others had. */
const SCHEDULING = "/proc/self/schedstat";

/** Looks at the clock in each turn of the event loop. */
export class GapMeter {
  readonly #all = new Tally();
  readonly #own = new Tally();
  readonly #file: number | null;
  readonly #line = new Uint8Array(64);
  #isOn = true;

  constructor() {
    this.#file = openScheduling();
    let last = performance.now();
    let waited = this.#waitedMs();
    const look = () => {
      if (!this.#isOn) return;
      const now = performance.now();
      const waitedNow = this.#waitedMs();
      this.#all.add(now - last);
      this.#own.add(Math.max(0, now - last - (waitedNow - waited)));
      last = now;
      waited = waitedNow;
      setImmediate(look);
    };
    setImmediate(look);
  }

  /** How long the main thread has been kept from a processor since it began; 0 where the system does not say. */
  #waitedMs(): number {
    if (this.#file === null) return 0;
    const length = readSync(this.#file, this.#line, 0, this.#line.length, 0);
    let at = this.#line.indexOf(32) + 1;
    let nanoseconds = 0;
    for (; at < length && this.#line[at] !== 32; at++) nanoseconds = nanoseconds * 10 + this.#line[at] - 48;
    return nanoseconds / 1e6;
  }

  /** Gaps as they were, and without what others on the machine have had of them. */
  stop(): { all: Gaps; own: Gaps } {
    this.#isOn = false;
    if (this.#file !== null) closeSync(this.#file);
    return { all: this.#all.gaps(), own: this.#own.gaps() };
  }
}

class Tally {
  readonly #durations = new Durations();
  readonly #histogram: number[] = new Array(EDGES_MS.length + 1).fill(0);

  add(ms: number): void {
    this.#durations.add(ms);
    let edge = 0;
    while (edge < EDGES_MS.length && ms >= EDGES_MS[edge]) edge++;
    this.#histogram[edge]++;
  }

  gaps(): Gaps {
    return { summary: this.#durations.summary(), histogram: this.#histogram };
  }
}

function openScheduling(): number | null {
  try {
    return openSync(SCHEDULING, "r");
  } catch {
    return null;
  }
}
