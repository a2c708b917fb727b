import type {
  CombineOptions,
  Key,
  RangeOptions,
  ScoreConditions,
  SortedSetRange,
  Value,
  ZaddOptions,
} from "@ferrite/storage";
import { type Check, checked, type Command, command, composed, type Face } from "../command.ts";
import { type Draw, scoreBound } from "../draw.ts";
import {
  type Argument,
  INTEGER,
  INTEGER_OR_NULL,
  LIST,
  listOf,
  NUMBER_OR_NULL,
  numberOf,
  NUMBERS_OR_NULL,
  SCORED,
  SCORED_BAG,
} from "../reply.ts";
import { isSample, randomCount, scanElements, scanned, scanOptions, scanWords } from "./hashes.ts";
import { limitOptions } from "./sets.ts";
import { entry, flag, type Table } from "./table.ts";

type Words = Argument[];

/** A key, and whether its scores may be of all kinds. */
function target(draw: Draw): { key: Key; isSigned: boolean } {
  const isSigned = draw.pool.signed.length > 0 && draw.once(3);
  return { key: isSigned ? draw.pick(draw.pool.signed) : draw.key(), isSigned };
}

function conditions(draw: Draw): ScoreConditions {
  if (draw.once(2)) return {};
  // One in 40 excludes itself.
  if (draw.once(20)) return draw.pick([{ ifAbsent: true, ifPresent: true }, { ifGreater: true, ifLess: true }]);
  if (draw.once(40)) return { ifAbsent: true, ifGreater: true };
  return draw.pick([
    { ifAbsent: true },
    { ifPresent: true },
    { ifGreater: true },
    { ifLess: true },
    { ifPresent: true, ifGreater: true },
    { ifPresent: true, ifLess: true },
  ]);
}

function conditionWords({ ifAbsent, ifPresent, ifGreater, ifLess }: ScoreConditions): Words {
  return [...flag(ifAbsent, "NX"), ...flag(ifPresent, "XX"), ...flag(ifGreater, "GT"), ...flag(ifLess, "LT")];
}

function excludes({ ifAbsent, ifPresent, ifGreater, ifLess }: ScoreConditions): boolean {
  return [ifAbsent && ifPresent, ifGreater && ifLess, ifAbsent && (ifGreater || ifLess)].some((both) => both === true);
}

function zadd(draw: Draw): Command {
  const { key, isSigned } = target(draw);
  const most = draw.once(4) ? draw.pool.batch : 4;
  const isNaN = draw.once(200);
  const members = draw.some(most, (): [number, Value] => [draw.score(isSigned), draw.element()]);
  if (isNaN) members[draw.below(members.length)][0] = NaN;
  const options: ZaddOptions = { ...conditions(draw), ...(draw.once(3) ? { countChanged: true } : {}) };
  const redis = ["ZADD", key, ...conditionWords(options), ...flag(options.countChanged, "CH"), ...members.flat()];
  return command("zadd", [key, members, options], redis, INTEGER, { isWrong: isNaN || excludes(options) });
}

function zincrBy(draw: Draw): Command {
  const { key, isSigned } = target(draw);
  const [increment, member, options] = [draw.once(200) ? NaN : draw.score(isSigned), draw.element(), conditions(draw)];
  const words = conditionWords(options);
  const redis = words.length === 0
    ? ["ZINCRBY", key, increment, member]
    : ["ZADD", key, ...words, "INCR", increment, member];
  const isWrong = Number.isNaN(increment) || excludes(options);
  return command("zincrBy", [key, increment, member, options], redis, NUMBER_OR_NULL, { isWrong });
}

export function rangeOptions(draw: Draw): RangeOptions {
  const isLimited = draw.once(2);
  return {
    ...(draw.once(3) ? { reverse: true } : {}),
    ...(isLimited && !draw.once(4) ? { offset: draw.pick([0, 0, 1, 2, 5, 100, 2 ** 32, -1]) } : {}),
    ...(isLimited && !draw.once(4) ? { count: draw.pick([0, 1, 2, 3, 10, 100, -1, -2, 2 ** 32 + 1]) } : {}),
  };
}

export function limitWords({ offset, count }: RangeOptions): Words {
  return offset === undefined && count === undefined ? [] : ["LIMIT", offset ?? 0, count ?? -1];
}

