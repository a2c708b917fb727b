import { shuffled, uniform } from "../../../data/orders.ts";
import type { Face } from "../../rivals/contender.ts";
import { RANGE, type Workload } from "../../workloads.ts";
import { isNumber } from "../checks.ts";
import type { Work } from "../work.ts";
import type { Model, Parts } from "./model.ts";
import { MEMBERS } from "./set.ts";

/** Scores are whole numbers, as times and points are: Redis has to write and read them in decimal. */
const SCORES = 1e9;
const INCREMENTS = 1e6;
const SCORE_SEED = 77;
const MEMBERS_AT_MOST = 2 ** 20;

/** The score of each member. */
export class SortedSetModel implements Model {
  readonly #scores: Float64Array;
  #ranking: { order: Uint32Array; ranks: Uint32Array } | null = null;

  constructor(size: number) {
    this.#scores = randomScores(size);
  }

  loadOrder(seed: number): Uint32Array {
    return shuffled(this.#scores.length, seed);
  }

  load(elements: Uint32Array): Parts {
    return {
      names: MEMBERS.freshAll(elements),
      scores: Float64Array.from(elements, (element) => this.#scores[element]),
    };
  }

  work(workload: Workload, count: number, seed: number): Parts {
    const size = this.#scores.length;
    if (workload === "zrange") {
      const { order } = this.#ranked();
      const positions = uniform(size - RANGE + 1, count, seed);
      return { positions, expected: Float64Array.from(positions, (rank) => 48 + order[rank] % 10) };
    }
    const members = uniform(size, count, seed);
    const names = MEMBERS.freshAll(members);
    switch (workload) {
      case "zscore":
        return { names, expected: Float64Array.from(members, (member) => this.#scores[member]) };
      case "zrank": {
        const { ranks } = this.#ranked();
        return { names, expected: Float64Array.from(members, (member) => ranks[member]) };
      }
      case "zaddOver": {
        const scores = Float64Array.from(uniform(SCORES, count, seed + 1));
        return { names, positions: members, scores, expected: scores };
      }
      default: {
        const scores = Float64Array.from(uniform(INCREMENTS, count, seed + 1), (increment) => increment + 1);
        const sums = this.#scores.slice();
        const expected = Float64Array.from(members, (member, i) => sums[member] += scores[i]);
        return { names, positions: members, scores, expected };
      }
    }
  }

  done(workload: Workload, { positions, expected }: Work, end: number): void {
    if (workload !== "zaddOver" && workload !== "zincrBy") return;
    for (let i = 0; i < end; i++) this.#scores[positions[i]] = expected[i];
    this.#ranking = null;
  }

  async isThere(face: Face, _workload: Workload, { keys, names, positions }: Work, i: number): Promise<boolean> {
    return isNumber(await face.zscore!(keys[i], names[i]), this.#scores[positions[i]]) === 1;
  }

  count(face: Face, key: string): number | Promise<number> {
    return face.zcard!(key);
  }

  /** Members by rank, and ranks by member. Where scores are equal, members have the order of their numbers. */
  #ranked(): { order: Uint32Array; ranks: Uint32Array } {
    if (this.#ranking === null) {
      const both = this.#scores.map((score, member) => score * MEMBERS_AT_MOST + member).sort();
      const order = Uint32Array.from(both, (score) => score % MEMBERS_AT_MOST);
      const ranks = new Uint32Array(order.length);
      for (let rank = 0; rank < order.length; rank++) ranks[order[rank]] = rank;
      this.#ranking = { order, ranks };
    }
    return this.#ranking;
  }
}

/** Those that members have at first, the same for all contenders. */
export function randomScores(size: number): Float64Array {
  return Float64Array.from(uniform(SCORES, size, SCORE_SEED));
}
