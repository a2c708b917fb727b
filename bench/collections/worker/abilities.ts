import type { Face, Operations } from "../rivals/contender.ts";
import { GROUPS, type Workload, WORKLOADS } from "../workloads.ts";

const CALLS: Readonly<Record<Workload, readonly (keyof Operations)[]>> = {
  rpush: ["rpush"],
  lindex: ["lindex"],
  lset: ["lset"],
  lpushRpop: ["lpush", "rpop"],
  linsertAt: ["linsertAt", "truncate"],
  hset: ["hset"],
  hget: ["hget"],
  hsetOver: ["hset"],
  sadd: ["sadd"],
  sismember: ["sismember"],
  zadd: ["zadd"],
  zscore: ["zscore"],
  zrank: ["zrank"],
  zrange: ["zrange"],
  zaddOver: ["zadd"],
  zincrBy: ["zincrBy"],
  smallHset: ["hset"],
  smallHget: ["hget"],
  smallHsetOver: ["hset"],
};

/** What a face has the calls for. */
export function workloadsOf(face: Face): Workload[] {
  return GROUPS.flatMap((group) => WORKLOADS[group]).filter((workload) =>
    CALLS[workload].every((call) => face[call] !== undefined)
  );
}

/** Calls in one step of a workload. */
export function callsIn(workload: Workload): number {
  return CALLS[workload].filter((call) => call !== "truncate").length;
}
