import { MemoryStore } from "../../mod.ts";
import { keyBuffer, putKey } from "../data/keys.ts";
import { shuffled } from "../data/orders.ts";
import { VALUE_BYTES } from "../data/values.ts";
import { control } from "../ferrite/control.ts";
import { Durations, type DurationSummary } from "../ferrite/durations.ts";
import { collectGarbage } from "../runtime.ts";
import type { CollectionsPlan } from "./plan.ts";
import { ELEMENT_BYTES } from "./worker/models/list.ts";
import { FIELDS } from "./worker/models/hash.ts";
import { MEMBERS } from "./worker/models/set.ts";
import { randomScores } from "./worker/models/sorted_set.ts";

/** What grows while every call is timed. */
export type StallCase = "list" | "hash" | "set" | "zset";

export const STALL_CASES: readonly StallCase[] = ["list", "hash", "set", "zset"];

/** How long single calls take, and how long nothing takes on this machine. */
export interface Stalls {
  stallCase: StallCase;
  /** Calls that make it grow, the one that deletes it, or those that write something else afterwards. */
  phase: "growth" | "del" | "writes after del";
  calls: DurationSummary;
  /** The longest calls, by their number: runs that do the same can be held against each other. */
  long: [call: number, ms: number][];
  /** A loop as long as the calls took, without a store. */
  control: DurationSummary;
}

const KEY = "grows";

/** Measures one run, in a process that has had no other store. */
export async function measureStalls(stallCase: StallCase, { seed, stalls }: CollectionsPlan): Promise<Stalls[]> {
  await using store = new MemoryStore({ maxSize: "2GB" });
  const { sync } = store;
  const phases: [Stalls["phase"], number, (i: number) => unknown][] = [
    ["growth", stalls.elements, growing(store, stallCase, stalls.elements, seed)],
    ["del", 1, () => sync.del(KEY)],
    ["writes after del", stalls.writesAfterwards, setting(store)],
  ];
  const results: Stalls[] = [];
  for (const [phase, count, call] of phases) {
    collectGarbage();
    const start = performance.now();
    const { calls, long } = timeEach(count, call);
    const ms = performance.now() - start;
    results.push({ stallCase, phase, calls, long, control: control(ms) });
    if (phase === "growth") verifyGrown(store, stallCase, count);
  }
  if (sync.size() !== stalls.writesAfterwards) throw new Error(`${stallCase}: the store counts ${sync.size()} keys`);
  return results;
}

/** What the machine does to short calls is below this on most of them. */
const LONG_MS = 0.1;
const LONG_CALLS = 10_000;

// The loop makes no garbage, so that a pause is the store's or the machine's, never the loop's.
function timeEach(count: number, call: (i: number) => unknown): Pick<Stalls, "calls" | "long"> {
  const durations = new Durations();
  const long = new Float64Array(2 * LONG_CALLS);
  let longCalls = 0;
  let last = performance.now();
  for (let i = 0; i < count; i++) {
    call(i);
    const now = performance.now();
    const ms = now - last;
    durations.add(ms);
    if (ms > LONG_MS && longCalls < LONG_CALLS) {
      long[2 * longCalls] = i;
      long[2 * longCalls + 1] = ms;
      longCalls++;
    }
    last = now;
  }
  const pairs = Array.from({ length: longCalls }, (_, i): [number, number] => [long[2 * i], long[2 * i + 1]]);
  return { calls: durations.summary(), long: pairs };
}

/**
 * The longest that a call takes in every run: all runs make the same calls, the machine's pauses come at random. 0 when
 * none is long in all of them.
 */
export function longestInEvery(runs: readonly Stalls[]): number {
  const [first, ...others] = runs.map(({ long }) => new Map(long));
  const least = [...first].map(([call, ms]) => Math.min(ms, ...others.map((run) => run.get(call) ?? 0)));
  return least.reduce((longest, ms) => Math.max(longest, ms), 0);
}

/** The calls, by their number, that make a collection grow to `count` elements: in random order but for a list. */
function growing({ sync }: MemoryStore, stallCase: StallCase, count: number, seed: number): (i: number) => unknown {
  const order = shuffled(count, seed);
  const value = new Uint8Array(ELEMENT_BYTES).fill(7);
  const field = FIELDS.buffer();
  const member = MEMBERS.buffer();
  switch (stallCase) {
    case "list": {
      const values = [value];
      return () => sync.rpush(KEY, values);
    }
    case "hash":
      return (i) => {
        FIELDS.put(field, order[i]);
        return sync.hset(KEY, field, value);
      };
    case "set": {
      const members = [member];
      return (i) => {
        MEMBERS.put(member, order[i]);
        return sync.sadd(KEY, members);
      };
    }
    case "zset": {
      const scores = randomScores(count);
      const entry: [number, Uint8Array] = [0, member];
      const entries = [entry];
      return (i) => {
        MEMBERS.put(member, order[i]);
        entry[0] = scores[i];
        return sync.zadd(KEY, entries);
      };
    }
  }
}

function setting({ sync }: MemoryStore): (i: number) => unknown {
  const key = keyBuffer();
  const value = new Uint8Array(VALUE_BYTES).fill(7);
  return (i) => {
    putKey(key, i);
    return sync.set(key, value);
  };
}

function verifyGrown({ sync }: MemoryStore, stallCase: StallCase, count: number): void {
  const counters = { list: "llen", hash: "hlen", set: "scard", zset: "zcard" } as const;
  const grown = sync[counters[stallCase]](KEY);
  if (grown !== count) throw new Error(`${stallCase}: ${grown} elements of ${count}`);
}
