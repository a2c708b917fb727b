/** What is measured together: a data type, and small hashes beside the large ones. */
export type Group = "list" | "hash" | "set" | "zset" | "small";

export type Workload =
  | "rpush"
  | "lindex"
  | "lset"
  | "lpushRpop"
  | "linsertAt"
  | "hset"
  | "hget"
  | "hsetOver"
  | "sadd"
  | "sismember"
  | "zadd"
  | "zscore"
  | "zrank"
  | "zrange"
  | "zaddOver"
  | "zincrBy"
  | "smallHset"
  | "smallHget"
  | "smallHsetOver";

export const GROUPS: readonly Group[] = ["list", "hash", "set", "zset", "small"];

/** In the order in which they run: first the load, which builds what the others work on. */
export const WORKLOADS: Readonly<Record<Group, readonly Workload[]>> = {
  list: ["rpush", "lindex", "lset", "lpushRpop", "linsertAt"],
  hash: ["hset", "hget", "hsetOver"],
  set: ["sadd", "sismember"],
  zset: ["zadd", "zscore", "zrank", "zrange", "zaddOver", "zincrBy"],
  small: ["smallHset", "smallHget", "smallHsetOver"],
};

export const GROUP_TITLES: Readonly<Record<Group, string>> = {
  list: "lists",
  hash: "hashes",
  set: "sets",
  zset: "sorted sets",
  small: "small hashes",
};

/** One of them. */
export const SINGULARS: Readonly<Record<Group, string>> = {
  list: "list",
  hash: "hash",
  set: "set",
  zset: "sorted set",
  small: "small hash",
};

export const TITLES: Readonly<Record<Workload, string>> = {
  rpush: "rpush",
  lindex: "lindex",
  lset: "lset",
  lpushRpop: "lpush+rpop",
  linsertAt: "linsertAt",
  hset: "hset new",
  hget: "hget",
  hsetOver: "hset over",
  sadd: "sadd",
  sismember: "sismember",
  zadd: "zadd new",
  zscore: "zscore",
  zrank: "zrank",
  zrange: "zrange 10",
  zaddOver: "zadd over",
  zincrBy: "zincrBy",
  smallHset: "hset new",
  smallHget: "hget",
  smallHsetOver: "hset over",
};

/** Members that one `zrange` reads. */
export const RANGE = 10;

export function isLoad(workload: Workload): boolean {
  return GROUPS.some((group) => WORKLOADS[group][0] === workload);
}

/** What takes milliseconds where it is linear: there the clock is looked at more often. */
export function isSlowForSome(workload: Workload): boolean {
  return workload === "linsertAt" || workload === "lpushRpop";
}
