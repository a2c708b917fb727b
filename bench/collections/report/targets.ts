import { formatMs, formatRate, formatRatio } from "../../report/format.ts";
import { type Target, target } from "../../report/targets.ts";
import { median } from "../../data/median.ts";
import { growthOf, ratioOf } from "../growth.ts";
import type { MemoryCase } from "../memory.ts";
import type { CollectionsResults } from "../results.ts";
import { longestInEvery } from "../stalls.ts";
import { type Group, TITLES, type Workload } from "../workloads.ts";

const RATES: readonly [Group, Workload, number][] = [
  ["zset", "zadd", 400_000],
  ["zset", "zrank", 400_000],
  ["zset", "zscore", 900_000],
  ["hash", "hset", 900_000],
  ["hash", "hget", 900_000],
  ["list", "lindex", 1_500_000],
  ["list", "linsertAt", 400_000],
  ["list", "rpush", 4_000_000],
  ["list", "lpushRpop", 4_000_000],
];

const MEMORY: readonly [MemoryCase, string][] = [
  ["small", "bytes per hash of 5 fields, to Redis"],
  ["zset", "bytes per member of a sorted set, to Redis"],
];

/** The numbers of the project's plan, for Ferrite's calls that answer at once. */
export function checkTargets(results: CollectionsResults): Target[] {
  return [...rates(results), ...growth(results), ...memory(results), ...stalls(results)];
}

function rates({ rows, plan }: CollectionsResults): Target[] {
  const size = plan.sizes[plan.sizes.length - 1];
  return RATES.map(([group, workload, least]) => {
    const own = rows.find((row) => row.label === "ferrite" && !row.isAsync && row.group === group && row.size === size)
      ?.figures[workload]?.median;
    const name = `${TITLES[workload]} at ${size.toLocaleString("en")}, calls a second`;
    return target(name, `≥ ${formatRate(least)}`, own ?? null, (rate) => rate >= least, formatRate);
  });
}

/**
 * Held against the server alone: the way to it and back costs the same at every size. Where its cost shrank, which is
 * noise, ours may stay the same.
 */
function growth(results: CollectionsResults): Target[] {
  const [from, to] = results.plan.growth.map((size) => size.toLocaleString("en"));
  return growthOf(results).map(({ workload, ferrite, redisServer }) => {
    const redis = ratioOf(redisServer);
    const most = redis === null ? null : Math.max(1, redis);
    const name = `${TITLES[workload]}: cost at ${to}, to ${from}`;
    const promise = most === null ? "≤ Redis's" : `≤ ${formatRatio(most)}`;
    return target(name, promise, most === null ? null : ratioOf(ferrite), (ratio) => ratio <= most!, formatRatio);
  });
}

function memory(results: CollectionsResults): Target[] {
  return MEMORY.map(([memoryCase, name]) => {
    const bytes = (contender: string) =>
      results.memory.find((one) => one.contender === contender && one.memoryCase === memoryCase)?.bytesEach;
    const redis = bytes("Redis");
    const own = redis === undefined ? null : bytes("ferrite") ?? null;
    const promise = redis === undefined ? "≤ Redis's" : `≤ ${redis.toFixed(1)}`;
    return target(name, promise, own, (bytes) => bytes <= redis!, (bytes) => bytes.toFixed(1));
  });
}

/** Twice: as it was, with whatever the machine did, and what the same call took in each run, which is the store's. */
function stalls({ stalls }: CollectionsResults): Target[] {
  const isMeasured = stalls.length > 0;
  const longest = stalls.map((run) => Math.max(...run.map(({ calls }) => calls.maxMs)));
  const inEvery = stalls[0]?.map((_, at) => longestInEvery(stalls.map((run) => run[at]))) ?? [];
  const atMost5 = (name: string, ms: () => number) =>
    target(name, "≤ 5 ms", isMeasured ? ms() : null, (ms) => ms <= 5, formatMs);
  return [
    atMost5("longest call (median of runs)", () => median(longest)),
    atMost5("longest in each run of the same call", () => Math.max(...inEvery)),
  ];
}
