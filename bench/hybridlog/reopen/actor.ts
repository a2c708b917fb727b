import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { HybridLogStore } from "../../../mod.ts";
import { freshKeys } from "../../data/keys.ts";
import { uniform } from "../../data/orders.ts";
import { Values } from "../../ycsb/values.ts";
import { turn } from "../../worker/turn.ts";
import { warmCache } from "../../ycsb/warm_cache.ts";

export interface ReopenRequest {
  directory: string;
  keys: number;
  /** Of the store: its data is larger. */
  memory: string;
}

export interface Reopening {
  seconds: number;
  usedIndexFile: boolean;
  replayedRecords: number;
  /** In memory, and in the file, if that was there. */
  indexBytes: number;
  indexFileBytes: number;
  logBytes: number;
}

const VALUE_BYTES = 100;
const STEP = 1_000;
const SAMPLES = 1_000;
const MUTABLE = "16MB";

/** Writes the keys one after the other, and closes the store, which saves its index. */
export async function fillForReopen({ directory, keys, memory }: ReopenRequest): Promise<null> {
  await using store = await open(directory, memory);
  const values = new Values(VALUE_BYTES);
  const order = new Uint32Array(STEP);
  for (let from = 0; from < keys; from += STEP) {
    for (let i = 0; i < STEP; i++) order[i] = from + i;
    const names = freshKeys(order);
    for (let i = 0; i < STEP; i++) store.sync.set(names[i], values.at(from + i, from + i));
    await turn();
  }
  return null;
}

/** Opens the store once, and looks whether all is there. */
export async function reopen({ directory, keys, memory }: ReopenRequest): Promise<Reopening> {
  const indexFileBytes = indexFilesIn(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  warmCache(directory);
  const start = performance.now();
  await using store = await open(directory, memory);
  const seconds = (performance.now() - start) / 1_000;
  const { usedIndexFile, replayedRecords } = store.recovery;
  const { unverified } = store.stats();
  const size = store.sync.size();
  if (Math.abs(size - keys) > unverified) throw new Error(`the store counts ${size} of ${keys} keys`);
  const values = new Values(VALUE_BYTES);
  const order = uniform(keys, SAMPLES, 1);
  for (const [i, key] of freshKeys(order).entries()) {
    if (!values.isWhole(store.sync.get(key), order[i], 0)) throw new Error(`${key} is not there`);
  }
  const { indexBytes, logBytes } = store.stats();
  return { seconds, usedIndexFile, replayedRecords, indexBytes, indexFileBytes, logBytes };
}

export function indexFilesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".idx"));
}

function open(directory: string, memory: string): Promise<HybridLogStore> {
  return HybridLogStore.open({
    dataDir: directory,
    mutableSize: MUTABLE,
    readonlySize: memory,
    durability: "manual",
  });
}
