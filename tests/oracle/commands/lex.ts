import type { SortedSetRange, Value } from "@ferrite/storage";
import { type Command, command } from "../command.ts";
import { type Draw, lexBound } from "../draw.ts";
import { INTEGER, LIST } from "../reply.ts";
import { limitWords, rangeOptions } from "./sorted_sets.ts";
import { entry, flag, type Table } from "./table.ts";

// In sorted sets of their own, because where scores differ it is not said what lies between two members.

function range(draw: Draw): Command {
  const [key, [min, max], options] = [draw.pick(draw.pool.lex), draw.lexRange(), rangeOptions(draw)];
  const bounds = [lexBound(min, "-"), lexBound(max, "+")];
  const redis = options.reverse === true
    ? ["ZREVRANGEBYLEX", key, ...bounds.reverse(), ...limitWords(options)]
    : ["ZRANGEBYLEX", key, ...bounds, ...limitWords(options)];
  return command("zrangeByLex", [key, min, max, options], redis, LIST);
}

function store(draw: Draw): Command {
  const [destination, source] = [draw.pick(draw.pool.lex), draw.pick(draw.pool.lex)];
  const [[min, max], options] = [draw.lexRange(), rangeOptions(draw)];
  const bounds = [lexBound(min, "-"), lexBound(max, "+")];
  if (options.reverse === true) bounds.reverse();
  const words = [...bounds, "BYLEX", ...flag(options.reverse, "REV"), ...limitWords(options)];
  const part: SortedSetRange = { by: "lex", min, max, ...options };
  const redis = ["ZRANGESTORE", destination, source, ...words];
  return command("zrangeStore", [destination, source, part], redis, INTEGER, { keys: [destination, source] });
}

export const LEX: Table = [
  entry("add", 6, (draw) => {
    const key = draw.pick(draw.pool.lex);
    const members = draw.some(draw.once(4) ? draw.pool.batch : 4, (): [number, Value] => [0, draw.element()]);
    return command("zadd", [key, members], ["ZADD", key, ...members.flat()], INTEGER);
  }),
  entry("remove", 1, (draw) => {
    const [key, members] = [draw.pick(draw.pool.lex), draw.elements()];
    return command("zrem", [key, members], ["ZREM", key, ...members], INTEGER);
  }),
  entry("read", 6, range),
  entry("read", 3, (draw) => {
    const [key, [min, max]] = [draw.pick(draw.pool.lex), draw.lexRange()];
    return command("zlexCount", [key, min, max], ["ZLEXCOUNT", key, lexBound(min, "-"), lexBound(max, "+")], INTEGER);
  }),
  entry("wipe", 1, (draw) => {
    const [key, [min, max]] = [draw.pick(draw.pool.lex), draw.lexRange()];
    const redis = ["ZREMRANGEBYLEX", key, lexBound(min, "-"), lexBound(max, "+")];
    return command("zremRangeByLex", [key, min, max], redis, INTEGER);
  }),
  entry("whole", 1, store),
];
