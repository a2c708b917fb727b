import { HybridLogStore } from "../../../mod.ts";
import { freshKey, KEY_BYTES } from "../../data/keys.ts";
import { Random } from "../../data/random.ts";
import { Durations, type DurationSummary } from "../../ferrite/durations.ts";
import { collectGarbage } from "../../runtime.ts";
import { turn } from "../../worker/turn.ts";
import { GapMeter, type Gaps } from "./gaps.ts";

export interface StallsRequest {
  directory: string;
  keys: number;
  /** Of each phase at least. */
  seconds: number;
  seed: number;
}

/** What the store does in the background while it is written to. */
export type StallPhase = "no store" | "growth" | "overwrites" | "index" | "compaction" | "checkpoint";

export interface StallFindings {
  phase: StallPhase;
  seconds: number;
  writes: number;
  gaps: Gaps;
  /** Without what others on the machine had of them. */
  ownGaps: Gaps;
  /** From a call of `get` of a key in memory to its answer. */
  gets: DurationSummary;
  /** What one call of `set` takes before it returns its promise. */
  sets: DurationSummary;
}

const VALUE_BYTES = 100;
/** Writes in a turn of the event loop. */
const WRITES = 100;
const GETS = 4;
/** The keys written last that are read: they are in memory. */
const RECENT = 1_000;

/** One store through all phases, with writers that do not wait for each other. */
export async function measureStalls(request: StallsRequest): Promise<StallFindings[]> {
  const { directory, seconds, keys, seed } = request;
  const found: StallFindings[] = [];
  found.push(await underLoad("no store", seconds, new NoStore(), () => pastMs(seconds * 1_000)));
  const store = await HybridLogStore.open({
    dataDir: directory,
    mutableSize: "8MB",
    readonlySize: "120MB",
    segmentSize: "16MB",
    durability: "interval",
  });
  try {
    const load = new StoreLoad(store, keys, seed);
    const phases: [StallPhase, () => Promise<unknown>][] = [
      ["growth", () => load.grown()],
      ["overwrites", () => pastMs(seconds * 1_000)],
      ["index", () => store.saveIndex()],
      ["compaction", () => store.compact()],
      ["checkpoint", () => store.checkpoint(`${directory}/checkpoint`)],
    ];
    for (const [phase, work] of phases) found.push(await underLoad(phase, seconds, load, work));
    if (store.maintenanceError !== null) throw store.maintenanceError;
  } finally {
    await store.close();
  }
  return found;
}

/** What is done in each turn. */
interface Load {
  set(durations: Durations): Promise<unknown>;
  get(): Promise<unknown>;
}

async function underLoad(
  phase: StallPhase,
  seconds: number,
  load: Load,
  work: () => Promise<unknown>,
): Promise<StallFindings> {
  await turn();
  collectGarbage();
  await turn();
  const gets = new Durations();
  const sets = new Durations();
  let isDone = false;
  const start = performance.now();
  const meter = new GapMeter();
  const working = work().finally(() => isDone = true);
  let writes = 0;
  // What takes a moment only is looked at with what comes after it.
  while (!isDone || performance.now() - start < Math.min(1, seconds) * 1_000) {
    const pending: Promise<unknown>[] = [];
    for (let i = 0; i < WRITES; i++) pending.push(load.set(sets));
    writes += WRITES;
    for (let i = 0; i < GETS; i++) {
      const asked = performance.now();
      await load.get();
      gets.add(performance.now() - asked);
    }
    await Promise.all(pending);
    await turn();
  }
  await working;
  const { all, own } = meter.stop();
  const took = (performance.now() - start) / 1_000;
  return { phase, seconds: took, writes, gaps: all, ownGaps: own, gets: gets.summary(), sets: sets.summary() };
}

/** The same turns with copies of the bytes: what they show is the noise of the machine, and of this loop. */
class NoStore implements Load {
  readonly #from = new Uint8Array(VALUE_BYTES + KEY_BYTES);
  readonly #to = new Uint8Array(2 ** 16);
  #next = 0;

  set(durations: Durations): Promise<unknown> {
    const start = performance.now();
    this.#to.set(this.#from, this.#next++ * 128 % 2 ** 15);
    durations.add(performance.now() - start);
    return Promise.resolve();
  }

  get(): Promise<unknown> {
    return Promise.resolve(this.#to.slice(0, VALUE_BYTES));
  }
}

/** New keys until there are enough, and from then on keys at random. */
class StoreLoad implements Load {
  readonly #store: HybridLogStore;
  readonly #keys: number;
  readonly #random: Random;
  readonly #value = new Uint8Array(VALUE_BYTES).fill(7);
  readonly #recent: Uint32Array = new Uint32Array(RECENT);
  #written = 0;
  #whenGrown: (() => void) | null = null;

  constructor(store: HybridLogStore, keys: number, seed: number) {
    this.#store = store;
    this.#keys = keys;
    this.#random = new Random(seed);
  }

  grown(): Promise<void> {
    return new Promise((resolve) => this.#whenGrown = resolve);
  }

  set(durations: Durations): Promise<unknown> {
    const index = this.#written < this.#keys ? this.#written : this.#random.below(this.#keys);
    const key = freshKey(index);
    const start = performance.now();
    const set = this.#store.set(key, this.#value);
    durations.add(performance.now() - start);
    this.#recent[this.#written++ % RECENT] = index;
    if (this.#written === this.#keys) this.#whenGrown?.();
    return set;
  }

  async get(): Promise<void> {
    const key = freshKey(this.#recent[this.#random.below(Math.min(RECENT, this.#written))]);
    const value = await this.#store.get(key);
    if (value?.length !== VALUE_BYTES) throw new Error(`${key} is not there`);
  }
}

function pastMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