function byScore(draw: Draw): Command {
  const { key, isSigned } = target(draw);
  const [min, max] = draw.scoreRange(isSigned);
  const options = rangeOptions(draw);
  const hasScores = draw.once(2);
  const bounds = [scoreBound(min), scoreBound(max)];
  const ends = [...flag(hasScores, "WITHSCORES"), ...limitWords(options)];
  const redis = options.reverse === true
    ? ["ZREVRANGEBYSCORE", key, ...bounds.reverse(), ...ends]
    : ["ZRANGEBYSCORE", key, ...bounds, ...ends];
  return hasScores
    ? command("zrangeByScoreWithScores", [key, min, max, options], redis, SCORED)
    : command("zrangeByScore", [key, min, max, options], redis, LIST);
}

function byRank(draw: Draw): Command {
  const { key } = target(draw);
  const [start, stop] = draw.range();
  const options = draw.once(3) ? { reverse: true } : {};
  const redis = [options.reverse ? "ZREVRANGE" : "ZRANGE", key, start, stop];
  return draw.once(2)
    ? command("zrange", [key, start, stop, options], redis, LIST)
    : command("zrangeWithScores", [key, start, stop, options], [...redis, "WITHSCORES"], SCORED);
}

function store(draw: Draw): Command {
  const { key: source, isSigned } = target(draw);
  const destination = isSigned ? draw.pick(draw.pool.signed) : draw.key();
  const { range, words } = draw.once(2) ? rankPart(draw) : scorePart(draw, isSigned);
  const redis = ["ZRANGESTORE", destination, source, ...words];
  return command("zrangeStore", [destination, source, range], redis, INTEGER, { keys: [destination, source] });
}

function rankPart(draw: Draw): { range: SortedSetRange; words: Words } {
  const [start, stop] = draw.range();
  const reverse = draw.once(3);
  return { range: { by: "rank", start, stop, reverse }, words: [start, stop, ...flag(reverse, "REV")] };
}

function scorePart(draw: Draw, isSigned: boolean): { range: SortedSetRange; words: Words } {
  const [min, max] = draw.scoreRange(isSigned);
  const options = rangeOptions(draw);
  const bounds = [scoreBound(min), scoreBound(max)];
  if (options.reverse === true) bounds.reverse();
  const words = [...bounds, "BYSCORE", ...flag(options.reverse, "REV"), ...limitWords(options)];
  return { range: { by: "score", min, max, ...options }, words };
}

type Combination = "union" | "inter" | "diff";
interface Sources {
  readonly destination: Key;
  readonly keys: Key[];
  readonly options: CombineOptions;
  readonly words: Words;
  readonly isWrong: boolean;
}

/** Of sets with scores of all kinds, an infinite weight or one of 0 can make a NaN, which is 0 in a union. */
const ANY_WEIGHTS = [1, 2, -1, 0, 0.5, Infinity, -Infinity, 1e200];
/** In an intersection of Redis it is 0 in the first of the sets, by size, and makes the whole sum 0 in others. */
const INTER_WEIGHTS = [1, 2, -1, 0.5, 1e200];

/**
 * Sets to put together, and how. What a sum of doubles is depends on its order unless it is exact, and Redis adds in an
 * order of its own: scores of all kinds come two at a time, and others are not made larger by being stored.
 */
function sources(draw: Draw, combination: Combination, stores: boolean): Sources {
  const { pool } = draw;
  const isSigned = pool.signed.length > 0 && draw.once(2);
  const keys = isSigned ? draw.some(2, () => draw.pick(pool.signed)) : draw.keys(4);
  const isNaN = draw.once(200);
  const weigh = (): number => {
    if (isNaN) return NaN;
    if (isSigned) return draw.pick(combination === "union" ? ANY_WEIGHTS : INTER_WEIGHTS);
    return stores ? 1 : draw.pick(combination === "union" ? [1, 2, 3, 0.5, 0] : [1, 2, 3, 0.5]);
  };
  const aggregate = stores && !isSigned
    ? draw.pick(["min", "max"] as const)
    : draw.pick([undefined, "sum", "min", "max"] as const);
  const options: CombineOptions = {
    ...(draw.once(2) ? { weights: keys.map(weigh) } : {}),
    ...(aggregate === undefined ? {} : { aggregate }),
  };
  const words = [
    ...(options.weights === undefined ? [] : ["WEIGHTS", ...options.weights]),
    ...flag(aggregate !== undefined, "AGGREGATE", aggregate ?? ""),
  ];
  const destination = isSigned ? draw.pick(pool.signed) : draw.key();
  return { destination, keys, options, words, isWrong: isNaN && options.weights !== undefined };
}

