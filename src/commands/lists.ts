import type { ListEnd, ListPositionOptions } from "../collections.ts";
import type { Bytes } from "../engine.ts";
import { type Argument, type Command, NO_KEYS, ONE_KEY, read, type Run, TWO_KEYS, write } from "./command.ts";
import { StorageError } from "../errors.ts";
import { readPopRequest } from "./counted_keys.ts";
import { INDEX_OUT_OF_RANGE, NO_KEY, syntaxError, wrongArity } from "./errors.ts";
import { refuse } from "./lookup.ts";
import { Options, toCount, toInteger, wordOf } from "./parse.ts";
import { attempt, type Awaitable, into, NO_ARRAY, type Reply, ReplyError, toOk } from "./reply.ts";
import type { Target } from "./target.ts";

const noKey = () => new ReplyError(NO_KEY);

export const LISTS: readonly Command[] = [
  write("lpush", -3, ONE_KEY, (on, [key, ...values]) => on.lists.lpush(key, values)),
  write("rpush", -3, ONE_KEY, (on, [key, ...values]) => on.lists.rpush(key, values)),
  write("lpushx", -3, ONE_KEY, (on, [key, ...values]) => on.lists.lpushx(key, values)),
  write("rpushx", -3, ONE_KEY, (on, [key, ...values]) => on.lists.rpushx(key, values)),
  write("lpop", -2, ONE_KEY, pop("lpop")),
  write("rpop", -2, ONE_KEY, pop("rpop")),
  read("lrange", 4, ONE_KEY, (on, [key, start, stop]) => on.lists.lrange(key, toInteger(start), toInteger(stop))),
  read("llen", 2, ONE_KEY, (on, [key]) => on.lists.llen(key)),
  read("lindex", 3, ONE_KEY, (on, [key, index]) => {
    return ifInteger(on, key, index, null, (position) => on.lists.lindex(key, position));
  }),
  write("lset", 4, ONE_KEY, lset),
  write("linsert", 5, ONE_KEY, (on, [key, where, pivot, value]) => {
    const side = wordOf(where);
    if (side !== "before" && side !== "after") throw syntaxError();
    return on.lists.linsert(key, side, pivot, value);
  }),
  write("lrem", 4, ONE_KEY, (on, [key, count, value]) => on.lists.lrem(key, toInteger(count), value)),
  write("ltrim", 4, ONE_KEY, (on, [key, start, stop]) => {
    return into(on.lists.ltrim(key, toInteger(start), toInteger(stop)), toOk);
  }),
  read("lpos", -3, ONE_KEY, lpos),
  write("lmove", 5, TWO_KEYS, (on, [source, destination, from, to]) => {
    return on.lists.lmove(source, destination, toEnd(from), toEnd(to));
  }),
  write("rpoplpush", 3, TWO_KEYS, (on, [source, destination]) => {
    return on.lists.lmove(source, destination, "right", "left");
  }),
  write("lmpop", -4, NO_KEYS, lmpop),
];

/** Calls with an index; what is none matters only where there is a list. */
function ifInteger(
  on: Target,
  key: Argument,
  index: Argument,
  missing: Reply,
  call: (index: number) => Awaitable<Reply>,
): Awaitable<Reply> {
  let position: number;
  try {
    position = toInteger(index);
  } catch (error) {
    return refuse(on, key, "list", missing, error);
  }
  return call(position);
}

function pop(name: "lpop" | "rpop"): Run {
  return (on, args) => {
    const [key, times] = args;
    if (args.length > 2) throw wrongArity(name);
    if (times === undefined) return into(on.lists[name](key), (values) => values[0] ?? null);
    const count = toCount(times);
    if (count === 0) return into(on.lists.llen(key), (length) => length === 0 ? NO_ARRAY : []);
    return into(on.lists[name](key, count), (values) => values.length === 0 ? NO_ARRAY : values);
  };
}

function lset(on: Target, [key, index, value]: readonly Argument[]): Awaitable<Reply> {
  return ifInteger(on, key, index, noKey(), (position) => {
    return attempt<void, Reply>(() => on.lists.lset(key, position, value), toOk, (error) => {
      if (!(error instanceof StorageError && error.code === "OUT_OF_RANGE")) throw error;
      return refuse(on, key, "list", noKey(), new ReplyError(INDEX_OUT_OF_RANGE));
    });
  });
}

function lpos(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key, value] = args;
  const options = new Options(args, 2);
  const request: ListPositionOptions = {};
  for (let word = options.next(); word !== null; word = options.next()) {
    if (options.left === 0) throw syntaxError();
    else if (word === "rank") request.rank = toRank(options.take());
    else if (word === "count") request.count = toCount(options.take(), 0, "ERR COUNT can't be negative");
    else if (word === "maxlen") request.maxLength = toCount(options.take(), 0, "ERR MAXLEN can't be negative");
    else throw syntaxError();
  }
  const positions = on.lists.lpos(key, value, request);
  return request.count === undefined ? into(positions, ([first]) => first ?? null) : positions;
}

function toRank(argument: Argument): number {
  const rank = toInteger(argument);
  if (rank !== 0) return rank;
  throw new ReplyError(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
      "or use negative to start from the end of the list",
  );
}

function toEnd(argument: Argument): ListEnd {
  const end = wordOf(argument);
  if (end === "left" || end === "right") return end;
  throw syntaxError();
}

function lmpop(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const { keys, where, count } = readPopRequest(args, toEnd);
  const name = where === "left" ? "lpop" : "rpop";
  const toReply = (key: Argument, values: readonly Bytes[]): Reply => values.length === 0 ? NO_ARRAY : [key, values];
  if (keys.length === 1) return into(on.lists[name](keys[0], count), (values) => toReply(keys[0], values));
  return on.atomically("LMPOP of several keys", (transaction) => {
    for (const key of keys) {
      const values = transaction[name](key, count);
      if (values.length > 0) return toReply(key, values);
    }
    return NO_ARRAY;
  });
}
