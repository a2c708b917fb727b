import type { HybridLogStore, Transaction } from "@ferrite/storage";
import { pause } from "../../../src/runtime/pause.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { inTime } from "./call_order.ts";
import { openOn } from "./order_run.ts";
import { SlowFiles } from "./slow_files.ts";
import { drawSetting } from "./small_store.ts";
import { World } from "./world.ts";

const KEYS = Array.from({ length: 6 }, (_, i) => `key:${i}`);
const MOST_CALLS = 300;

/** A call on one or two keys, each of which holds letters. A letter is added where there is one. */
interface Made {
  readonly keys: readonly string[];
  readonly letter: string;
  readonly ends: Promise<(string | null)[]>;
}

type Letters = ReadonlyMap<string, string>;

/**
 * Goes back to a checkpoint while calls are under way. For each of them that has happened before it or after it, and for the
 * calls on one key, one after another, there is one moment at which that changed.
 */
export async function restoreRun(seed: number): Promise<void> {
  try {
    using _world = new World();
    await new RestoreRun(seed).go();
  } catch (error) {
    throw new Error(`restore run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

class RestoreRun {
  readonly #random: Random;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
  }

  async go(): Promise<void> {
    const random = this.#random;
    const files = new SlowFiles(new FaultyFiles({ seed: this.#seed }), new Random(this.#seed));
    const setting = { ...drawSetting(random), compaction: false };
    const { store, log } = await openOn(files, setting, "data");
    const old = new Map(KEYS.map((key) => [key, `(old ${key})`]));
    const fresh = new Map(KEYS.map((key) => [key, `(checkpoint's ${key})`]));
    for (const [key, letters] of fresh) store.sync.set(key, letters);
    await store.checkpoint("checkpoint");
    for (const [key, letters] of old) store.sync.set(key, letters);
    if (random.below(2) === 0) log.space.dropAll();
    const made: Made[] = [];
    const call = () => {
      if (made.length < MOST_CALLS) made.push(this.#call(store, made.length));
    };
    for (let i = random.below(10); i > 0; i--) call();
    let isOver = false;
    const ends = store.restore("checkpoint").finally(() => isOver = true);
    ends.catch(() => {}); // it shows below
    const most = 1 + random.below(4);
    while (!isOver) {
      // So that calls wait; until it is the log of before.
      if (random.below(6) === 0 && !log.space.isClosed) log.space.dropAll();
      for (let i = random.below(most); i > 0; i--) call();
      await pause();
    }
    await inTime(ends, "restore");
    const after = made.length;
    for (let i = random.below(10); i > 0; i--) call();
    const expected = await judge(made, after, old, fresh);
    for (const way of ["restored", "opened again"]) {
      const reader = way === "restored" ? store : (await store.close(), (await openOn(files, setting, "data")).store);
      for (const key of KEYS) {
        const found = textOf(reader.sync.get(key));
        if (found !== expected.get(key)) throw new Error(`${way}: ${key} holds ${found}, not ${expected.get(key)}`);
      }
      if (reader !== store) await reader.close();
    }
  }

  #call(store: HybridLogStore, number: number): Made {
    const random = this.#random;
    const keys = random.below(4) === 0 ? [random.pick(KEYS), random.pick(KEYS)] : [random.pick(KEYS)];
    const letter = random.below(3) === 0 ? "" : ` ${number}`;
    const change = (tx: Transaction) => {
      for (const key of keys) if (letter !== "") tx.append(key, letter);
      return keys.map((key) => textOf(tx.get(key)));
    };
    const one = async () => {
      const [key] = keys;
      if (letter === "") return [textOf(await store.get(key))];
      return [textOf(await store.update(key, (value) => textOf(value) + letter))];
    };
    const atOnce = async () => store.sync.transact(change);
    const ends = random.below(6) === 0 ? atOnce() : keys.length > 1 ? store.transact(change) : one();
    ends.catch(() => {}); // it shows when it is judged
    return { keys, letter, ends };
  }
}

/** Every call must have found what the calls before it left, of one side of the restoring. Returns what there is in the end. */
async function judge(made: readonly Made[], after: number, old: Letters, fresh: Letters): Promise<Letters> {
  const [before, behind] = [new Map(old), new Map(fresh)];
  const hasChanged = new Set<string>();
  for (const [i, { keys, letter, ends }] of made.entries()) {
    const place = `call ${i} of ${made.length}, ${keys} +${letter}`;
    const found = await inTime(ends, place).catch((error) => {
      throw new Error(`${place}: ${error}`, { cause: error });
    });
    const isBefore = i < after && !keys.some((key) => hasChanged.has(key)) && isSame(found, left(before, keys, letter));
    const side = isBefore ? before : behind;
    const expected = left(side, keys, letter);
    if (!isSame(found, expected)) throw new Error(`${place}: found ${found}, not ${expected}`);
    keys.forEach((key, k) => side.set(key, expected[k]));
    if (!isBefore) { for (const key of keys) hasChanged.add(key); }
  }
  return behind;
}

/** What keys hold after a letter has been added to each, in their order. */
function left(side: Letters, keys: readonly string[], letter: string): string[] {
  const next = new Map(side);
  for (const key of keys) next.set(key, next.get(key)! + letter);
  return keys.map((key) => next.get(key)!);
}

function isSame(found: readonly (string | null)[], expected: readonly string[]): boolean {
  return found.every((value, i) => value === expected[i]);
}

function textOf(value: Uint8Array | null): string | null {
  return value === null ? null : new TextDecoder().decode(value);
}
