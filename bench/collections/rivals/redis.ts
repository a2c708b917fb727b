import { Buffer } from "node:buffer";
import { importRival } from "../../rivals/import_rival.ts";
import type { Work } from "../worker/work.ts";
import type { Group } from "../workloads.ts";
import type { AsyncFace, CollectionContender } from "./contender.ts";
import { startRedisServer } from "./redis_server.ts";

type Argument = string | Uint8Array;

interface ScoredMember {
  score: number;
  value: string;
}

interface Client {
  connect(): Promise<unknown>;
  withTypeMapping(mapping: Record<number, unknown>): Client;
  rPush(key: string, value: Argument | Argument[]): Promise<number>;
  lPush(key: string, value: Argument): Promise<number>;
  rPop(key: string): Promise<Buffer | null>;
  lIndex(key: string, index: number): Promise<Buffer | null>;
  lSet(key: string, index: number, value: Argument): Promise<unknown>;
  lInsert(key: string, where: "BEFORE", pivot: Argument, value: Argument): Promise<number>;
  lTrim(key: string, start: number, stop: number): Promise<unknown>;
  hSet(key: string, field: string, value: Argument): Promise<number>;
  hSet(key: string, fieldsAndValues: Argument[]): Promise<number>;
  hGet(key: string, field: string): Promise<Buffer | null>;
  sAdd(key: string, member: string | string[]): Promise<number>;
  sIsMember(key: string, member: string): Promise<number>;
  zAdd(key: string, member: ScoredMember | ScoredMember[]): Promise<number>;
  zScore(key: string, member: string): Promise<number | null>;
  zRank(key: string, member: string): Promise<number | null>;
  zRange(key: string, start: number, stop: number): Promise<Buffer[]>;
  zIncrBy(key: string, increment: number, member: string): Promise<number>;
  lLen(key: string): Promise<number>;
  hLen(key: string): Promise<number>;
  sCard(key: string): Promise<number>;
  zCard(key: string): Promise<number>;
  memoryUsage(key: string, options: { SAMPLES: number }): Promise<number | null>;
  configResetStat(): Promise<unknown>;
  info(section: string): Promise<string>;
  flushAll(mode: "SYNC"): Promise<unknown>;
  destroy(): void;
}

interface RedisModule {
  createClient(options: { socket: { path: string; reconnectStrategy: false } }): Client;
  RESP_TYPES: { BLOB_STRING: number };
}

/** Commands in flight. */
const PIPELINE = 100;
/** `LINSERT` walks to its pivot, which takes milliseconds in a long list. */
const SLOW_PIPELINE = 10;
/** As long as the elements, and none of them, so that it is compared with all before it and equals none. */
const PIVOT = "the pivot of all";
const KEYS_WEIGHED_AT_ONCE = 1_000;
const WRITTEN_AT_ONCE = 1_000;

/**
 * Redis itself, next door on a unix socket, through the client of its makers. That sends in one piece what is asked for
 * before it gets to send, so a hundred commands share the cost of the way there and back.
 */
export async function openRedis(): Promise<CollectionContender> {
  const { createClient, RESP_TYPES } = await importRival<RedisModule>("redis");
  const server = await startRedisServer();
  const text = createClient({ socket: { path: server.path, reconnectStrategy: false } });
  try {
    await text.connect();
  } catch (error) {
    await server.stop();
    throw error;
  }
  const client = text.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });

  const face: AsyncFace = {
    label: "Redis",
    isAsync: true,
    inFlight: (workload) => workload === "linsertAt" ? SLOW_PIPELINE : PIPELINE,
    rpush: (key, value) => client.rPush(key, value),
    lpush: (key, value) => client.lPush(key, value),
    rpop: (key) => client.rPop(key),
    lindex: (key, position) => client.lIndex(key, position),
    lset: (key, position, value) => client.lSet(key, position, value),
    setPivot: (key, position) => client.lSet(key, position, PIVOT),
    // There is no command that inserts at a position.
    linsertAt: (key, _position, value) => client.lInsert(key, "BEFORE", PIVOT, value),
    truncate: (key, length) => client.lTrim(key, 0, length - 1),
    hset: (key, field, value) => client.hSet(key, field, value),
    hget: (key, field) => client.hGet(key, field),
    sadd: (key, member) => client.sAdd(key, member),
    sismember: (key, member) => client.sIsMember(key, member),
    zadd: (key, score, member) => client.zAdd(key, { score, value: member }),
    zscore: (key, member) => client.zScore(key, member),
    zrank: (key, member) => client.zRank(key, member),
    zrange: (key, start, stop) => client.zRange(key, start, stop),
    zincrBy: (key, increment, member) => client.zIncrBy(key, increment, member),
    llen: (key) => client.lLen(key),
    hlen: (key) => client.hLen(key),
    scard: (key) => client.sCard(key),
    zcard: (key) => client.zCard(key),
    async writeMany(group, work) {
      let start = 0;
      while (start < work.count) {
        const key = work.keys[start];
        let end = start + 1;
        while (end < Math.min(start + WRITTEN_AT_ONCE, work.count) && work.keys[end] === key) end++;
        // Not awaited: small hashes are written with a command for each, and the client has a queue.
        const written = write(client, group, key, work, start, end);
        if (end % WRITTEN_AT_ONCE < end - start) await written;
        start = end;
      }
    },
  };

  return {
    faces: [face],
    version: infoOf(await text.info("server"), "redis_version"),
    wrap: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    serverClock: {
      start: async () => void await text.configResetStat(),
      nsPerCall: async () => commandNs(await text.info("commandstats")),
    },
    async weigh(keys, empty) {
      let bytes = 0;
      for (let i = 0; i < keys.length; i += KEYS_WEIGHED_AT_ONCE) {
        const some = keys.slice(i, i + KEYS_WEIGHED_AT_ONCE);
        // 0 samples: all elements, none estimated.
        const usages = await Promise.all(some.map((key) => text.memoryUsage(key, { SAMPLES: 0 })));
        for (const usage of usages) bytes += usage ?? 0;
      }
      const used = Number(infoOf(await text.info("memory"), "used_memory"));
      return { bytes, indexBytes: null, heldBytes: used - (empty?.heldBytes ?? 0) };
    },
    clear: async () => void await text.flushAll("SYNC"),
    async close() {
      text.destroy();
      await server.stop();
    },
  };
}

function write(client: Client, group: Group, key: string, work: Work, start: number, end: number): Promise<unknown> {
  const values = work.values.slice(start, end);
  const names = work.names.slice(start, end);
  switch (group) {
    case "list":
      return client.rPush(key, values);
    case "set":
      return client.sAdd(key, names);
    case "zset":
      return client.zAdd(key, names.map((value, i) => ({ score: work.scores[start + i], value })));
    default:
      return client.hSet(key, names.flatMap((name, i) => [name, values[i]]));
  }
}

function infoOf(info: string, name: string): string | undefined {
  return info.match(new RegExp(`^${name}:(.*?)\\r?$`, "m"))?.[1];
}

/** Of "cmdstat_hget:calls=1000,usec=420,…" lines, without the two commands that the clock itself is. */
function commandNs(info: string): number {
  let calls = 0;
  let us = 0;
  for (const [, name, count, time] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)) {
    if (name === "info" || name.startsWith("config")) continue;
    calls += Number(count);
    us += Number(time);
  }
  return us / calls * 1_000;
}
