import { Names } from "../../../data/names.ts";
import { shuffled, uniform } from "../../../data/orders.ts";
import type { Face } from "../../rivals/contender.ts";
import type { Workload } from "../../workloads.ts";
import { isValue } from "../checks.ts";
import type { Work } from "../work.ts";
import { firstBytes, type Model, type Parts, valuesOf } from "./model.ts";

export const VALUE_BYTES = 16;
export const FIELDS: Names = new Names("field:", 6);
const STAMPS = 256;

/** The first bytes of the values. */
export class HashModel implements Model {
  readonly #stamps: Uint8Array;

  constructor(size: number) {
    this.#stamps = Uint8Array.from({ length: size }, (_, i) => i);
  }

  loadOrder(seed: number): Uint32Array {
    return shuffled(this.#stamps.length, seed);
  }

  load(elements: Uint32Array): Parts {
    return { names: FIELDS.freshAll(elements), values: valuesOf(elements, VALUE_BYTES) };
  }

  work(workload: Workload, count: number, seed: number): Parts {
    const order = uniform(this.#stamps.length, count, seed);
    const names = FIELDS.freshAll(order);
    if (workload === "hget") return { names, expected: Float64Array.from(order, (i) => this.#stamps[i]) };
    const stamps = uniform(STAMPS, count, seed + 1);
    return { names, positions: order, values: valuesOf(stamps, VALUE_BYTES), expected: firstBytes(stamps) };
  }

  done(workload: Workload, { positions, expected }: Work, end: number): void {
    if (workload !== "hsetOver") return;
    for (let i = 0; i < end; i++) this.#stamps[positions[i]] = expected[i];
  }

  async isThere(face: Face, _workload: Workload, { keys, names, positions }: Work, i: number): Promise<boolean> {
    return isValue(await face.hget!(keys[i], names[i]), this.#stamps[positions[i]]) === 1;
  }

  count(face: Face, key: string): number | Promise<number> {
    return face.hlen!(key);
  }
}
