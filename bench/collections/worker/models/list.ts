import { uniform } from "../../../data/orders.ts";
import type { Face } from "../../rivals/contender.ts";
import type { Workload } from "../../workloads.ts";
import { isValue } from "../checks.ts";
import type { Work } from "../work.ts";
import { firstBytes, type Model, type Parts, valuesOf } from "./model.ts";

export const ELEMENT_BYTES = 16;
const STAMPS = 256;

/** The first bytes of the elements, in a ring: position 0 is at `#front`. */
export class ListModel implements Model {
  readonly #stamps: Uint8Array;
  #front = 0;

  constructor(size: number) {
    this.#stamps = Uint8Array.from({ length: size }, (_, i) => i);
  }

  loadOrder(): Uint32Array {
    return Uint32Array.from({ length: this.#stamps.length }, (_, i) => i);
  }

  load(elements: Uint32Array): Parts {
    return { values: valuesOf(elements, ELEMENT_BYTES) };
  }

  work(workload: Workload, count: number, seed: number): Parts {
    const size = this.#stamps.length;
    if (workload === "lindex") {
      const positions = uniform(size, count, seed);
      return { positions, expected: Float64Array.from(positions, (position) => this.#at(position)) };
    }
    const stamps = uniform(STAMPS, count, seed + 1);
    const values = valuesOf(stamps, ELEMENT_BYTES);
    switch (workload) {
      case "lset":
        return { positions: uniform(size, count, seed), values };
      case "lpushRpop":
        return { values, expected: this.#popped(stamps) };
      default: {
        // In the middle half, so that what walks from an end walks as far as to the middle.
        const positions = uniform(size >> 1, count, seed).map((position) => position + (size >> 2));
        return { positions, values };
      }
    }
  }

  done(workload: Workload, { positions, values }: Work, end: number): void {
    const size = this.#stamps.length;
    if (workload === "lset") {
      for (let i = 0; i < end; i++) this.#stamps[(this.#front + positions[i]) % size] = values[i][0];
    } else if (workload === "lpushRpop") {
      for (let i = 0; i < end; i++) {
        this.#front = (this.#front + size - 1) % size;
        this.#stamps[this.#front] = values[i][0];
      }
    }
  }

  async isThere(face: Face, workload: Workload, { keys, positions, values }: Work, i: number): Promise<boolean> {
    const expected = workload === "linsertAt" ? values[i][0] : this.#at(positions[i]);
    return isValue(await face.lindex!(keys[i], positions[i]), expected) === 1;
  }

  count(face: Face, key: string): number | Promise<number> {
    return face.llen!(key);
  }

  #at(position: number): number {
    return this.#stamps[(this.#front + position) % this.#stamps.length];
  }

  /** What comes out at the end while the same number goes in at the front: what was there, then what went in. */
  #popped(stamps: Uint32Array): Float64Array {
    const size = this.#stamps.length;
    return firstBytes(stamps).map((_, i) => i < size ? this.#at(size - 1 - i) : stamps[i - size] & 255);
  }
}
