import { pattern } from "../bytes.ts";
import type { Call, Deed } from "./deeds.ts";
import type { Step, Upkeep } from "./steps.ts";

// What happens to a log in its life, written down, so that nothing of it is left to chance: crashes and faults are tried at each
// operation on files of it. It comes in scenes. Each begins with a store that has just been opened, and closes it at its end.

/** Long enough that a value is many records, and that a few of them fill a segment of 1 MB. */
const LARGE_BYTES = 260_000;

/** Every type of value, in all ways a key comes and goes. */
const TYPES: readonly (Deed | Upkeep)[] = [
  call("set", "string", "1"),
  call("set", "expiring", pattern(100), { ttl: 1000 }),
  call("set", "lasting", pattern(300), { ttl: 3_000_000 }),
  call("set", "large", pattern(150_000)),
  call("mset", [["one", "1"], ["two", pattern(1500)], ["three", pattern(9000)]]),
  call("incrBy", "counter", 5),
  call("rpush", "list", [...numbered(150, "element"), pattern(3000)]),
  call("hmset", "hash", numbered(120, "field").map((field) => [field, `value of ${field}`])),
  call("sadd", "set", [...numbered(120, "member"), pattern(2000)]),
  call("zadd", "zset", numbered(120, "member").map((member, i) => [i / 4, member])),
  "commit",
  call("append", "string", "2"),
  call("setRange", "large", 40_000, pattern(500, 3)),
  call("lpop", "list", 10),
  call("hdel", "hash", numbered(30, "field")),
  call("srem", "set", numbered(30, "member")),
  call("zrem", "zset", numbered(30, "member")),
  call("del", "one"),
  transaction("ends", [["set", "string", "of a transaction"], ["zincrBy", "zset", 7, "member 50"], ["del", "two"]]),
  transaction("throws", [["set", "string", "rolled back"], ["del", "large"]]),
  call("expire", "counter", 5_000_000),
  "commit",
  "dropAll",
  call("rename", "three", "four"),
  call("persist", "lasting"),
];

/** Writes over what is on disk without a look at it, a saved index, and closing in between. */
const COLD: readonly (Deed | Upkeep)[] = [
  "dropAll",
  call("set", "string", pattern(40, 5)),
  call("mset", [["four", pattern(30, 6)], ["large", "short now"], ["new", "1"]]),
  call("del", "counter"),
  "commit",
  "saveIndex",
  call("set", "string", "behind the saved index"),
  call("rpush", "list", ["at the end"]),
  "dropAll",
  call("set", "list", "no list any more"),
  call("del", "new"),
  "commit",
  "reopen",
  call("hset", "hash", "field 50", pattern(600, 7)),
  call("zadd", "zset", [[1000, "last"]]),
  "saveIndex",
];

/** More than a segment of garbage, which compaction takes away. */
const GARBAGE: readonly (Deed | Upkeep)[] = [
  ...Array.from({ length: 5 }, (_, i) => call("set", "garbage", pattern(LARGE_BYTES, 10 + i))),
  "commit",
  "dropAll",
  call("set", "garbage", "little"),
  call("rpush", "list:2", numbered(60, "element")),
  "compact",
  // What is live lies in a segment that is full then, and is read from there later.
  ...Array.from({ length: 4 }, (_, i) => call("set", "garbage", pattern(LARGE_BYTES, 20 + i))),
  call("lpop", "list:2", 5),
  call("del", "hash"),
  call("set", "garbage", "little"),
  "commit",
];

/** Checkpoints, with a saved index and without, between writes. */
const CHECKPOINTS: readonly (Deed | Upkeep)[] = [
  call("set", "before", pattern(20_000, 20)),
  call("sadd", "set", ["of the first checkpoint"]),
  "checkpoint",
  call("set", "before", "changed"),
  call("srem", "set", ["of the first checkpoint"]),
  "saveIndex",
  call("zadd", "zset", [[-1, "of the second"]]),
  "checkpoint",
  call("set", "after", "1"),
];

/** All is removed, and something is there again. */
const CLEARING: readonly (Deed | Upkeep)[] = [
  call("set", "again", pattern(500, 30)),
  "commit",
  // Not committed when maintenance comes to it, nor when the index is saved, which waits for that.
  call("clear"),
  "tick",
  "saveIndex",
  call("set", "again", "1"),
  "commit",
  "tick",
  call("clear"),
  "commit",
  "tick",
  call("hset", "hash", "field", "value"),
  "commit",
  "compact",
  call("set", "again", "2"),
];

export type Scene = "types" | "cold" | "garbage" | "checkpoints" | "clearing";

export const SCENES: Readonly<Record<Scene, readonly Step[]>> = {
  types: steps(TYPES),
  cold: steps(COLD),
  garbage: steps(GARBAGE),
  checkpoints: steps(CHECKPOINTS),
  clearing: steps(CLEARING),
};

export const SCENE_NAMES: Scene[] = Object.keys(SCENES) as Scene[];

/** One after another, through both faces in turn. What expires within a second does so before the fifteenth step. */
function steps(whats: readonly (Deed | Upkeep)[]): Step[] {
  return whats.map((what, i) => ({
    what,
    afterMs: i === 14 ? 2000 : 1,
    face: i % 2 === 0 ? "async" : "sync",
    ahead: 0,
  }));
}

function call(method: string, ...args: unknown[]): Deed {
  return { calls: [{ method, args }], transaction: "none" };
}

function transaction(end: "ends" | "throws", calls: readonly (readonly [string, ...unknown[]])[]): Deed {
  return { calls: calls.map(([method, ...args]): Call => ({ method, args })), transaction: end };
}

function numbered(length: number, name: string): string[] {
  return Array.from({ length }, (_, i) => `${name} ${i}`);
}
