import { setImmediate } from "node:timers/promises";
import { type Quantiles, Times } from "../worker/times.ts";

/** How much is measured. */
export interface ScenarioPlan {
  readonly isQuick: boolean;
  readonly seed: number;
  /** For how long calls are made. */
  readonly seconds: number;
  /** Calls under way at a time. */
  readonly callers: number;
}

/** How long calls of one kind took. */
export interface Latency extends Quantiles {
  readonly call: string;
  readonly perSecond: number;
}

/** What a scenario has come to. */
export interface ScenarioResult {
  readonly latencies: Latency[];
  /** What the store was allowed to take of the memory. */
  readonly budgetBytes: number;
  /** What the process has taken of it in the end, the heap and the runtime included. */
  readonly residentBytes: number;
  /** Bytes of keys and values that it was given to hold. */
  readonly dataBytes: number;
}

/** So many calls are made one after another before the event loop gets a turn, as it would in a service. */
const CALLS_PER_TURN = 16;
/** Calls that begin before this share of the time are for caches and compiler, and do not count. */
const LEAD_IN = 0.2;

/** Makes calls for some time, so many at a time. `call` says what it has done, and fails when that was not right. */
export async function timeCalls(plan: ScenarioPlan, call: (i: number) => Promise<string>): Promise<Latency[]> {
  const times = new Map<string, Times>();
  let next = 0;
  const start = performance.now();
  const first = start + plan.seconds * LEAD_IN * 1000;
  const last = first + plan.seconds * 1000;
  const caller = async () => {
    for (let calls = 1;; calls++) {
      const before = performance.now();
      if (before > last) return;
      const name = await call(next++);
      if (before >= first) {
        const after = performance.now();
        let ofKind = times.get(name);
        if (ofKind === undefined) times.set(name, ofKind = new Times());
        ofKind.add(after - before);
      }
      if (calls % CALLS_PER_TURN === 0) await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: plan.callers }, caller));
  return Array.from(times, ([call, ofKind]) => {
    const quantiles = ofKind.summarize();
    return { call, perSecond: quantiles.calls / plan.seconds, ...quantiles };
  }).sort((a, b) => b.calls - a.calls);
}

/** Runs something with each number below `count`, so many at a time. */
export async function forEachIndex(count: number, lanes: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
