import { MemoryStore } from "../../../mod.ts";
import { CloudStore, memoryObjects } from "../../../src/cloud/mod.ts";
import { freshKeys } from "../../data/keys.ts";
import { shuffled, uniform } from "../../data/orders.ts";
import { freshValues } from "../../data/values.ts";
import { type Piece, withCpuTime } from "../../worker/piece.ts";
import { collectGarbage } from "../../runtime.ts";
import { timeGets } from "../../worker/time_async.ts";

export interface HitsRequest {
  calls: number;
  limitMs: number;
  seed: number;
}

export const HIT_CONTENDERS = ["cloud store, cache", "memory store"] as const;
export type HitContender = typeof HIT_CONTENDERS[number];

const BYTES = "256MB";

/** A store that has all its keys in memory. */
export class HitsActor {
  readonly #store: CloudStore | MemoryStore;
  readonly #keys: number;

  constructor(contender: HitContender, keys: number) {
    this.#keys = keys;
    this.#store = contender === "memory store"
      ? new MemoryStore({ maxSize: BYTES })
      : new CloudStore({ storage: memoryObjects(), cache: { size: BYTES, maxStalenessMs: Infinity } });
  }

  static async open(contender: HitContender, keys: number): Promise<HitsActor> {
    const actor = new HitsActor(contender, keys);
    const order = shuffled(keys, 1);
    const values = freshValues(order, 0);
    for (const [i, key] of freshKeys(order).entries()) await actor.#store.set(key, values[i]);
    return actor;
  }

  async run({ calls, limitMs, seed }: HitsRequest): Promise<Piece> {
    const leadIn = calls / 5;
    const order = uniform(this.#keys, calls + leadIn, seed);
    const work = { order, keys: freshKeys(order), values: [], leadIn, limitMs };
    collectGarbage();
    const before = this.#requests();
    const store = this.#store;
    const face = { label: "", isAsync: true as const, get: (key: string) => store.get(key) };
    const piece = await withCpuTime(() => timeGets(face, work));
    if (piece.right !== piece.operations) throw new Error(`${piece.right} of ${piece.operations} reads were right`);
    if (this.#requests() !== before) throw new Error("reads of what is in the cache have made requests");
    return piece;
  }

  #requests(): number {
    return this.#store instanceof CloudStore ? this.#store.stats().reads : 0;
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}
