import { toBytes } from "../arguments.ts";
import type { ExpireOptions, Transaction } from "../engine.ts";
import { sameBytes } from "../bytes.ts";
import { ALL_KEYS, type Argument, type Command, ONE_KEY, other, read, type Run, TWO_KEYS, write } from "./command.ts";
import { BAD_CURSOR, NO_KEY, syntaxError } from "./errors.ts";
import { type Expiry, type ExpiryWord, invalidExpiry, readExpiry } from "./expiry.ts";
import { checkDatabase, Options, textOf } from "./parse.ts";
import { all, type Awaitable, countTrue, into, OK, type Reply, ReplyError, Status, toBit } from "./reply.ts";
import { scanKeys } from "./scan.ts";
import type { Target } from "./target.ts";

const NONE = new Status("none");
/** So many keys a random one is chosen from. */
const RANDOM_COUNT = 1000;

export const KEYS: readonly Command[] = [
  write("del", -2, ALL_KEYS, del),
  write("unlink", -2, ALL_KEYS, del),
  read("exists", -2, ALL_KEYS, exists),
  read("touch", -2, ALL_KEYS, exists),
  read("type", 2, ONE_KEY, (on, [key]) => into(on.keys.type(key), (type) => type === null ? NONE : new Status(type))),
  read("ttl", 2, ONE_KEY, (on, [key]) => into(on.keys.ttl(key), (ttl) => toTime(ttl, 1000))),
  read("pttl", 2, ONE_KEY, (on, [key]) => into(on.keys.ttl(key), (ttl) => toTime(ttl, 1))),
  read("expiretime", 2, ONE_KEY, (on, [key]) => into(endOf(on, key), (end) => toTime(end, 1000))),
  read("pexpiretime", 2, ONE_KEY, (on, [key]) => into(endOf(on, key), (end) => toTime(end, 1))),
  write("expire", -3, ONE_KEY, expire("expire", "ex"), invalidExpiry("expire")),
  write("pexpire", -3, ONE_KEY, expire("pexpire", "px"), invalidExpiry("pexpire")),
  write("expireat", -3, ONE_KEY, expire("expireat", "exat"), invalidExpiry("expireat")),
  write("pexpireat", -3, ONE_KEY, expire("pexpireat", "pxat"), invalidExpiry("pexpireat")),
  write("persist", 2, ONE_KEY, (on, [key]) => into(on.keys.persist(key), toBit)),
  write("rename", 3, TWO_KEYS, (on, [source, destination]) => {
    return into(on.keys.rename(source, destination), (isRenamed) => {
      if (!isRenamed) throw new ReplyError(NO_KEY);
      return OK;
    });
  }),
  write("renamenx", 3, TWO_KEYS, (on, [source, destination]) => {
    return on.atomically("RENAMENX", (transaction) => {
      if (!transaction.exists(source)) throw new ReplyError(NO_KEY);
      return toBit(transaction.rename(source, destination, { ifAbsent: true }));
    });
  }),
  write("copy", -3, TWO_KEYS, copy),
  other("keys", 2, ["read", "guarded", "wide"], (on, [pattern]) => on.matching(pattern)),
  other("scan", -2, ["read", "guarded", "wide"], scanKeys, { OUT_OF_RANGE: BAD_CURSOR }),
  other("randomkey", 1, ["read", "guarded", "wide"], (on) => randomKey(on, null)),
];

function del(on: Target, keys: readonly Argument[]): Awaitable<Reply> {
  if (keys.length === 1) return into(on.keys.del(keys[0]), toBit);
  const removed = on.together(
    (transaction) => keys.map((key) => transaction.del(key)),
    () => all(keys.map((key) => on.keys.del(key))),
  );
  return into(removed, countTrue);
}

function exists(on: Target, keys: readonly Argument[]): Awaitable<Reply> {
  return into(all(keys.map((key) => on.keys.exists(key))), countTrue);
}

