import { freshKeys } from "../../data/keys.ts";
import { shuffled } from "../../data/orders.ts";
import { Random } from "../../data/random.ts";
import { type Piece, withCpuTime } from "../../worker/piece.ts";
import { collectGarbage } from "../../runtime.ts";
import type { Timing } from "../../worker/timing.ts";
import { type CloudContender, type CloudRead, CONTENDERS, type Place } from "../contenders/mod.ts";
import type { CloudPlan } from "../plan.ts";
import { BATCH_KEYS, type CloudWorkload, countOf, type KeySet, VALUE_BYTES, WORKLOADS } from "../workloads.ts";

export interface CloudRequest {
  workload: CloudWorkload;
  /** How many calls are under way at a time. */
  lanes: number;
  limitMs: number;
  seed: number;
}

export interface CloudPiece extends Piece {
  /** Requests that were made, and bytes of objects in them. */
  requests: number;
  bytes: number;
}

/** Calls that fill a bucket at a time. */
const FILL_LANES = 32;
/** Writes that are read back after a piece. */
const SAMPLES = 20;
/** The first key of each set. */
const FIRST: Readonly<Record<KeySet, number>> = { small: 0, large: 1_000_000, counter: 2_000_000 };

/** A contender with its objects in the bucket. */
export class RequestsActor {
  readonly #contender: CloudContender;
  readonly #plan: CloudPlan;
  readonly #values: Readonly<Record<"small" | "large", Uint8Array[]>>;
  /** What has been added to each counter. */
  readonly #sums: Uint32Array;

  constructor(contender: CloudContender, plan: CloudPlan) {
    this.#contender = contender;
    this.#plan = plan;
    const values = (set: "small" | "large") => makeValues(countOf(set, plan), VALUE_BYTES[set]);
    this.#values = { small: values("small"), large: values("large") };
    this.#sums = new Uint32Array(countOf("counter", plan)).fill(1);
  }

  static async open(contender: string, place: Place, plan: CloudPlan): Promise<RequestsActor> {
    const actor = new RequestsActor(await CONTENDERS[contender](place), plan);
    await actor.#fill();
    return actor;
  }

  async #fill(): Promise<void> {
    const one = new TextEncoder().encode("1");
    for (const set of ["small", "large", "counter"] as const) {
      const order = shuffled(countOf(set, this.#plan), 1);
      const keys = keysOf(set, order);
      await inLanes(FILL_LANES, keys.length, Infinity, 0, async (i) => {
        await this.#contender.fill(keys[i], set === "counter" ? one : this.#values[set][order[i]]);
        return 1;
      });
    }
  }

  async run({ workload, lanes, limitMs, seed }: CloudRequest): Promise<CloudPiece> {
    const { kind, keys: set, requests } = WORKLOADS[workload];
    const order = shuffled(countOf(set, this.#plan), seed);
    const keys = keysOf(set, order);
    const calls = kind === "mget" ? Math.floor(order.length / BATCH_KEYS) : order.length;
    const call = this.#callFor(workload, keys, order, seed);
    await this.#contender.forget();
    collectGarbage();
    // Connections are made, and what has grown cold warms up.
    const leadIn = await inLanes(lanes, calls >> 1, limitMs / 4, 0, call);
    const before = this.#contender.effort();
    const timing = await withCpuTime(() => inLanes(lanes, calls, limitMs, leadIn.end, call));
    const after = this.#contender.effort();
    if (leadIn.right + timing.right !== timing.end) {
      throw new Error(`${workload}: ${leadIn.right + timing.right} of ${timing.end} calls gave what they should`);
    }
    const made = after.requests - before.requests;
    if (made !== timing.operations * requests) {
      throw new Error(`${workload}: ${timing.operations} calls made ${made} requests, ${requests} each were expected`);
    }
    if (kind === "set") await this.#verify(keys, order, timing.end, set as "small" | "large");
    return { ...timing, requests: made, bytes: after.bytes - before.bytes };
  }

  /** What is done with the `i`th key, or batch of keys: 1 when it gave what it should. */
  #callFor(workload: CloudWorkload, keys: string[], order: Uint32Array, seed: number): (i: number) => Promise<number> {
    const { kind, keys: set } = WORKLOADS[workload];
    const contender = this.#contender;
    switch (kind) {
      case "get":
        return async (i) => isRight(await contender.get(keys[i]), order[i]);
      case "mget":
        return async (i) => {
          const first = i * BATCH_KEYS;
          const read = await contender.mget(keys.slice(first, first + BATCH_KEYS));
          return read.length === BATCH_KEYS && read.every((value, j) => isRight(value, order[first + j])) ? 1 : 0;
        };
      case "incr":
        return async (i) => await contender.incr(keys[i]) === ++this.#sums[order[i]] ? 1 : 0;
      case "set": {
        const values = this.#values[set as "small" | "large"];
        return async (i) => {
          const value = values[order[i]];
          value[ROUND_AT] = seed;
          await contender.set(keys[i], value);
          return 1;
        };
      }
    }
  }

  async #verify(keys: string[], order: Uint32Array, end: number, set: "small" | "large"): Promise<void> {
    for (let i = Math.max(0, end - SAMPLES); i < end; i++) {
      const read = await this.#contender.get(keys[i]);
      const value = this.#values[set][order[i]];
      if (read === null || !value.every((byte, at) => byte === read[at])) {
        throw new Error(`wrote ${keys[i]} and read something else`);
      }
    }
  }

  async close(): Promise<void> {
    await this.#contender.close();
  }
}

// A value is noise behind the index of its key and the round in which it was written.
const ROUND_AT = 3;

function makeValues(count: number, bytes: number): Uint8Array[] {
  const random = new Random(1);
  const noise = Uint8Array.from({ length: bytes }, () => random.below(256));
  return Array.from({ length: count }, (_, index) => {
    const value = noise.slice();
    value.set([index, index >>> 8, index >>> 16]);
    return value;
  });
}

function isRight(read: CloudRead, index: number): number {
  return read !== null && read[0] === (index & 255) && read[1] === (index >>> 8 & 255) && read[2] === index >>> 16
    ? 1
    : 0;
}

function keysOf(set: KeySet, order: Uint32Array): string[] {
  return freshKeys(order.map((index) => FIRST[set] + index));
}

/** Makes calls from `first` on, so many at a time, until the time is over, and waits for them. */
async function inLanes(
  lanes: number,
  calls: number,
  limitMs: number,
  first: number,
  call: (i: number) => Promise<number>,
): Promise<Timing> {
  let next = first;
  let right = 0;
  const start = performance.now();
  const lane = async () => {
    while (next < calls && performance.now() - start < limitMs) {
      const isRight = await call(next++);
      right += isRight;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { end: next, operations: next - first, ms: performance.now() - start, right };
}