function combine(draw: Draw): Command {
  const combination = draw.pick(["union", "inter"] as const);
  const { keys, options, words, isWrong } = sources(draw, combination, false);
  const name = `z${combination}` as const;
  const redis = [name, keys.length, ...keys, ...words];
  return draw.once(2)
    ? command(name, [keys, options], redis, LIST, { isWrong })
    : command(`${name}WithScores`, [keys, options], [...redis, "WITHSCORES"], SCORED, { isWrong });
}

function combineStore(draw: Draw): Command {
  const combination = draw.pick(["union", "inter"] as const);
  const { destination, keys, options, words, isWrong } = sources(draw, combination, true);
  const name = `z${combination}Store` as const;
  const redis = [name, destination, keys.length, ...keys, ...words];
  return command(name, [destination, keys, options], redis, INTEGER, { keys: [destination, ...keys], isWrong });
}

function difference(draw: Draw): Command {
  const { destination, keys } = sources(draw, "diff", true);
  const redis = [keys.length, ...keys];
  switch (draw.below(3)) {
    case 0:
      return command("zdiff", [keys], ["ZDIFF", ...redis], LIST);
    case 1:
      return command("zdiffWithScores", [keys], ["ZDIFF", ...redis, "WITHSCORES"], SCORED);
    default:
      return command("zdiffStore", [destination, keys], ["ZDIFFSTORE", destination, ...redis], INTEGER, {
        keys: [destination, ...keys],
      });
  }
}

function pop(draw: Draw): Command {
  const { key } = target(draw);
  const name = draw.pick(["zpopMin", "zpopMax"] as const);
  if (draw.once(3)) return command(name, [key], [name, key], SCORED);
  const count = draw.once(20) ? -1 : draw.count();
  return command(name, [key, count], [name, key, count], SCORED, { isWrong: count < 0 });
}

function randomMembers(draw: Draw): Command {
  const [{ key }, count] = [target(draw), randomCount(draw)];
  const check = (answer: unknown): Check => {
    const members = listOf(answer) as Uint8Array[];
    return {
      asks: [["ZCARD", key], ["ZMSCORE", key, ...members, ""]],
      holds: ([size, scores]) =>
        isSample(members, count ?? 1, numberOf(size)) && listOf(scores).slice(0, -1).every((score) => score !== null),
    };
  };
  const redis = ["ZRANDMEMBER", key, ...flag(count !== undefined, count ?? 0)];
  return checked("zrandMember", count === undefined ? [key] : [key, count], redis, check);
}

function randomScored(draw: Draw): Command {
  const [{ key }, count = 1] = [target(draw), randomCount(draw)];
  const check = (answer: unknown): Check => {
    const entries = listOf(answer) as [Uint8Array, number][];
    return {
      asks: [["ZCARD", key], ["ZMSCORE", key, ...entries.map(([member]) => member), ""]],
      holds: ([size, scores]) =>
        isSample(entries.map(([member]) => member), count, numberOf(size)) &&
        entries.every(([, score], i) => {
          const expected = listOf(scores)[i];
          return expected !== null && numberOf(expected) === score + 0;
        }),
    };
  };
  return checked("zrandMemberWithScores", [key, count], ["ZRANDMEMBER", key, count, "WITHSCORES"], check);
}

/** Rank and score at once, which Redis has only from 7.2 on. */
function rankWithScore(draw: Draw): Command {
  const [{ key }, member] = [target(draw), draw.element()];
  const name = draw.pick(["zrankWithScore", "zrevRankWithScore"] as const);
  const rank = name === "zrankWithScore" ? "ZRANK" : "ZREVRANK";
  const check = (answer: unknown): Check => ({
    asks: [[rank, key, member], ["ZSCORE", key, member]],
    holds: ([rank, score]) => {
      if (answer === null || rank === null) return answer === rank;
      const [ourRank, ourScore] = listOf(answer);
      return ourRank === numberOf(rank) && numberOf(ourScore) === numberOf(score);
    },
  });
  return checked(name, [key, member], [rank, key, member], check);
}

