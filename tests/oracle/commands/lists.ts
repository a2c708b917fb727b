import type { Key, ListPositionOptions } from "@ferrite/storage";
import { type Command, command } from "../command.ts";
import type { Draw } from "../draw.ts";
import { BYTES_OR_NULL, DONE, type Form, INTEGER, LIST, numberOf } from "../reply.ts";
import { entry, flag, type Table } from "./table.ts";

/** A store always answers with an array; Redis with nothing or, where it is not told a count, with one reply. */
const ANY_LIST: Form = {
  ours: LIST.ours,
  theirs: (reply) => LIST.theirs(reply === null ? [] : Array.isArray(reply) ? reply : [reply]),
};
const POSITIONS: Form = {
  ours: (answer) => (answer as number[]).map(INTEGER.ours),
  theirs: (reply) => (reply === null ? [] : Array.isArray(reply) ? reply : [reply]).map(numberOf),
};

function push(draw: Draw, name: "lpush" | "rpush" | "lpushx" | "rpushx"): Command {
  const [key, values] = [draw.key(), draw.elements().map((item) => draw.once(20) ? draw.value() : item)];
  return command(name, [key, values], [name, key, ...values], INTEGER);
}

function pop(draw: Draw, name: "lpop" | "rpop"): Command {
  const key = draw.key();
  if (draw.once(2)) return command(name, [key], [name, key], ANY_LIST);
  const count = draw.once(20) ? -1 : draw.count();
  return command(name, [key, count], [name, key, count], ANY_LIST, { isWrong: count < 0 });
}

function positionOptions(draw: Draw): ListPositionOptions {
  return {
    ...(draw.once(2) ? { rank: draw.pick([1, 1, 2, 3, -1, -1, -2, -3, 10, -10, 0]) } : {}),
    ...(draw.once(2) ? { count: draw.pick([0, 1, 2, 3, 100, -1]) } : {}),
    ...(draw.once(4) ? { maxLength: draw.pick([0, 1, 2, 5, 10, 1000, -1]) } : {}),
  };
}

/** Redis has no command for it: takes off what comes after, and puts it back. */
const INSERT_AT = `
local old = redis.call("LRANGE", KEYS[1], 0, -1)
local length, index = #old, tonumber(ARGV[1])
if index < 0 then index = index + length end
if index < 0 or index > length then return redis.error_reply("ERR index out of range") end
if index == length then return redis.call("RPUSH", KEYS[1], ARGV[2]) end
if index == 0 then return redis.call("LPUSH", KEYS[1], ARGV[2]) end
redis.call("LTRIM", KEYS[1], 0, index - 1)
redis.call("RPUSH", KEYS[1], ARGV[2])
for i = index + 1, length do redis.call("RPUSH", KEYS[1], old[i]) end
return length + 1`;

function insertAt(draw: Draw): Command {
  const [key, index, value] = [draw.key(), draw.index(), draw.element()];
  return command("linsertAt", [key, index, value], ["EVAL", INSERT_AT, 1, key, index, value], INTEGER);
}

export function allOf(key: Key): Command {
  return command("lrange", [key, 0, -1], ["LRANGE", key, 0, -1], LIST);
}

export const LISTS: Table = [
  entry("add", 4, (draw) => push(draw, "lpush")),
  entry("add", 4, (draw) => push(draw, "rpush")),
  entry("add", 1, (draw) => push(draw, "lpushx")),
  entry("add", 1, (draw) => push(draw, "rpushx")),
  entry("remove", 3, (draw) => pop(draw, "lpop")),
  entry("remove", 3, (draw) => pop(draw, "rpop")),
  entry("read", 4, (draw) => {
    const key = draw.key();
    const [start, stop] = draw.range();
    return command("lrange", [key, start, stop], ["LRANGE", key, start, stop], LIST);
  }),
  entry("whole", 1, (draw) => allOf(draw.key())),
  entry("read", 2, (draw) => {
    const key = draw.key();
    return command("llen", [key], ["LLEN", key], INTEGER);
  }),
  entry("read", 3, (draw) => {
    const [key, index] = [draw.key(), draw.index()];
    return command("lindex", [key, index], ["LINDEX", key, index], BYTES_OR_NULL);
  }),
  entry("read", 3, (draw) => {
    const [key, index, value] = [draw.key(), draw.index(), draw.value()];
    return command("lset", [key, index, value], ["LSET", key, index, value], DONE);
  }),
  entry("add", 3, (draw) => {
    const [key, where, pivot] = [draw.key(), draw.pick(["before", "after"] as const), draw.element()];
    const value = draw.element();
    return command("linsert", [key, where, pivot, value], ["LINSERT", key, where, pivot, value], INTEGER);
  }),
  entry("add", 2, insertAt),
  entry("remove", 2, (draw) => {
    const [key, value] = [draw.key(), draw.element()];
    const count = draw.pick([0, 1, 1, 2, 3, -1, -1, -2, 100, -100, 2 ** 32, -(2 ** 32)]);
    return command("lrem", [key, count, value], ["LREM", key, count, value], INTEGER);
  }),
  entry("wipe", 1, (draw) => {
    const key = draw.key();
    const [start, stop] = draw.range();
    return command("ltrim", [key, start, stop], ["LTRIM", key, start, stop], DONE);
  }),
  entry("remove", 1, (draw) => {
    const key = draw.key();
    const [start, stop] = [draw.below(4), -1 - draw.below(4)];
    return command("ltrim", [key, start, stop], ["LTRIM", key, start, stop], DONE);
  }),
  entry("read", 3, (draw) => {
    const [key, value, options] = [draw.key(), draw.element(), positionOptions(draw)];
    const { rank, count, maxLength } = options;
    const words = [
      ...flag(rank !== undefined, "RANK", rank ?? 0),
      ...flag(count !== undefined, "COUNT", count ?? 0),
      ...flag(maxLength !== undefined, "MAXLEN", maxLength ?? 0),
    ];
    const isWrong = rank === 0 || count === -1 || maxLength === -1;
    return command("lpos", [key, value, options], ["LPOS", key, value, ...words], POSITIONS, { isWrong });
  }),
  entry("read", 4, (draw) => {
    const [source, destination] = [draw.key(), draw.key()];
    const [from, to] = [draw.pick(["left", "right"] as const), draw.pick(["left", "right"] as const)];
    const redis = ["LMOVE", source, destination, from, to];
    return command(
      "lmove",
      [source, destination, from, to],
      redis,
      BYTES_OR_NULL,
      { keys: [source, destination] },
    );
  }),
];
