import { StorageError } from "../errors.ts";
import type { Bytes, Change, SetOptions, Transaction } from "../engine.ts";
import { ALL_KEYS, type Argument, type Command, type KeyPositions, ONE_KEY, read, write } from "./command.ts";
import { NOT_FINITE, notAtomic, OVERFLOWS, syntaxError, TOO_LONG, wrongArity } from "./errors.ts";
import { type Expiry, type ExpiryOption, invalidExpiry, isExpiryWord, toExpiry } from "./expiry.ts";
import { refuse } from "./lookup.ts";
import { addDecimals } from "./numbers.ts";
import { Options, toBigInt, toInteger, toNumberText, toPairs } from "./parse.ts";
import { all, attempt, type Awaitable, into, OK, type Reply, ReplyError, toBit, toOk } from "./reply.ts";
import type { Target } from "./target.ts";

const PAIRS: KeyPositions = [1, -1, 2];
const COUNTER = { OUT_OF_RANGE: OVERFLOWS };
const LENGTH = { TOO_LARGE: TOO_LONG };

export const STRINGS: readonly Command[] = [
  read("get", 2, ONE_KEY, (on, [key]) => on.keys.get(key)),
  write("set", -3, ONE_KEY, set, invalidExpiry("set")),
  write("setnx", 3, ONE_KEY, (on, [key, value]) => into(on.keys.set(key, value, { ifAbsent: true }), toBit)),
  write("setex", 4, ONE_KEY, (on, [key, seconds, value]) => {
    return into(on.keys.set(key, value, { ttl: toExpiry({ word: "ex", time: seconds }, "setex").ttl() }), toOk);
  }, invalidExpiry("setex")),
  write("psetex", 4, ONE_KEY, (on, [key, milliseconds, value]) => {
    return into(on.keys.set(key, value, { ttl: toExpiry({ word: "px", time: milliseconds }, "psetex").ttl() }), toOk);
  }, invalidExpiry("psetex")),
  write("getset", 3, ONE_KEY, (on, [key, value]) => replace(on, key, value, {}, "GETSET")),
  write("getdel", 2, ONE_KEY, (on, [key]) => {
    let old: Bytes | null = null;
    const change: Change = (value) => {
      old = value;
      return null;
    };
    return into(on.keys.update(key, change), () => old);
  }),
  write("getex", -2, ONE_KEY, getex, invalidExpiry("getex")),
  read("mget", -2, ALL_KEYS, mget),
  write("mset", -3, PAIRS, (on, args) => into(on.keys.mset(pairsOf(args, "mset")), toOk)),
  write("msetnx", -3, PAIRS, msetnx),
  write("incr", 2, ONE_KEY, (on, [key]) => on.keys.incrBy(key, 1n), COUNTER),
  write("decr", 2, ONE_KEY, (on, [key]) => on.keys.incrBy(key, -1n), COUNTER),
  write("incrby", 3, ONE_KEY, (on, [key, delta]) => on.keys.incrBy(key, toBigInt(delta)), COUNTER),
  write("decrby", 3, ONE_KEY, (on, [key, delta]) => on.keys.incrBy(key, negate(toBigInt(delta))), COUNTER),
  write("incrbyfloat", 3, ONE_KEY, incrByFloat),
  write("append", 3, ONE_KEY, (on, [key, suffix]) => on.keys.append(key, suffix), LENGTH),
  read("strlen", 2, ONE_KEY, (on, [key]) => on.keys.strlen(key)),
  read("getrange", 4, ONE_KEY, getRange),
  read("substr", 4, ONE_KEY, getRange),
  write("setrange", 4, ONE_KEY, (on, [key, offset, value]) => {
    const start = toInteger(offset);
    if (start < 0) throw new ReplyError("ERR offset is out of range");
    return on.keys.setRange(key, start, value);
  }, LENGTH),
];

/** What `SET` is told beside key and value. */
interface SetRequest extends Pick<SetOptions, "ifAbsent" | "ifPresent" | "keepTtl"> {
  answersOld?: boolean;
  expiry?: Expiry;
}

function set(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key, value] = args;
  const request = readSetRequest(args);
  if (request.answersOld) return replace(on, key, value, request, "SET with GET");
  const { expiry, ifAbsent, ifPresent, keepTtl } = request;
  if (expiry?.isOver()) return setExpired(on, key, request);
  return into(
    on.keys.set(key, value, { ifAbsent, ifPresent, keepTtl, ttl: expiry?.ttl() }),
    (isSet) => isSet ? OK : null,
  );
}

function readSetRequest(args: readonly Argument[]): SetRequest {
  const options = new Options(args, 2);
  const request: SetRequest = {};
  let expiry: ExpiryOption | undefined;
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word === "nx" && !request.ifPresent) request.ifAbsent = true;
    else if (word === "xx" && !request.ifAbsent) request.ifPresent = true;
    else if (word === "get") request.answersOld = true;
    else if (word === "keepttl" && expiry === undefined) request.keepTtl = true;
    else if (isExpiryWord(word) && (expiry?.word ?? word) === word && !request.keepTtl) {
      expiry = { word, time: options.take() };
    } else throw syntaxError();
  }
  if (expiry !== undefined) request.expiry = toExpiry(expiry, "set");
  return request;
}