export function allOf(key: Key): Command {
  return command("zrangeWithScores", [key, 0, -1], ["ZRANGE", key, 0, -1, "WITHSCORES"], SCORED);
}

export const SORTED_SETS: Table = [
  entry("add", 12, zadd),
  entry("add", 4, zincrBy),
  entry("read", 2, (draw) => {
    const [{ key }, member] = [target(draw), draw.element()];
    return command("zscore", [key, member], ["ZSCORE", key, member], NUMBER_OR_NULL);
  }),
  entry("read", 1, (draw) => {
    const [{ key }, members] = [target(draw), draw.elements()];
    return command("zmscore", [key, members], ["ZMSCORE", key, ...members], NUMBERS_OR_NULL);
  }),
  entry("read", 1, (draw) => {
    const { key } = target(draw);
    return command("zcard", [key], ["ZCARD", key], INTEGER);
  }),
  entry("read", 2, (draw) => {
    const { key, isSigned } = target(draw);
    const [min, max] = draw.scoreRange(isSigned);
    return command("zcount", [key, min, max], ["ZCOUNT", key, scoreBound(min), scoreBound(max)], INTEGER);
  }),
  entry("read", 2, (draw) => {
    const [{ key }, member] = [target(draw), draw.element()];
    return command("zrank", [key, member], ["ZRANK", key, member], INTEGER_OR_NULL);
  }),
  entry("read", 2, (draw) => {
    const [{ key }, member] = [target(draw), draw.element()];
    return command("zrevRank", [key, member], ["ZREVRANK", key, member], INTEGER_OR_NULL);
  }),
  entry("read", 2, rankWithScore),
  entry("read", 5, byRank),
  entry("read", 5, byScore),
  entry("whole", 1, (draw) => allOf(target(draw).key)),
  entry("whole", 3, store),
  entry("remove", 4, (draw) => {
    const [{ key }, members] = [target(draw), draw.elements()];
    return command("zrem", [key, members], ["ZREM", key, ...members], INTEGER);
  }),
  entry("remove", 1, (draw) => {
    const { key } = target(draw);
    const start = draw.index();
    const stop = start + draw.below(6) - 1;
    return command("zremRangeByRank", [key, start, stop], ["ZREMRANGEBYRANK", key, start, stop], INTEGER);
  }),
  entry("wipe", 0.5, (draw) => {
    const { key } = target(draw);
    const [start, stop] = draw.range();
    return command("zremRangeByRank", [key, start, stop], ["ZREMRANGEBYRANK", key, start, stop], INTEGER);
  }),
  entry("remove", 1, (draw) => {
    const { key, isSigned } = target(draw);
    const low = draw.score(isSigned);
    const [min, max] = [draw.bound(low), draw.bound(low + draw.below(3))];
    const redis = ["ZREMRANGEBYSCORE", key, scoreBound(min), scoreBound(max)];
    return command("zremRangeByScore", [key, min, max], redis, INTEGER);
  }),
  entry("remove", 3, pop),
  entry("whole", 5, combine),
  entry("whole", 3, combineStore),
  entry("whole", 3, difference),
  entry("whole", 2, (draw) => {
    const [{ keys }, { options, words, isWrong }] = [sources(draw, "inter", false), limitOptions(draw)];
    const redis = ["ZINTERCARD", keys.length, ...keys, ...words];
    return command("zinterCard", [keys, options], redis, INTEGER, { isWrong });
  }),
  entry("whole", 1, (draw) => {
    const [{ key }, options] = [target(draw), scanOptions(draw)];
    const call = (face: Face) => scanElements((step) => face.zscan(key, step), options, "entries");
    const redis = ["ZSCAN", key, ...scanWords(options)];
    return composed("zscan", [key, options], call, redis, scanned(SCORED_BAG), [key]);
  }),
  entry("read", 1, randomMembers),
  entry("read", 1, randomScored),
];
