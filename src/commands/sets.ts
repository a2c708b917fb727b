import { ALL_KEYS, type Argument, type Command, NO_KEYS, ONE_KEY, read, TWO_KEYS, write } from "./command.ts";
import { BAD_CURSOR, OUT_OF_RANGE, syntaxError } from "./errors.ts";
import { Options, toCount, toInteger, toLimit } from "./parse.ts";
import { type Awaitable, into, type Reply, ReplyError, toBit } from "./reply.ts";
import { scanSet } from "./scan.ts";
import type { Target } from "./target.ts";

export const SETS: readonly Command[] = [
  write("sadd", -3, ONE_KEY, (on, [key, ...members]) => on.sets.sadd(key, members)),
  write("srem", -3, ONE_KEY, (on, [key, ...members]) => on.sets.srem(key, members)),
  read("sismember", 3, ONE_KEY, (on, [key, member]) => into(on.sets.sisMember(key, member), toBit)),
  read("smismember", -3, ONE_KEY, (on, [key, ...members]) => {
    return into(on.sets.smisMember(key, members), (answers) => answers.map(toBit));
  }),
  read("smembers", 2, ONE_KEY, (on, [key]) => on.sets.smembers(key)),
  read("scard", 2, ONE_KEY, (on, [key]) => on.sets.scard(key)),
  write("spop", -2, ONE_KEY, pop),
  read("srandmember", -2, ONE_KEY, randomMember, { OUT_OF_RANGE }),
  write("smove", 4, TWO_KEYS, (on, [source, destination, member]) => {
    return into(on.sets.smove(source, destination, member), toBit);
  }),
  read("sscan", -3, ONE_KEY, scanSet, { OUT_OF_RANGE: BAD_CURSOR }),
  read("sinter", -2, ALL_KEYS, (on, keys) => on.sets.sinter(keys)),
  read("sunion", -2, ALL_KEYS, (on, keys) => on.sets.sunion(keys)),
  read("sdiff", -2, ALL_KEYS, (on, keys) => on.sets.sdiff(keys)),
  write("sinterstore", -3, ALL_KEYS, (on, [destination, ...keys]) => on.sets.sinterStore(destination, keys)),
  write("sunionstore", -3, ALL_KEYS, (on, [destination, ...keys]) => on.sets.sunionStore(destination, keys)),
  write("sdiffstore", -3, ALL_KEYS, (on, [destination, ...keys]) => on.sets.sdiffStore(destination, keys)),
  read("sintercard", -3, NO_KEYS, countCommon),
];

function pop(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key, times] = args;
  if (args.length > 2) throw syntaxError();
  if (times === undefined) return into(on.sets.spop(key), ([member]) => member ?? null);
  return on.sets.spop(key, toCount(times));
}

function randomMember(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key, times] = args;
  if (args.length > 2) throw syntaxError();
  if (times === undefined) return into(on.sets.srandMember(key), ([member]) => member ?? null);
  return on.sets.srandMember(key, toInteger(times));
}

function countCommon(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const options = new Options(args, 0);
  const count = toCount(options.take(), 1, "ERR numkeys should be greater than 0");
  if (count > options.left) throw new ReplyError("ERR Number of keys can't be greater than number of args");
  const keys = options.takeMany(count);
  let limit = 0;
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word !== "limit") throw syntaxError();
    limit = toLimit(options.take());
  }
  return on.sets.sinterCard(keys, { limit });
}