/** A time in units of so many milliseconds; -1 for never, -2 for no key. */
function toTime(milliseconds: number | null, unit: number): number {
  if (milliseconds === null) return -2;
  return milliseconds === Infinity ? -1 : Math.round(milliseconds / unit);
}

/** When a key expires, in milliseconds since 1970. */
function endOf(on: Target, key: Argument): Awaitable<number | null> {
  return into(on.keys.ttl(key), (ttl) => ttl === null ? null : Date.now() + ttl);
}

type Condition = "nx" | "xx" | "gt" | "lt";
const WHEN: Record<Condition, ExpireOptions["when"]> = {
  nx: "persistent",
  xx: "expiring",
  gt: "later",
  lt: "sooner",
};

function expire(name: string, word: ExpiryWord): Run {
  return (on, args) => {
    const [key, time] = args;
    const conditions = readConditions(args);
    const expiry = readExpiry({ word, time }, name, false);
    const isOver = expiry.isOver();
    // Only what expires is given a later time, so that XX says nothing beside GT; and what is over is sooner than anything.
    if (conditions.has("gt")) conditions.delete("xx");
    if (isOver && conditions.has("gt")) return 0;
    if (isOver) conditions.delete("lt");
    const [condition] = conditions;
    if (!isOver && conditions.size < 2) {
      return into(on.keys.expire(key, expiry.ttl(), { when: WHEN[condition] }), toBit);
    }
    if (isOver && condition === undefined) return into(on.keys.del(key), toBit);
    return into(on.atomically(`${name.toUpperCase()} with these options`, expireIf(key, conditions, expiry)), toBit);
  };
}

/** Changes an expiry, or removes a key whose time has come, under conditions that are no single operation. */
function expireIf(key: Argument, conditions: ReadonlySet<Condition>, expiry: Expiry): (on: Transaction) => boolean {
  return (transaction) => {
    const current = transaction.ttl(key);
    if (current === null) return false;
    const isOver = expiry.isOver();
    const ttl = isOver ? 0 : expiry.ttl();
    const isRefused = conditions.has("nx") && current !== Infinity || conditions.has("xx") && current === Infinity ||
      conditions.has("gt") && ttl <= current || conditions.has("lt") && ttl >= current;
    if (isRefused) return false;
    return isOver ? transaction.del(key) : transaction.expire(key, ttl);
  };
}

function readConditions(args: readonly Argument[]): Set<Condition> {
  const conditions = new Set<Condition>();
  const options = new Options(args, 2);
  for (let word = options.next(); word !== null; word = options.next()) {
    if (!Object.hasOwn(WHEN, word)) {
      throw new ReplyError(`ERR Unsupported option ${textOf(args[args.length - options.left - 1])}`);
    }
    conditions.add(word as Condition);
  }
  if (conditions.has("nx") && conditions.size > 1) {
    throw new ReplyError("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (conditions.has("gt") && conditions.has("lt")) {
    throw new ReplyError("ERR GT and LT options at the same time are not compatible");
  }
  return conditions;
}

function copy(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [source, destination] = args;
  const options = new Options(args, 2);
  let replace = false;
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word === "replace") replace = true;
    else if (word === "db" && options.left > 0) checkDatabase(options.take());
    else throw syntaxError();
  }
  if (sameBytes(toBytes(source), toBytes(destination))) {
    throw new ReplyError("ERR source and destination objects are the same");
  }
  return into(on.keys.copy(source, destination, { replace }), toBit);
}

/** One of the first keys that a scan finds, each as likely as any other. */
function randomKey(on: Target, cursor: string | null): Awaitable<Reply> {
  return into<Awaited<ReturnType<Target["keys"]["scan"]>>, Reply>(
    on.keys.scan({ cursor, count: RANDOM_COUNT }),
    ({ keys, cursor: next }) => {
      if (keys.length > 0) return keys[Math.floor(Math.random() * keys.length)];
      return next === null ? null : randomKey(on, next);
    },
  );
}
