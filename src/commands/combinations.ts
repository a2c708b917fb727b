// Unions, intersections and differences of sorted sets.

import type { CombineOptions, LimitOptions } from "../collections.ts";
import type { ValueType } from "../engine.ts";
import { type Argument, type Command, NO_KEYS, ONE_KEY, read, type Run, write } from "./command.ts";
import { syntaxError } from "./errors.ts";
import { refuseBehind } from "./lookup.ts";
import { Options, toFloat, toInteger, toLimit, wordOf } from "./parse.ts";
import { type Awaitable, flatten, into, type Reply, ReplyError } from "./reply.ts";
import type { Target } from "./target.ts";

type Kind = "union" | "inter" | "diff";

export const COMBINATIONS: readonly Command[] = [
  read("zunion", -3, NO_KEYS, combine("union")),
  read("zinter", -3, NO_KEYS, combine("inter")),
  read("zdiff", -3, NO_KEYS, combine("diff")),
  write("zunionstore", -4, ONE_KEY, store("union")),
  write("zinterstore", -4, ONE_KEY, store("inter")),
  write("zdiffstore", -4, ONE_KEY, store("diff")),
  read("zintercard", -3, NO_KEYS, countCommon),
];

/** A command that answers with what sets come to. */
function combine(kind: Kind): Run {
  return (on, args) => {
    const { keys, options } = readKeys(args, `z${kind}`);
    return withRequest(on, keys, () => readRequest(options, kind, keys.length, true), ({ hasScores, ...request }) => {
      const { sortedSets } = on;
      if (!hasScores) return sortedSets[`z${kind}`](keys, request);
      return into(sortedSets[`z${kind}WithScores`](keys, request), flatten);
    });
  };
}

/** A command that writes what sets come to over a key. */
function store(kind: Kind): Run {
  return (on, [destination, ...args]) => {
    const { keys, options } = readKeys(args, `z${kind}store`);
    return withRequest(on, keys, () => readRequest(options, kind, keys.length, false), (request) => {
      return on.sortedSets[`z${kind}Store`](destination, keys, request);
    });
  };
}

function countCommon(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const { keys, options } = readKeys(args, "zintercard");
  return withRequest(on, keys, () => readLimit(options), (request) => on.sortedSets.zinterCard(keys, request));
}

function readKeys(args: readonly Argument[], name: string): { keys: readonly Argument[]; options: Options } {
  const options = new Options(args, 0);
  const count = toInteger(options.take());
  if (count < 1) throw new ReplyError(`ERR at least 1 input key is needed for '${name}' command`);
  return { keys: options.takeMany(count), options };
}

/** Plain sets count as sorted ones with scores of 1. */
const SOURCES: readonly ValueType[] = ["zset", "set"];

/** Calls with what `read` makes of the options, which matter only where the keys hold what they must. */
function withRequest<T>(
  on: Target,
  keys: readonly Argument[],
  read: () => T,
  call: (request: T) => Awaitable<Reply>,
): Awaitable<Reply> {
  let request: T;
  try {
    request = read();
  } catch (error) {
    return refuseBehind(on, keys, SOURCES, error);
  }
  return call(request);
}

interface CombineRequest extends Pick<CombineOptions, "weights" | "aggregate"> {
  hasScores?: boolean;
}

function readRequest(options: Options, kind: Kind, keys: number, mayHaveScores: boolean): CombineRequest {
  const request: CombineRequest = {};
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word === "weights" && kind !== "diff") {
      request.weights = options.takeMany(keys).map((weight) => toFloat(weight, "ERR weight value is not a float"));
    } else if (word === "aggregate" && kind !== "diff") request.aggregate = toAggregate(options.take());
    else if (word === "withscores" && mayHaveScores) request.hasScores = true;
    else throw syntaxError();
  }
  return request;
}

function toAggregate(argument: Argument): CombineOptions["aggregate"] {
  const aggregate = wordOf(argument);
  if (aggregate === "sum" || aggregate === "min" || aggregate === "max") return aggregate;
  throw syntaxError();
}

function readLimit(options: Options): LimitOptions {
  const request: LimitOptions = {};
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word !== "limit") throw syntaxError();
    request.limit = toLimit(options.take());
  }
  return request;
}
