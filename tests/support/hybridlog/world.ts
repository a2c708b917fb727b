/** Every look at `performance.now()` finds that so much has passed: slices of work end after a few reports. */
const LOOK_MS = 0.3;

/**
 * While it is there nothing depends on the hour or on chance, so that a seed repeats a run: `Date.now()` gives `now`,
 * intervals pass when `tick()` says so, and random bytes are always the same, which makes the hashes of keys known (see
 * chain_mates.ts).
 */
export class World implements Disposable {
  now = 1_700_000_000_000;
  #looks = 0;
  #serials = 0;
  readonly #intervals = new Set<() => void>();
  readonly #undo: (() => void)[] = [];

  constructor() {
    this.#replace(Date, "now", () => this.now);
    this.#replace(performance, "now", () => ++this.#looks * LOOK_MS);
    this.#replace(crypto, "getRandomValues", (bytes: Uint8Array) => bytes.map((_, i) => bytes[i] = hashKeyByte(i)));
    this.#replace(globalThis, "setInterval", (run: () => void) => {
      this.#intervals.add(run);
      return { run };
    });
    this.#replace(globalThis, "clearInterval", (interval: { run: () => void }) => this.#intervals.delete(interval.run));
  }

  /** Lets every interval pass once. */
  tick(): void {
    for (const run of [...this.#intervals]) run();
  }

  /** Another number each time. */
  serial(): number {
    return ++this.#serials;
  }

  /** Has no interval pass any more: of stores that crashed, nobody clears them. */
  forgetIntervals(): void {
    this.#intervals.clear();
  }

  #replace<T extends object>(object: T, name: string & keyof T, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(object, name);
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
    this.#undo.push(() => {
      if (own === undefined) delete object[name];
      else Object.defineProperty(object, name, own);
    });
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
  }
}

/** The key of the hash that stores have in this world. */
export function hashKeyByte(i: number): number {
  return (i * 7 + 1) & 0xff;
}
