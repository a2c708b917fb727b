import { Names } from "../../../data/names.ts";
import { shuffled, uniform } from "../../../data/orders.ts";
import { SMALL_FIELDS } from "../../plan.ts";
import type { Face } from "../../rivals/contender.ts";
import type { Workload } from "../../workloads.ts";
import { isValue } from "../checks.ts";
import type { Work } from "../work.ts";
import { firstBytes, type Model, type Parts, valuesOf } from "./model.ts";

export const SMALL_VALUE_BYTES = 8;
export const SMALL_KEYS: Names = new Names("user:", 7);
const STAMPS = 256;

/** Many hashes of a few fields each. Element `i` is field `i % 5` of hash `i / 5`. */
export class SmallHashesModel implements Model {
  readonly #stamps: Uint8Array;

  constructor(hashes: number) {
    this.#stamps = Uint8Array.from({ length: hashes * SMALL_FIELDS.length }, (_, i) => i);
  }

  /** One hash after another, as records are written. */
  loadOrder(seed: number): Uint32Array {
    const hashes = shuffled(this.#stamps.length / SMALL_FIELDS.length, seed);
    return this.#stampsOrder(hashes);
  }

  load(elements: Uint32Array): Parts {
    return { ...where(elements), values: valuesOf(elements, SMALL_VALUE_BYTES) };
  }

  work(workload: Workload, count: number, seed: number): Parts {
    const order = uniform(this.#stamps.length, count, seed);
    if (workload === "smallHget") {
      return { ...where(order), expected: Float64Array.from(order, (i) => this.#stamps[i]) };
    }
    const stamps = uniform(STAMPS, count, seed + 1);
    return {
      ...where(order),
      positions: order,
      values: valuesOf(stamps, SMALL_VALUE_BYTES),
      expected: firstBytes(stamps),
    };
  }

  done(workload: Workload, { positions, expected }: Work, end: number): void {
    if (workload !== "smallHsetOver") return;
    for (let i = 0; i < end; i++) this.#stamps[positions[i]] = expected[i];
  }

  async isThere(face: Face, _workload: Workload, { keys, names, positions }: Work, i: number): Promise<boolean> {
    return isValue(await face.hget!(keys[i], names[i]), this.#stamps[positions[i]]) === 1;
  }

  count(face: Face, key: string): number | Promise<number> {
    return face.hlen!(key);
  }

  #stampsOrder(hashes: Uint32Array): Uint32Array {
    const fields = SMALL_FIELDS.length;
    return Uint32Array.from(
      { length: hashes.length * fields },
      (_, i) => hashes[Math.floor(i / fields)] * fields + i % fields,
    );
  }
}

function where(elements: Uint32Array): Required<Pick<Parts, "keys" | "names">> {
  const fields = SMALL_FIELDS.length;
  const names: string[] = new Array(elements.length);
  for (let i = 0; i < elements.length; i++) names[i] = SMALL_FIELDS[elements[i] % fields];
  return { keys: SMALL_KEYS.freshAll(elements.map((element) => Math.floor(element / fields))), names };
}
