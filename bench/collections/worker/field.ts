import { type CollectionsPlan, isLoadedInPieces } from "../plan.ts";
import type { CollectionContender, Face } from "../rivals/contender.ts";
import type { Group, Workload } from "../workloads.ts";
import { isLoad, isSlowForSome, WORKLOADS } from "../workloads.ts";
import { HashModel } from "./models/hash.ts";
import { ListModel } from "./models/list.ts";
import type { Model, Parts } from "./models/model.ts";
import { SetModel } from "./models/set.ts";
import { SmallHashesModel } from "./models/small_hashes.ts";
import { SortedSetModel } from "./models/sorted_set.ts";
import type { Work } from "./work.ts";

const MODELS: Readonly<Record<Group, new (size: number) => Model>> = {
  list: ListModel,
  hash: HashModel,
  set: SetModel,
  zset: SortedSetModel,
  small: SmallHashesModel,
};
const STEP = 100;
const SLOW_STEP = 10;
/** A cut costs a call or two: not more often than this, and not before so many inserts. */
const LEAST_INSERTS = 50;

/** A collection of one face of a contender, with what it should hold and the work that is to be done on it. */
export class Field {
  readonly group: Group;
  readonly size: number;
  readonly face: Face;
  readonly model: Model;
  readonly #contender: CollectionContender;
  readonly #plan: CollectionsPlan;
  #loadOrder: Uint32Array | null = null;

  constructor(contender: CollectionContender, face: Face, group: Group, size: number, plan: CollectionsPlan) {
    this.#contender = contender;
    this.face = face;
    this.group = group;
    this.size = size;
    this.#plan = plan;
    this.model = new MODELS[group](size);
  }

  /** Whether the load is one, done in pieces, in place of many small ones. */
  get isLoadedInPieces(): boolean {
    return isLoadedInPieces(this.group, this.size);
  }

  /** The key of the collection that everything but the load works on. */
  get key(): string {
    return `${this.group}:${this.size}:${this.face.isAsync ? "async" : "sync"}`;
  }

  /** The work of one round. */
  prepare(workload: Workload, round: number): Work {
    // Each round has an order of its own, the same one for all contenders.
    const seed = this.#plan.seed + round * 1_000 + WORKLOADS[this.group].indexOf(workload) * 100;
    if (isLoad(workload)) return this.isLoadedInPieces ? this.#pieceOfLoad(round) : this.#manyLoads(seed, round);
    const count = this.#count;
    const cutAfter = Math.max(LEAST_INSERTS, this.size >> 2);
    const expected = Float64Array.from({ length: count }, (_, i) => this.size + i % cutAfter + 1);
    const parts = this.model.work(workload, count, seed);
    return this.#work(count, workload === "linsertAt" ? { ...parts, expected } : parts, {
      cutAfter,
      cutTo: this.size,
      leadIn: count / 5,
      limitMs: this.#plan.limitMs,
      step: isSlowForSome(workload) ? SLOW_STEP : STEP,
    });
  }

  /** The first elements of the load: this share of them. */
  fill(share: number): Work {
    const elements = this.#elements.subarray(0, Math.floor(this.#elements.length * share));
    return this.#work(elements.length, this.model.load(elements), {});
  }

  get #elements(): Uint32Array {
    return this.#loadOrder ??= this.model.loadOrder(this.#plan.seed);
  }

  get #count(): number {
    return this.face.isAsync ? this.#plan.operations / 4 : this.#plan.operations;
  }

  /** The second half is what is timed: the collection is to be about as large as it is said to be. */
  #pieceOfLoad(round: number): Work {
    const half = this.#elements.length / 2;
    const end = (round: number) => Math.floor(half + round * half / this.#plan.rounds);
    const elements = this.#elements.subarray(end(round - 1), end(round));
    return this.#work(elements.length, this.model.load(elements), { leadIn: Math.floor(elements.length / 10) });
  }

  /** One collection after another, each under a key of its own. */
  #manyLoads(seed: number, round: number): Work {
    const { size } = this;
    const count = Math.max(this.#count, size);
    const order = new Uint32Array(count);
    const keys: string[] = new Array(count);
    for (let start = 0; start < count; start += size) {
      const some = this.model.loadOrder(seed + start).subarray(0, count - start);
      order.set(some, start);
      keys.fill(`${this.key}:${round}:${start}`, start, start + some.length);
    }
    return this.#work(count, { keys, ...this.model.load(order) }, { leadIn: count / 5, limitMs: this.#plan.limitMs });
  }

  #work(count: number, parts: Parts, rest: Partial<Work>): Work {
    const wrap = this.#contender.wrap;
    const none = new Float64Array(0);
    return {
      count,
      keys: parts.keys ?? new Array<string>(count).fill(this.key),
      names: parts.names ?? [],
      values: (wrap ? parts.values?.map(wrap) : parts.values) ?? [],
      positions: parts.positions ?? new Uint32Array(0),
      scores: parts.scores ?? none,
      expected: parts.expected ?? none,
      cutAfter: Infinity,
      cutTo: 0,
      leadIn: 0,
      step: STEP,
      limitMs: Infinity,
      ...rest,
    };
  }
}
