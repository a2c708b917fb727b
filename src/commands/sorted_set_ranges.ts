// Parts of sorted sets: by rank, by score, or by the bytes of members.

import type { SortedSetRange } from "../collections.ts";
import { type Argument, type Command, ONE_KEY, read, type Run, TWO_KEYS, write } from "./command.ts";
import { syntaxError } from "./errors.ts";
import { Options, toInteger, toLexRange, toScoreBound } from "./parse.ts";
import { type Awaitable, flatten, into, type Reply, ReplyError } from "./reply.ts";
import type { Target } from "./target.ts";

type By = SortedSetRange["by"];

export const SORTED_SET_RANGES: readonly Command[] = [
  read("zcount", 4, ONE_KEY, (on, [key, min, max]) => on.sortedSets.zcount(key, toScoreBound(min), toScoreBound(max))),
  read("zlexcount", 4, ONE_KEY, (on, [key, min, max]) => on.sortedSets.zlexCount(key, ...toLexRange(min, max))),
  read("zrange", -4, ONE_KEY, range(null, null)),
  read("zrevrange", -4, ONE_KEY, range("rank", true)),
  read("zrangebyscore", -4, ONE_KEY, range("score", false)),
  read("zrevrangebyscore", -4, ONE_KEY, range("score", true)),
  read("zrangebylex", -4, ONE_KEY, range("lex", false)),
  read("zrevrangebylex", -4, ONE_KEY, range("lex", true)),
  write("zrangestore", -5, TWO_KEYS, (on, [destination, ...args]) => {
    const { range } = readRequest(args, null, null, true);
    return on.sortedSets.zrangeStore(destination, args[0], range);
  }),
  write("zremrangebyrank", 4, ONE_KEY, (on, [key, start, stop]) => {
    return on.sortedSets.zremRangeByRank(key, toInteger(start), toInteger(stop));
  }),
  write("zremrangebyscore", 4, ONE_KEY, (on, [key, min, max]) => {
    return on.sortedSets.zremRangeByScore(key, toScoreBound(min), toScoreBound(max));
  }),
  write("zremrangebylex", 4, ONE_KEY, (on, [key, min, max]) => {
    return on.sortedSets.zremRangeByLex(key, ...toLexRange(min, max));
  }),
];

/** A command that reads a range; `by` and `reverse` are what its name says, or `null` where options say it. */
function range(by: By | null, reverse: boolean | null): Run {
  return (on, args) => {
    const { range, hasScores } = readRequest(args, by, reverse, false);
    return readRange(on, args[0], range, hasScores);
  };
}

function readRange(on: Target, key: Argument, range: SortedSetRange, hasScores: boolean): Awaitable<Reply> {
  const { sortedSets } = on;
  if (range.by === "lex") return sortedSets.zrangeByLex(key, range.min, range.max, range);
  if (range.by === "score") {
    const { min, max } = range;
    if (!hasScores) return sortedSets.zrangeByScore(key, min, max, range);
    return into(sortedSets.zrangeByScoreWithScores(key, min, max, range), flatten);
  }
  const { start, stop } = range;
  if (!hasScores) return sortedSets.zrange(key, start, stop, range);
  return into(sortedSets.zrangeWithScores(key, start, stop, range), flatten);
}

/** Reads key, bounds and options. */
function readRequest(
  args: readonly Argument[],
  given: By | null,
  reverse: boolean | null,
  isStored: boolean,
): { range: SortedSetRange; hasScores: boolean } {
  const [, first, second] = args;
  const options = new Options(args, 3);
  let by = given;
  let hasScores = false;
  let offset = 0;
  let count = -1;
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word === "withscores" && !isStored) hasScores = true;
    else if (word === "limit" && options.left >= 2) {
      offset = toInteger(options.take());
      count = toInteger(options.take());
    } else if (word === "rev" && reverse === null) reverse = true;
    else if (word === "bylex" && by === null) by = "lex";
    else if (word === "byscore" && by === null) by = "score";
    else throw syntaxError();
  }
  reverse ??= false;
  by ??= "rank";
  if (by === "rank") {
    if (count === -1) return { range: { by, start: toInteger(first), stop: toInteger(second), reverse }, hasScores };
    throw new ReplyError(
      "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
  }
  if (by === "lex" && hasScores) {
    throw new ReplyError("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  const [low, high] = reverse ? [second, first] : [first, second];
  if (by === "score") {
    return { range: { by, min: toScoreBound(low), max: toScoreBound(high), reverse, offset, count }, hasScores };
  }
  const [min, max] = toLexRange(low, high);
  return { range: { by, min, max, reverse, offset, count }, hasScores };
}
