import type { ScoreConditions } from "../collections.ts";
import type { Bytes } from "../engine.ts";
import { type Argument, type Command, NO_KEYS, ONE_KEY, read, type Run, write } from "./command.ts";
import { readPopRequest } from "./counted_keys.ts";
import { BAD_CURSOR, NOT_A_SCORE, OUT_OF_RANGE, syntaxError } from "./errors.ts";
import { toCount, toFloat, toInteger, toPairCount, toPairs, wordOf } from "./parse.ts";
import { type Awaitable, flatten, into, NO_ARRAY, type Reply, ReplyError, scoreText } from "./reply.ts";
import { scanSortedSet } from "./scan.ts";
import type { Target } from "./target.ts";

const toScore = (score: number | null): string | null => score === null ? null : scoreText(score);
const SCORES = { OUT_OF_RANGE: NOT_A_SCORE };

export const SORTED_SETS: readonly Command[] = [
  write("zadd", -4, ONE_KEY, zadd, SCORES),
  write("zincrby", 4, ONE_KEY, (on, [key, ...rest]) => zadd(on, [key, "incr", ...rest]), SCORES),
  read("zscore", 3, ONE_KEY, (on, [key, member]) => into(on.sortedSets.zscore(key, member), toScore)),
  read("zmscore", -3, ONE_KEY, (on, [key, ...members]) => {
    return into(on.sortedSets.zmscore(key, members), (scores) => scores.map(toScore));
  }),
  read("zcard", 2, ONE_KEY, (on, [key]) => on.sortedSets.zcard(key)),
  read("zrank", -3, ONE_KEY, rank("zrank", "zrankWithScore")),
  read("zrevrank", -3, ONE_KEY, rank("zrevRank", "zrevRankWithScore")),
  write("zrem", -3, ONE_KEY, (on, [key, ...members]) => on.sortedSets.zrem(key, members)),
  write("zpopmin", -2, ONE_KEY, pop("zpopMin")),
  write("zpopmax", -2, ONE_KEY, pop("zpopMax")),
  write("zmpop", -4, NO_KEYS, zmpop),
  read("zscan", -3, ONE_KEY, scanSortedSet, { OUT_OF_RANGE: BAD_CURSOR }),
  read("zrandmember", -2, ONE_KEY, randomMember, { OUT_OF_RANGE }),
];

type AddOption = "nx" | "xx" | "gt" | "lt" | "ch" | "incr";
const ADD_OPTIONS: ReadonlySet<string> = new Set<AddOption>(["nx", "xx", "gt", "lt", "ch", "incr"]);

function zadd(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key] = args;
  const found = new Set<AddOption>();
  let at = 1;
  for (; at < args.length && ADD_OPTIONS.has(wordOf(args[at])); at++) found.add(wordOf(args[at]) as AddOption);
  const pairs = toPairs(args.slice(at));
  if (pairs === null || pairs.length === 0) throw syntaxError();
  const conditions = toConditions(found);
  if (found.has("incr") && pairs.length > 1) {
    throw new ReplyError("ERR INCR option supports a single increment-element pair");
  }
  const members = pairs.map(([score, member]) => [toFloat(score), member] as const);
  if (!found.has("incr")) return on.sortedSets.zadd(key, members, { ...conditions, countChanged: found.has("ch") });
  const [[increment, member]] = members;
  return into(on.sortedSets.zincrBy(key, increment, member, conditions), toScore);
}

function toConditions(found: ReadonlySet<AddOption>): ScoreConditions {
  const [ifAbsent, ifPresent, ifGreater, ifLess] = (["nx", "xx", "gt", "lt"] as const).map((word) => found.has(word));
  if (ifAbsent && ifPresent) throw new ReplyError("ERR XX and NX options at the same time are not compatible");
  if (ifAbsent && (ifGreater || ifLess) || ifGreater && ifLess) {
    throw new ReplyError("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  return { ifAbsent, ifPresent, ifGreater, ifLess };
}

/** `WITHSCORE` is from Redis 7.2. */
function rank(plain: "zrank" | "zrevRank", withScore: "zrankWithScore" | "zrevRankWithScore"): Run {
  return (on, args) => {
    const [key, member, option] = args;
    if (option === undefined) return on.sortedSets[plain](key, member);
    if (args.length > 3 || wordOf(option) !== "withscore") throw syntaxError();
    return into(on.sortedSets[withScore](key, member), (found) => {
      return found === null ? NO_ARRAY : [found[0], scoreText(found[1])];
    });
  };
}

function pop(name: "zpopMin" | "zpopMax"): Run {
  return (on, args) => {
    const [key, times] = args;
    if (args.length > 2) throw syntaxError();
    return into(on.sortedSets[name](key, times === undefined ? 1 : toCount(times)), flatten);
  };
}

function zmpop(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const { keys, where, count } = readPopRequest(args, toWhere);
  const name = where === "min" ? "zpopMin" : "zpopMax";
  const toReply = (key: Argument, entries: readonly [Bytes, number][]): Reply => {
    return entries.length === 0 ? NO_ARRAY : [key, entries.map(([member, score]) => [member, scoreText(score)])];
  };
  if (keys.length === 1) return into(on.sortedSets[name](keys[0], count), (entries) => toReply(keys[0], entries));
  return on.atomically("ZMPOP of several keys", (transaction) => {
    for (const key of keys) {
      const entries = transaction[name](key, count);
      if (entries.length > 0) return toReply(key, entries);
    }
    return NO_ARRAY;
  });
}

function toWhere(argument: Argument): "min" | "max" {
  const where = wordOf(argument);
  if (where === "min" || where === "max") return where;
  throw syntaxError();
}

function randomMember(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key, times, option] = args;
  if (times === undefined) return into(on.sortedSets.zrandMember(key), ([member]) => member ?? null);
  const count = toInteger(times);
  if (option === undefined) return on.sortedSets.zrandMember(key, count);
  if (args.length > 3 || wordOf(option) !== "withscores") throw syntaxError();
  return into(on.sortedSets.zrandMemberWithScores(key, toPairCount(count)), flatten);
}
