import process from "node:process";

/** The seed of this run: `FERRITE_SEED`, or one of its own, which is printed so that a failure can be repeated. */
export const SEED: number = Number(process.env.FERRITE_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A generator of numbers that a seed decides (xorshift32, Marsaglia 2003). */
export class Random {
  #state: number;

  constructor(seed: number = SEED) {
    this.#state = seed | 0 || 1;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Runs `run` with a generator, and says the seed when it fails. */
export async function seeded(run: (random: Random) => void | Promise<void>): Promise<void> {
  try {
    await run(new Random());
  } catch (error) {
    console.error(`failed with FERRITE_SEED=${SEED}`);
    throw error;
  }
}
