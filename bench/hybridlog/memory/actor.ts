import { HybridLogStore } from "../../../mod.ts";
import { keyBuffer, putKey } from "../../data/keys.ts";
import { Random } from "../../data/random.ts";
import { collectGarbage } from "../../runtime.ts";
import { ferriteOptions } from "../../ycsb/contenders/ferrite.ts";
import { processMemory } from "../../ycsb/process.ts";
import { turn } from "../../worker/turn.ts";

export interface MemoryRequest {
  directory: string;
  /** 0 for the same work without a store. */
  budgetBytes: number;
  keys: number;
}

/** Anonymous memory of the process, in bytes. */
export interface MemoryFindings {
  before: number;
  /** The most there was of it during the load, and then during reads and overwrites. */
  loading: number;
  mixed: number;
  /** In the end, garbage collected. */
  after: number;
  seconds: number;
}

const VALUE_BYTES = 1_024;
const STEP = 1_000;
const WRITE_SHARE = 1 / 4;

/** Loads data of many times the budget, then reads and overwrites at random, and watches what the process takes. */
export async function watchMemory({ directory, budgetBytes, keys }: MemoryRequest): Promise<MemoryFindings> {
  const store = budgetBytes === 0
    ? null
    : await HybridLogStore.open(ferriteOptions({ directory, budgetBytes, writeBytes: budgetBytes * WRITE_SHARE }));
  collectGarbage();
  const before = anonBytes();
  const start = performance.now();
  const key = keyBuffer();
  const value = new Uint8Array(VALUE_BYTES).fill(7);
  const random = new Random(1);
  const peaks = [0, 0];
  for (const phase of [0, 1]) {
    for (let done = 0; done < keys; done += STEP) {
      for (let i = 0; i < STEP; i++) {
        putKey(key, phase === 0 ? done + i : random.below(keys));
        if (phase === 0 || i % 2 === 0) store?.sync.set(key, value);
        else if (store !== null && store.sync.get(key)?.length !== VALUE_BYTES) throw new Error("a key is not there");
      }
      await turn();
      if (done / STEP % 8 === 0) peaks[phase] = Math.max(peaks[phase], anonBytes());
    }
  }
  const seconds = (performance.now() - start) / 1_000;
  collectGarbage();
  const after = anonBytes();
  await store?.close();
  return { before, loading: peaks[0], mixed: peaks[1], after, seconds };
}

function anonBytes(): number {
  const { anonBytes } = processMemory();
  if (anonBytes === null) throw new Error("this system does not tell anonymous memory apart");
  return anonBytes;
}
