import { type Argument, type Command, ONE_KEY, read, write } from "./command.ts";
import { BAD_CURSOR, NOT_FINITE, OUT_OF_RANGE, OVERFLOWS, syntaxError, wrongArity } from "./errors.ts";
import { decimalText } from "./numbers.ts";
import { toBigInt, toFloat, toInteger, toPairCount, toPairs, wordOf } from "./parse.ts";
import { type Awaitable, flatten, into, type Reply, ReplyError, toBit, toOk } from "./reply.ts";
import { scanHash } from "./scan.ts";
import type { Target } from "./target.ts";

export const HASHES: readonly Command[] = [
  write("hset", -4, ONE_KEY, (on, args) => setFields(on, args, "hset")),
  write("hmset", -4, ONE_KEY, (on, args) => into(setFields(on, args, "hmset"), toOk)),
  write("hsetnx", 4, ONE_KEY, (on, [key, field, value]) => into(on.hashes.hsetnx(key, field, value), toBit)),
  read("hget", 3, ONE_KEY, (on, [key, field]) => on.hashes.hget(key, field)),
  read("hmget", -3, ONE_KEY, (on, [key, ...fields]) => on.hashes.hmget(key, fields)),
  read("hgetall", 2, ONE_KEY, (on, [key]) => into(on.hashes.hgetall(key), flatten)),
  read("hkeys", 2, ONE_KEY, (on, [key]) => on.hashes.hkeys(key)),
  read("hvals", 2, ONE_KEY, (on, [key]) => on.hashes.hvals(key)),
  read("hlen", 2, ONE_KEY, (on, [key]) => on.hashes.hlen(key)),
  read("hexists", 3, ONE_KEY, (on, [key, field]) => into(on.hashes.hexists(key, field), toBit)),
  write("hdel", -3, ONE_KEY, (on, [key, ...fields]) => on.hashes.hdel(key, fields)),
  write("hincrby", 4, ONE_KEY, (on, [key, field, delta]) => on.hashes.hincrBy(key, field, toBigInt(delta)), {
    NOT_INTEGER: "ERR hash value is not an integer",
    OUT_OF_RANGE: OVERFLOWS,
  }),
  write("hincrbyfloat", 4, ONE_KEY, (on, [key, field, delta]) => {
    const increment = toFloat(delta);
    if (!Number.isFinite(increment)) throw new ReplyError("ERR value is NaN or Infinity");
    return into(on.hashes.hincrByFloat(key, field, increment), decimalText);
  }, { NOT_FLOAT: "ERR hash value is not a float", OUT_OF_RANGE: NOT_FINITE }),
  read("hstrlen", 3, ONE_KEY, (on, [key, field]) => on.hashes.hstrlen(key, field)),
  read("hscan", -3, ONE_KEY, scanHash, { OUT_OF_RANGE: BAD_CURSOR }),
  read("hrandfield", -2, ONE_KEY, randomField, { OUT_OF_RANGE }),
];

function setFields(on: Target, [key, ...rest]: readonly Argument[], name: string): Awaitable<number> {
  const entries = toPairs(rest);
  if (entries === null) throw wrongArity(name);
  return on.hashes.hmset(key, entries);
}

function randomField(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key, times, option] = args;
  if (times === undefined) return into(on.hashes.hrandField(key), ([field]) => field ?? null);
  const count = toInteger(times);
  if (option === undefined) return on.hashes.hrandField(key, count);
  if (args.length > 3 || wordOf(option) !== "withvalues") throw syntaxError();
  return into(on.hashes.hrandFieldWithValues(key, toPairCount(count)), flatten);
}
