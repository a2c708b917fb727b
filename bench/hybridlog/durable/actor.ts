import { freshKeys } from "../../data/keys.ts";
import { uniform } from "../../data/orders.ts";
import { collectGarbage } from "../../runtime.ts";
import { Values } from "../../ycsb/values.ts";
import { DURABLE_VALUE_BYTES, type DurableContender } from "./contender.ts";
import { DURABLE } from "./contenders.ts";

/** Writes that are read back after a piece. */
const SAMPLES = 1_000;

export interface DurableRequest {
  writers: number;
  /** Among which writes are spread. */
  keys: number;
  limitMs: number;
  /** Writes at most. */
  operations: number;
  seed: number;
}

export interface DurableTiming {
  writes: number;
  ms: number;
  /** Of Ferrite: bytes written to files, and syncs. */
  bytesWritten: number | null;
  syncs: number | null;
}

export async function openDurable(name: string, directory: string, request: DurableRequest): Promise<DurableActor> {
  const actor = new DurableActor(await DURABLE[name].open(directory));
  await actor.run({ ...request, limitMs: request.limitMs / 2 }); // warms up
  return actor;
}

export class DurableActor {
  readonly #contender: DurableContender;
  readonly #values = new Values(DURABLE_VALUE_BYTES);

  constructor(contender: DurableContender) {
    this.#contender = contender;
  }

  async run({ writers, keys, limitMs, operations, seed }: DurableRequest): Promise<DurableTiming> {
    const order = uniform(keys, operations, seed);
    const work = { order, keys: freshKeys(order), values: this.#values, writers, limitMs };
    collectGarbage();
    const before = this.#contender.figures?.();
    const start = performance.now();
    const writes = await this.#contender.write(work);
    const ms = performance.now() - start;
    const after = this.#contender.figures?.();
    await this.#verify(order, writes);
    return {
      writes,
      ms,
      bytesWritten: before === undefined ? null : after!.bytesWritten - before.bytesWritten,
      syncs: before === undefined ? null : after!.syncs - before.syncs,
    };
  }

  async #verify(order: Uint32Array, writes: number): Promise<void> {
    const { get } = this.#contender;
    if (get === undefined) return;
    const written = order.subarray(Math.max(0, writes - SAMPLES), writes);
    for (const [i, key] of freshKeys(written).entries()) {
      if (!this.#values.isWhole(await get(key), written[i], 0)) {
        throw new Error(`wrote ${key} and read something else`);
      }
    }
  }

  async close(): Promise<void> {
    await this.#contender.close();
  }
}