/** Sets what has expired already, which is to remove it. */
function setExpired(on: Target, key: Argument, { ifAbsent, ifPresent }: SetRequest): Awaitable<Reply> {
  if (ifAbsent) return into(on.keys.exists(key), (exists) => exists ? null : OK);
  return into(on.keys.del(key), (existed) => existed || !ifPresent ? OK : null);
}

/** Sets a value and answers with the one before. */
function replace(
  on: Target,
  key: Argument,
  value: Argument,
  { expiry, ifAbsent, ifPresent, keepTtl }: SetRequest,
  name: string,
): Awaitable<Reply> {
  const isOver = expiry?.isOver() === true;
  const isWritten = (old: Bytes | null) => old === null ? !ifPresent : !ifAbsent;
  const inTransaction = (transaction: Transaction): Reply => {
    const old = transaction.get(key);
    if (!isWritten(old)) return old;
    if (isOver) transaction.del(key);
    else transaction.set(key, value, { keepTtl, ttl: expiry?.ttl() });
    return old;
  };
  return on.together(inTransaction, () => {
    // What is updated keeps the expiry it has.
    if (expiry === undefined && !keepTtl && !ifAbsent) throw notAtomic(`${name} that forgets an expiry`);
    let old: Bytes | null = null;
    const change: Change = (current) => {
      old = current;
      return isWritten(current) ? isOver ? null : value : undefined;
    };
    return into(on.keys.update(key, change, { ttl: isOver ? undefined : expiry?.ttl() }), () => old);
  });
}

function getex(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [key] = args;
  const options = new Options(args, 1);
  let option: ExpiryOption | "persist" | undefined;
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word === "persist" && (option ?? word) === word) option = word;
    else if (isExpiryWord(word) && option !== "persist" && (option?.word ?? word) === word) {
      option = { word, time: options.take() };
    } else throw syntaxError();
  }
  if (option === undefined) return on.keys.get(key);
  let expiry: Expiry | null;
  try {
    expiry = option === "persist" ? null : toExpiry(option, "getex");
  } catch (error) {
    return refuse(on, key, "string", null, error);
  }
  const isOver = expiry?.isOver() === true;
  const inTransaction = (transaction: Transaction): Reply => {
    const value = transaction.get(key);
    if (value === null) return null;
    if (expiry === null) transaction.persist(key);
    else if (isOver) transaction.del(key);
    else transaction.expire(key, expiry.ttl());
    return value;
  };
  return on.together(inTransaction, () => {
    if (expiry === null) throw notAtomic("GETEX with PERSIST");
    let value: Bytes | null = null;
    const change: Change = (current) => {
      value = current;
      return isOver ? null : current ?? undefined;
    };
    return into(on.keys.update(key, change, { ttl: isOver ? undefined : expiry.ttl() }), () => value);
  });
}

/** Key by key, since the store's `mget` refuses collections, which Redis takes for missing. */
function mget(on: Target, keys: readonly Argument[]): Awaitable<Reply> {
  const toReply = (value: Bytes | null): Reply => value;
  return all(keys.map((key) => attempt(() => on.keys.get(key), toReply, nullIfCollection)));
}

function nullIfCollection(error: unknown): null {
  if (error instanceof StorageError && error.code === "WRONG_TYPE") return null;
  throw error;
}

function msetnx(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const pairs = pairsOf(args, "msetnx");
  if (pairs.length === 1) return into(on.keys.set(...pairs[0], { ifAbsent: true }), toBit);
  return on.atomically("MSETNX of several keys", (transaction) => {
    if (pairs.some(([key]) => transaction.exists(key))) return 0;
    transaction.mset(pairs);
    return 1;
  });
}

function pairsOf(args: readonly Argument[], name: string): [Argument, Argument][] {
  const pairs = toPairs(args);
  if (pairs === null) throw wrongArity(name);
  return pairs;
}

function negate(delta: bigint): bigint {
  if (delta === -(2n ** 63n)) throw new ReplyError("ERR decrement would overflow");
  return -delta;
}

function incrByFloat(on: Target, [key, delta]: readonly Argument[]): Awaitable<Reply> {
  let sum = "";
  const change: Change = (old) => {
    const numbers = [old === null ? "0" : toNumberText(old), toNumberText(delta)];
    if (!numbers.map(Number).every(Number.isFinite)) throw new ReplyError(NOT_FINITE);
    sum = addDecimals(numbers[0], numbers[1]);
    if (!Number.isFinite(Number(sum))) throw new ReplyError(NOT_FINITE);
    return sum;
  };
  return into(on.keys.update(key, change), () => sum);
}

function getRange(on: Target, [key, start, end]: readonly Argument[]): Awaitable<Reply> {
  return on.keys.getRange(key, toInteger(start), toInteger(end));
}
