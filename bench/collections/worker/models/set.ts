import { Names } from "../../../data/names.ts";
import { shuffled, uniform } from "../../../data/orders.ts";
import type { Face } from "../../rivals/contender.ts";
import type { Workload } from "../../workloads.ts";
import { isBoolean } from "../checks.ts";
import type { Work } from "../work.ts";
import type { Model, Parts } from "./model.ts";

export const MEMBERS: Names = new Names("member:", 6);
/** As long as members, and different from them at the front. */
const STRANGERS = new Names("absent:", 6);

/** There is nothing to remember: all members are there. */
export class SetModel implements Model {
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  loadOrder(seed: number): Uint32Array {
    return shuffled(this.#size, seed);
  }

  load(elements: Uint32Array): Parts {
    return { names: MEMBERS.freshAll(elements) };
  }

  work(_workload: Workload, count: number, seed: number): Parts {
    const order = uniform(this.#size, count, seed);
    const isMember = uniform(2, count, seed + 1);
    const names: string[] = new Array(count);
    for (let i = 0; i < count; i++) names[i] = (isMember[i] === 1 ? MEMBERS : STRANGERS).fresh(order[i]);
    return { names, expected: Float64Array.from(isMember) };
  }

  done(): void {}

  async isThere(face: Face, _workload: Workload, { keys, names }: Work, i: number): Promise<boolean> {
    return isBoolean(await face.sismember!(keys[i], names[i]), 1) === 1;
  }

  count(face: Face, key: string): number | Promise<number> {
    return face.scard!(key);
  }
}
