import { MemoryStore } from "../../mod.ts";
import { freshKeys } from "../data/keys.ts";
import { hotSet, uniform } from "../data/orders.ts";
import { median } from "../data/median.ts";
import { collectGarbage } from "../runtime.ts";
import { isRight, Values } from "../ycsb/values.ts";

export interface ReadersRequest {
  callers: number[];
  keys: number;
  operations: number;
  rounds: number;
  order: "uniform" | "hot";
  seed: number;
}

type Read = (key: string) => Promise<Uint8Array | null>;

const VALUE_BYTES = 100;
const BLOCK = 50_000;

/** Reads a second of callers who each await one after the other, by the number of callers. */
export async function measureReaders(request: ReadersRequest): Promise<Record<string, number[]>> {
  const { callers, keys, operations, rounds, seed } = request;
  await using store = new MemoryStore({ maxSize: "1GB" });
  fill(store, keys);
  const reads: Record<string, Read> = { get: (key) => store.get(key), "get, gathered": gatherer(store) };
  const rates: Record<string, number[]> = {};
  for (const [at, lanes] of callers.entries()) {
    const figures: Record<string, number[]> = {};
    for (let round = 0; round <= rounds; round++) {
      for (const [name, read] of Object.entries(reads)) {
        const draw = request.order === "hot" ? hotSet : uniform;
        const order = draw(keys, operations, seed + round * 100 + at);
        const rate = await timeReads(read, order, lanes);
        if (round > 0) (figures[name] ??= []).push(rate); // the first one warms up
      }
    }
    for (const name in figures) (rates[name] ??= [])[at] = median(figures[name]);
  }
  return rates;
}

function fill(store: MemoryStore, keys: number): void {
  const values = new Values(VALUE_BYTES);
  for (let from = 0; from < keys; from += BLOCK) {
    const order = Uint32Array.from({ length: Math.min(BLOCK, keys - from) }, (_, i) => from + i);
    for (const [i, key] of freshKeys(order).entries()) store.sync.set(key, values.at(from + i, from + i));
  }
}

/** What `get` would be if it gathered the calls of a turn for one batched read: see docs/design.md. */
function gatherer(store: MemoryStore): Read {
  let keys: string[] = [];
  let resolvers: ((value: Uint8Array | null) => void)[] = [];
  function answer(): void {
    const waiting = resolvers;
    const values = store.sync.mget(keys);
    keys = [];
    resolvers = [];
    for (let i = 0; i < waiting.length; i++) waiting[i](values[i]);
  }
  return (key) => {
    if (keys.length === 0) queueMicrotask(answer);
    keys.push(key);
    return new Promise((resolve) => resolvers.push(resolve));
  };
}

async function timeReads(read: Read, order: Uint32Array, lanes: number): Promise<number> {
  const keys = freshKeys(order);
  collectGarbage();
  let right = 0;
  const lane = async (from: number) => {
    for (let i = from; i < keys.length; i += lanes) {
      if (isRight(await read(keys[i]), order[i], VALUE_BYTES)) right++;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: lanes }, (_, i) => lane(i)));
  const ms = performance.now() - start;
  if (right !== keys.length) throw new Error(`${right} of ${keys.length} reads gave the right value`);
  return keys.length / ms * 1_000;
}
