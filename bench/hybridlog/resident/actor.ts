import { HybridLogStore, MemoryStore } from "../../../mod.ts";
import { freshKeys } from "../../data/keys.ts";
import { Names } from "../../data/names.ts";
import { shuffled, uniform } from "../../data/orders.ts";
import { collectGarbage } from "../../runtime.ts";
import type { Timing } from "../../worker/timing.ts";
import { ferriteOptions } from "../../ycsb/contenders/ferrite.ts";
import type { Means } from "../../ycsb/contenders/contender.ts";
import { isRight, Values } from "../../ycsb/values.ts";
import { type Piece, withCpuTime } from "../../worker/piece.ts";
import { turn } from "../../worker/turn.ts";

/** What is called on data that fits in memory: on keys, on one hash, and on one sorted set. */
export type ResidentWorkload =
  | "get"
  | "set"
  | "hget"
  | "hset"
  | "zscore"
  | "zadd";

export const RESIDENT_WORKLOADS: readonly ResidentWorkload[] = ["get", "set", "hget", "hset", "zscore", "zadd"];

export interface ResidentPlan {
  keys: number;
  /** Of the hash, and of the sorted set. */
  elements: number;
}

export interface ResidentRequest {
  workload: ResidentWorkload;
  operations: number;
  limitMs: number;
  seed: number;
}

type Sync = (MemoryStore | HybridLogStore)["sync"];

const VALUE_BYTES = 100;
const ELEMENT_BYTES = 16;
const HASH = "hash";
const ZSET = "zset";
const FIELDS = new Names("field:", 6);
const MEMBERS = new Names("member:", 6);
const STEP = 1_000;

/** What the loops work on. */
interface Work {
  order: Uint32Array;
  names: string[];
  values: Values;
  scores: Float64Array;
}

type Loop = (sync: Sync, work: Work, start: number, end: number) => number;

const LOOPS: Readonly<Record<ResidentWorkload, Loop>> = {
  get(sync, { order, names, values: { bytes } }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) {
      if (isRight(sync.get(names[i]), order[i], bytes)) right++;
    }
    return right;
  },
  set(sync, { order, names, values }, start, end) {
    for (let i = start; i < end; i++) {
      sync.set(names[i], values.at(i, order[i]));
    }
    return end - start;
  },
  hget(sync, { order, names, values: { bytes } }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) {
      if (isRight(sync.hget(HASH, names[i]), order[i], bytes)) right++;
    }
    return right;
  },
  hset(sync, { order, names, values }, start, end) {
    for (let i = start; i < end; i++) {
      sync.hset(HASH, names[i], values.at(i, order[i]));
    }
    return end - start;
  },
  zscore(sync, { names }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) {
      if (sync.zscore(ZSET, names[i]) !== null) right++;
    }
    return right;
  },
  zadd(sync, { names, scores }, start, end) {
    for (let i = start; i < end; i++) sync.zadd(ZSET, [[scores[i], names[i]]]);
    return end - start;
  },
};

/** A store all of whose data is in memory. */
export class ResidentActor {
  readonly #store: MemoryStore | HybridLogStore;
  readonly #plan: ResidentPlan;
  readonly #values = new Values(VALUE_BYTES);
  readonly #elements = new Values(ELEMENT_BYTES);

  constructor(store: MemoryStore | HybridLogStore, plan: ResidentPlan) {
    this.#store = store;
    this.#plan = plan;
  }

  async fill(): Promise<void> {
    const { keys, elements } = this.#plan;
    await this.#go("set", shuffled(keys, 1), Infinity);
    await this.#go("hset", shuffled(elements, 2), Infinity);
    await this.#go("zadd", shuffled(elements, 3), Infinity);
  }

  async run({ workload, operations, limitMs, seed }: ResidentRequest): Promise<Piece> {
    const isOfKeys = workload === "get" || workload === "set";
    const order = uniform(isOfKeys ? this.#plan.keys : this.#plan.elements, operations, seed);
    return await this.#go(workload, order, limitMs);
  }

  async #go(workload: ResidentWorkload, order: Uint32Array, limitMs: number): Promise<Piece> {
    const ofZset = workload === "zadd" || workload === "zscore";
    const isOfKeys = workload === "get" || workload === "set";
    const names = isOfKeys ? freshKeys(order) : (ofZset ? MEMBERS : FIELDS).freshAll(order);
    const work: Work = {
      order,
      names,
      values: isOfKeys ? this.#values : this.#elements,
      scores: workload === "zadd" ? scoresFor(order) : new Float64Array(0),
    };
    collectGarbage();
    const leadIn = limitMs === Infinity
      ? { end: 0, right: 0 }
      : await time(this.#store.sync, workload, work, 0, limitMs / 4);
    const timing = await withCpuTime(() => time(this.#store.sync, workload, work, leadIn.end, limitMs));
    if (timing.right + leadIn.right !== timing.end) {
      throw new Error(`${workload}: ${timing.right + leadIn.right} of ${timing.end} calls gave what they should`);
    }
    return timing;
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

/** Scores that differ from round to round, so that members move. */
function scoresFor(order: Uint32Array): Float64Array {
  return Float64Array.from(order, (index, i) => (index * 7_919 + i * 104_729) % 1_000_003);
}

async function time(
  sync: Sync,
  workload: ResidentWorkload,
  work: Work,
  first: number,
  limitMs: number,
): Promise<Timing> {
  const loop = LOOPS[workload];
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < work.order.length && ms < limitMs) {
    const end = Math.min(done + STEP, work.order.length);
    right += loop(sync, work, done, end);
    done = end;
    await turn();
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

export async function openResident(contender: string, means: Means, plan: ResidentPlan): Promise<ResidentActor> {
  const actor = new ResidentActor(await open(contender, means), plan);
  await actor.fill();
  return actor;
}

async function open(contender: string, means: Means): Promise<MemoryStore | HybridLogStore> {
  if (contender === "memory") {
    return new MemoryStore({ maxSize: means.budgetBytes });
  }
  const durability = contender === "hybrid log, interval" ? "interval" : "manual";
  return await HybridLogStore.open({ ...ferriteOptions(means), durability });
}
