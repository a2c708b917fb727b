import { HybridLogStore } from "../../../mod.ts";
import { freshKeys } from "../../data/keys.ts";
import { Names } from "../../data/names.ts";
import { shuffled, uniform, zipf } from "../../data/orders.ts";
import { ferriteOptions } from "../../ycsb/contenders/ferrite.ts";
import { Values } from "../../ycsb/values.ts";
import { diskBytesOf } from "../../ycsb/directory.ts";
import type { TablePlan } from "../plan.ts";
import { turn } from "../../worker/turn.ts";

const ZSET = "members";
const MEMBERS = new Names("member:", 6);
const KEY_BYTES = 14;
const STEP = 1_000;
/** Overwrites in a block that are read back. */
const SAMPLES = 10_000;

export interface ZaddRequest {
  directory: string;
  members: number;
  zadds: number;
  writers: number;
  seed: number;
}

export interface ZaddFindings {
  durability: "always" | "interval";
  zadds: number;
  seconds: number;
  commits: number;
  /** Written to files for each. */
  bytesEach: number;
}

/** Fills a sorted set, and has many writers change the scores of its members at random. */
export async function measureZadds(request: ZaddRequest): Promise<ZaddFindings[]> {
  const { directory, members } = request;
  {
    await using store = await HybridLogStore.open({ dataDir: directory, durability: "manual" });
    const order = shuffled(members, 1);
    for (let from = 0; from < members; from += STEP) {
      store.sync.zadd(ZSET, Array.from(order.subarray(from, from + STEP), (i) => [i, MEMBERS.fresh(i)]));
      await turn();
    }
  }
  return [await changeScores(request, "always"), await changeScores(request, "interval")];
}

async function changeScores(
  { directory, members, zadds, writers, seed }: ZaddRequest,
  durability: "always" | "interval",
): Promise<ZaddFindings> {
  await using store = await HybridLogStore.open({ dataDir: directory, durability });
  const order = uniform(members, zadds, seed);
  const names = MEMBERS.freshAll(order);
  const before = store.stats();
  const start = performance.now();
  let next = 0;
  const writer = async () => {
    while (next < zadds) {
      const i = next++;
      await store.zadd(ZSET, [[(order[i] * 7_919 + i) % members, names[i]]]);
      if (durability === "interval" && i % STEP === 0) await turn(); // nothing else lets the clock be looked at
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  const seconds = (performance.now() - start) / 1_000;
  await store.commit();
  const after = store.stats();
  if (store.sync.zcard(ZSET) !== members) throw new Error("the sorted set has lost members");
  return {
    durability,
    zadds,
    seconds,
    commits: after.commits - before.commits,
    bytesEach: (after.bytesWritten - before.bytesWritten) / zadds,
  };
}

export interface SpaceRequest {
  directory: string;
  plan: TablePlan;
  /** Bytes of keys and values that are written over what is there, times what is there. */
  times: number;
  seed: number;
}

export interface SpaceFindings {
  keys: number;
  /** Keys a second. */
  syncKeys: number;
  awaitedKeys: number;
  /** Of YCSB A, with compaction on its own. */
  sustained: {
    writes: number;
    seconds: number;
    /** Bytes written to files for each byte of key and value. */
    writeAmplification: number;
    compactions: number;
    logBytes: number;
    liveBytes: number;
  };
  /** After a compaction that was asked for. */
  compacted: { seconds: number; logBytes: number; liveBytes: number; diskBytes: number; userBytes: number };
}

/** Fills a table, lists its keys, overwrites it for long, and compacts it. */
export async function measureSpace({ directory, plan, times, seed }: SpaceRequest): Promise<SpaceFindings> {
  const { keys, valueBytes } = plan;
  await using store = await HybridLogStore.open(ferriteOptions({ directory, ...plan }));
  const values = new Values(valueBytes);
  const set = async (order: Uint32Array) => {
    for (let from = 0; from < order.length; from += STEP) {
      const some = order.subarray(from, from + STEP);
      const names = freshKeys(some);
      for (let i = 0; i < some.length; i++) store.sync.set(names[i], values.at(from + i, some[i]));
      await turn();
    }
  };
  await set(shuffled(keys, seed));

  let start = performance.now();
  let count = 0;
  for (const _ of store.sync.keys()) count++;
  const syncKeys = count / (performance.now() - start) * 1_000;
  if (count < keys) throw new Error(`keys() has given ${count} of ${keys}`);
  start = performance.now();
  count = 0;
  for await (const _ of store.keys()) count++;
  const awaitedKeys = count / (performance.now() - start) * 1_000;
  if (count < keys) throw new Error(`keys() has given ${count} of ${keys}`);

  const before = store.stats();
  start = performance.now();
  const writes = Math.floor(times * keys);
  const BLOCK = 100_000;
  for (let done = 0, block = 0; done < writes; done += BLOCK, block++) {
    const order = zipf(keys, Math.min(BLOCK, writes - done), seed + block);
    await set(order);
    for (const key of freshKeys(order.subarray(-SAMPLES))) {
      if (store.sync.get(key)?.length !== valueBytes) throw new Error(`${key} is not there`);
    }
  }
  await store.commit();
  const seconds = (performance.now() - start) / 1_000;
  const after = store.stats();
  if (store.maintenanceError !== null) throw store.maintenanceError;

  start = performance.now();
  await store.compact();
  await store.commit();
  const compacted = store.stats();
  const userBytes = keys * (KEY_BYTES + valueBytes);
  return {
    keys,
    syncKeys,
    awaitedKeys,
    sustained: {
      writes,
      seconds,
      writeAmplification: (after.bytesWritten - before.bytesWritten) / (writes * (KEY_BYTES + valueBytes)),
      compactions: after.compactions - before.compactions,
      logBytes: after.logBytes,
      liveBytes: after.liveBytes,
    },
    compacted: {
      seconds: (performance.now() - start) / 1_000,
      logBytes: compacted.logBytes,
      liveBytes: compacted.liveBytes,
      diskBytes: diskBytesOf(directory),
      userBytes,
    },
  };
}
