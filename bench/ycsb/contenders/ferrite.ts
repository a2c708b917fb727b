import { setTimeout } from "node:timers/promises";
import { type HybridLogOptions, HybridLogStore } from "../../../mod.ts";
import type { Log } from "../../../src/hybridlog/log.ts";
import type { Means, OwnFigures, TableContender } from "./contender.ts";

/** Of what is not mutable, the index may take so much: with values of 100 bytes it needs most of it. */
const INDEX_SHARE = 0.9;
/** The one that a store has if nothing is said. */
const LARGEST_SEGMENT_BYTES = 64 * 2 ** 20;

/** The options with which `means` are kept to; nothing is synced before it is closed. */
export function ferriteOptions({ directory, budgetBytes, writeBytes }: Means): HybridLogOptions {
  const readonlyBytes = budgetBytes - writeBytes;
  return {
    dataDir: directory,
    mutableSize: writeBytes,
    readonlySize: readonlyBytes,
    indexSize: Math.floor(readonlyBytes * INDEX_SHARE),
    segmentSize: Math.min(budgetBytes, LARGEST_SEGMENT_BYTES),
    durability: "manual",
  };
}

/** Often enough that what is to be done now and then is done while the clock runs. */
const MAINTENANCE_MS = 100;
const REST_MS = 30;
const LANES = 64;

export async function openFerrite(means: Means): Promise<TableContender> {
  const store = await HybridLogStore.open({ ...ferriteOptions(means), commitIntervalMs: MAINTENANCE_MS });
  const { sync } = store;
  return {
    faces: [
      {
        label: "ferrite",
        isAwaited: false,
        get: (key) => sync.get(key),
        set: (key, value) => void sync.set(key, value),
        update: (key, change) => void sync.update(key, (value) => change(value!)),
      },
      {
        label: "ferrite awaited",
        isAwaited: true,
        lanes: 1,
        get: (key) => store.get(key),
        set: (key, value) => store.set(key, value),
        update: (key, change) => store.update(key, (value) => change(value!)),
      },
      {
        label: `ferrite, ${LANES} at a time`,
        isAwaited: true,
        lanes: LANES,
        get: (key) => store.get(key),
        set: (key, value) => store.set(key, value),
      },
    ],
    figures: () => figuresOf(store),
    rest: () => rest(store),
    close: () => store.close(),
  };
}

async function rest(store: HybridLogStore): Promise<void> {
  let written: number;
  do {
    written = store.stats().bytesWritten;
    await setTimeout(REST_MS + MAINTENANCE_MS);
  } while (store.stats().bytesWritten !== written);
}

/** The same store, whose read cache is emptied after each call that has put something there: it has no switch for that. */
export async function openWithoutReadCache(means: Means): Promise<TableContender> {
  let log!: Log;
  const hidden = { onLog: (opened: Log) => log = opened };
  const store = await HybridLogStore.open({ ...ferriteOptions(means), commitIntervalMs: MAINTENANCE_MS }, hidden);
  const { sync } = store;
  const empty = () => {
    const { calls } = log.space.core;
    if (calls.cachedRecords.value === 0) return;
    calls.endCacheFrame();
    while (calls.emptyCacheFrame(0));
  };
  return {
    faces: [{
      label: "ferrite, no read cache",
      isAwaited: false,
      get(key) {
        const value = sync.get(key);
        empty();
        return value;
      },
      set(key, value) {
        sync.set(key, value);
        empty();
      },
    }],
    figures: () => figuresOf(store),
    rest: () => rest(store),
    close: () => store.close(),
  };
}

function figuresOf(store: HybridLogStore): OwnFigures {
  const {
    bytesWritten,
    diskReads,
    cacheBytes,
    indexBytes,
    logBytes,
    liveBytes,
    stalls,
    stalledMs,
  } = store.stats();
  return { bytesWritten, diskReads, cacheBytes, indexBytes, logBytes, liveBytes, stalls, stalledMs };
}
