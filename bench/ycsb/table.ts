import { freshKeys } from "../data/keys.ts";
import { shuffled } from "../data/orders.ts";
import { collectGarbage } from "../runtime.ts";
import type { Timing } from "../worker/timing.ts";
import type { Face, TableContender } from "./contenders/contender.ts";
import { Values } from "./values.ts";
import { turn } from "../worker/turn.ts";
import { type Piece, withCpuTime } from "../worker/piece.ts";
import { timeAwaited } from "./time_awaited.ts";
import { type CallTimes, timeEach } from "./time_each.ts";
import { loopFor, timeSync } from "./time_sync.ts";
import { type Work, workFor, type WorkPlan } from "./work.ts";
import { stepFor, type YcsbWorkload } from "./workloads.ts";

/** Keys that are made at a time for the load. */
const BLOCK = 50_000;
/** Of the time and the calls of a piece, so much comes first and does not count. */
const LEAD_IN = 1 / 4;
/** The contender of a process, filled, and how often each of its values has been changed. */
export class Table {
  readonly contender: TableContender;
  readonly #values: Values;
  /** As many writes are read back after each piece. */
  readonly #step: number;
  #changes: Uint32Array<ArrayBuffer>;

  constructor(contender: TableContender, keys: number, valueBytes: number) {
    this.contender = contender;
    this.#values = new Values(valueBytes);
    this.#step = stepFor(valueBytes);
    this.#changes = new Uint32Array(keys);
  }

  /** Writes every key once, in random order, or without a seed in that of the keys. */
  async load(seed: number | null): Promise<Timing> {
    const face = this.contender.faces[0];
    const { length } = this.#changes;
    const order = seed === null ? Uint32Array.from({ length }, (_, i) => i) : shuffled(length, seed);
    let ms = 0;
    for (let from = 0; from < order.length; from += BLOCK) {
      const block = order.subarray(from, from + BLOCK);
      const keys = freshKeys(block);
      const start = performance.now();
      for (let i = 0; i < block.length; i += this.#step) {
        await this.#write(face, block, keys, i, Math.min(i + this.#step, block.length));
        await turn();
      }
      ms += performance.now() - start;
    }
    await this.#verify(order.subarray(-this.#step));
    return { end: order.length, operations: order.length, ms, right: order.length };
  }

  async #write(face: Face, order: Uint32Array, keys: string[], start: number, end: number): Promise<void> {
    if (face.setMany !== undefined) {
      const values = Array.from({ length: end - start }, (_, i) => this.#values.at(i, order[start + i]));
      return await face.setMany(keys.slice(start, end), values, values.length);
    }
    if (face.isAwaited) {
      const lane = async (from: number) => {
        for (let i = from; i < end; i += face.lanes) {
          await face.set!(keys[i], this.#values.at(i, order[i]));
        }
      };
      await Promise.all(Array.from({ length: face.lanes }, (_, i) => lane(start + i)));
      return;
    }
    const set = () => {
      for (let i = start; i < end; i++) {
        face.set!(keys[i], this.#values.at(i, order[i]));
      }
    };
    if (face.transact !== undefined) face.transact(set);
    else set();
  }

  /** Runs one timed piece. Throws when a read was wrong or a write is not there. */
  async run(label: string, workload: YcsbWorkload, plan: WorkPlan): Promise<Piece> {
    const face = this.contender.faces.find((face) => face.label === label)!;
    const work = workFor(workload, this.#changes.length, plan, this.#values);
    collectGarbage();
    const { length } = work.keys;
    const most = Math.floor(length * LEAD_IN / work.step) * work.step; // whole steps: see `latest`
    const leadIn = await time(face, workload, work, 0, most, work.limitMs * LEAD_IN);
    const timing = await withCpuTime(() => time(face, workload, work, leadIn.end, length, work.limitMs));
    const right = leadIn.right + timing.right;
    if (right !== timing.end) {
      throw new Error(`${face.label}, ${workload}: ${right} of ${timing.end} calls gave the right value`);
    }
    await this.#verifyWrites(work, workload, timing.end);
    if (workload !== "C") await this.contender.rest?.();
    return timing;
  }

  /** Times each call of a piece of A, one after another. */
  async timeEach(plan: WorkPlan): Promise<CallTimes> {
    const work = workFor("A", this.#changes.length, plan, this.#values);
    collectGarbage();
    const face = this.contender.faces.find((face) => face.set !== undefined) ??
      this.contender.faces[0];
    const times = await timeEach(face, work);
    await this.#verifyWrites(work, "A", times.calls);
    await this.contender.rest?.();
    return times;
  }

  async #verifyWrites({ order, writes }: Work, workload: YcsbWorkload, end: number): Promise<void> {
    const written = new Set<number>();
    if (workload === "D") this.#grow(writes.subarray(0, end));
    for (let i = 0; i < end; i++) {
      if (writes[i] === 0) continue;
      if (workload === "F") this.#changes[order[i]]++;
      else this.#changes[order[i]] = 0;
    }
    for (let i = end - 1; i >= 0 && written.size < this.#step; i--) {
      if (writes[i] === 1) written.add(order[i]);
    }
    await this.#verify(Uint32Array.from(written));
  }

  #grow(writes: Uint8Array): void {
    const grown = new Uint32Array(this.#changes.length + writes.reduce((sum, write) => sum + write, 0));
    grown.set(this.#changes);
    this.#changes = grown;
  }

  /** Reads values back, whole: fast writes of nothing must not win. */
  async #verify(order: Uint32Array): Promise<void> {
    const face = this.contender.faces[0];
    for (const [i, key] of freshKeys(order).entries()) {
      const value = await face.get(key);
      if (this.#values.isWhole(value, order[i], this.#changes[order[i]])) continue;
      const found = value == null ? "nothing" : `${value.length} bytes that begin with ${value.subarray(0, 8)}`;
      throw new Error(`${face.label}: wrote ${key}, changed it ${this.#changes[order[i]]} times, and read ${found}`);
    }
  }
}

function time(
  face: Face,
  workload: YcsbWorkload,
  work: Work,
  first: number,
  last: number,
  limitMs: number,
): Promise<Timing> {
  return face.isAwaited
    ? timeAwaited(face, workload, work, first, last, limitMs)
    : timeSync(loopFor(face, workload), face, work, first, last, limitMs);
}
