import { setImmediate } from "node:timers";
import type { Clock } from "../../../src/cloud/clock.ts";
import type { Random } from "../random.ts";

interface Timer {
  readonly at: number;
  readonly place: number;
  readonly fire: () => void;
}

/** After so many turns in which nothing happens there is nothing to wait for: hashing a key takes some. */
const MAX_IDLE_TURNS = 100_000;

/** Time that passes only when all that runs waits for it: tests of long delays take none, and always go the same way. */
export class VirtualClock implements Clock {
  readonly #random: Random;
  /** A heap, the earliest first. */
  readonly #timers: Timer[] = [];
  #now = 0;
  #places = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  now(): number {
    return this.#now;
  }

  pause(leastMs: number, mostMs: number): Promise<void> {
    return this.sleep(leastMs + this.#random.below(1 + Math.ceil(mostMs - leastMs)));
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#add(ms, resolve));
  }

  within<T>(ms: number, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#add(ms, () => controller.abort(new DOMException("too late", "TimeoutError")));
    return task(controller.signal);
  }

  /** Runs what waits for this clock. */
  async run<T>(body: () => Promise<T>): Promise<T> {
    const promise = body();
    let isOver = false;
    const end = () => void (isOver = true);
    promise.then(end, end);
    for (let idle = 0;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (isOver) return await promise;
      idle = this.#fireNext() ? 0 : idle + 1;
      if (idle > MAX_IDLE_TURNS) throw new Error("what runs waits for nothing that will ever come");
    }
  }

  #fireNext(): boolean {
    const timer = this.#takeFirst();
    if (timer === undefined) return false;
    this.#now = Math.max(this.#now, timer.at);
    timer.fire();
    return true;
  }

  #add(ms: number, fire: () => void): void {
    const timers = this.#timers;
    timers.push({ at: this.#now + ms, place: this.#places++, fire });
    for (let i = timers.length - 1; i > 0 && isBefore(timers[i], timers[(i - 1) >> 1]); i = (i - 1) >> 1) {
      this.#swap(i, (i - 1) >> 1);
    }
  }

  #takeFirst(): Timer | undefined {
    const timers = this.#timers;
    if (timers.length < 2) return timers.pop();
    const [first] = timers;
    timers[0] = timers.pop()!;
    for (let i = 0;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < timers.length && isBefore(timers[child], timers[least])) least = child;
      }
      if (least === i) return first;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(i: number, j: number): void {
    [this.#timers[i], this.#timers[j]] = [this.#timers[j], this.#timers[i]];
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || a.at === b.at && a.place < b.place;
}
