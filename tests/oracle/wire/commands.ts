import type { Argument } from "../../../src/commands/command.ts";
import type { Random } from "../../support/random.ts";
import { type Draw, drawFrom, parseSyntax } from "./grammar.ts";
import * as forms from "./forms.ts";
import type { Form } from "./forms.ts";

// Each type mostly has keys of its own, and sometimes meets one of another.
const GROUPS = {
  STRING: ["s0", "s1", "s2"],
  // Small numbers whose sums 80 bits have exactly.
  SUM: ["f0", "f1"],
  LIST: ["l0", "l1", "l2"],
  HASH: ["h0", "h1", "h2"],
  SET: ["t0", "t1", "t2"],
  ZSET: ["z0", "z1", "z2", "z3"],
  // All of its members have the same score.
  LEXSET: ["x0", "x1"],
};
/** Where commands of every type meet. */
const SHARED = ["any0", "any1", "any2"];
/** What is held by these must stay as it is meant. */
const EVEN: readonly string[] = [...GROUPS.LEXSET, ...GROUPS.SUM];
const STRAYS: readonly string[] = [...GROUPS.STRING, ...GROUPS.LIST, ...GROUPS.HASH, ...GROUPS.SET, ...GROUPS.ZSET];
export const ALL_KEYS: readonly string[] = [...Object.values(GROUPS).flat(), ...SHARED, "missing"];

const INTEGERS = ["0", "1", "2", "3", "-1", "-2", "-3", "5", "10", "-10", "100", "2147483648", "4294967296"];
const COUNTS = ["1", "2", "3", "5", "10", "0", "-1", "-2", "1000000000000"];
const DELTAS = [...INTEGERS, "9223372036854775807", "-9223372036854775808", "-9223372036854775807"];
const FLOATS = ["0", "1", "-1", "0.5", "-0.25", "3.75", "100", "1e3", "-2.5e2", "1024", ".5", "5."];
const NO_FLOATS = ["abc", "", "nan", " 1", "1 ", "0x10", "inf", "-inf", "1e", "--1", "1_0"];
// Sums of these are the same in any order.
const SCORES = ["0", "1", "2", "3", "-1", "1.5", "-0.25", "100", "1e3", "0.5", "-7.75", "3.125e-2", "+4"];
const BOUNDS = [...SCORES, "-inf", "+inf", "inf", "(1", "(2", "(-1", "(1.5", "(inf", "(-inf", " 1", "", "("];
const ENDS = ["-", "+", "[a", "(a", "[b", "(b", "[c", "(d", "[", "(", "[f", "(e"];
const MEMBERS: readonly Argument[] = ["a", "b", "c", "d", "e", "", "1", "2", "17", "A", "é", Uint8Array.of(0, 255, 10)];
const VALUES: readonly Argument[] = [...MEMBERS, "10", "-5", "0", "9223372036854775807", "3.5", "1e2", "007", "hello"]
  .concat(["a\r\nb", "x".repeat(70), "-0", "+5", " 1", "1.5abc"]);
/** What is wrong almost everywhere. */
const NOISE: readonly Argument[] = [
  "",
  "abc",
  "1.5",
  "-1",
  "0",
  "9223372036854775807",
  "9223372036854775808",
  "99999999999999999999",
  " 1",
  "1 ",
  "+1",
  "-0",
  "007",
  "1e5",
  "nan",
  "0x10",
  "1e400",
  "1e-400",
  "a\r\nb",
  "limit",
  "count",
  "nx",
];
const PATTERNS = ["*", "s*", "?0", "[lh]*", "[^z]1", "any?", "\\s0", "", "*1*"];
const NO_TIMES = ["0", "-1", "0", "-1", "abc", "", "1.5", " 1", "9223372036854775808"];
const YEAR_2100 = 4_102_444_800;
/** Times so far from each other that it does not matter when exactly they were set. */
const TTLS = Array.from({ length: 10_000 }, (_, i) => String((i + 1) * 1000));
const PAST = ["1", "1000"];

const oneOf = (items: readonly Argument[]): Draw => (random) => [noisy(random, items)];

function noisy(random: Random, items: readonly Argument[]): Argument {
  return random.below(30) === 0 ? random.pick(NOISE) : random.pick(items);
}

function keyOf(group: readonly string[]): Draw {
  return (random) => {
    const kind = random.below(12);
    if (kind === 0) return [random.pick(STRAYS)];
    return [random.pick(kind < 4 ? SHARED : group)];
  };
}

/** A number of keys, and mostly so many of them. */
function counted(group: readonly string[]): Draw {
  const draw = keyOf(group);
  return (random) => {
    const keys = Array.from({ length: 1 + random.below(3) }, () => draw(random)[0]);
    return [random.below(15) === 0 ? noisy(random, INTEGERS) : String(keys.length), ...keys];
  };
}

const DRAWS: Record<string, Draw> = {
  ...Object.fromEntries(Object.entries(GROUPS).map(([name, group]) => [name, keyOf(group)])),
  // Only its commands go there: what else would, would have other scores.
  LEXSET: (random) => [random.pick(GROUPS.LEXSET)],
  SUM: (random) => [random.pick(GROUPS.SUM)],
  KEY: keyOf([...Object.values(GROUPS).flat()]),
  LISTS: counted(GROUPS.LIST),
  SETS: counted(GROUPS.SET),
  ZSETS: counted([...GROUPS.ZSET, ...GROUPS.SET]),
  INTEGER: oneOf(INTEGERS),
  COUNT: oneOf(COUNTS),
  DELTA: oneOf(DELTAS),
  NUMBER: (random) => [random.pick(FLOATS)],
  FLOAT: (random) => [random.pick(random.below(20) === 0 ? NO_FLOATS : FLOATS)],
  SCORE: oneOf(SCORES),
  BOUND: oneOf(BOUNDS),
  END: oneOf(ENDS),
  MEMBER: (random) => [random.pick(MEMBERS)],
  VALUE: (random) => [random.pick(VALUES)],
  SECONDS: (random) => [random.pick(random.below(8) === 0 ? NO_TIMES : TTLS)],
  MILLISECONDS: (random) => [random.below(8) === 0 ? random.pick(NO_TIMES) : `${random.pick(TTLS)}000`],
  AT: (random) => [random.pick(random.below(20) === 0 ? NO_TIMES : [String(YEAR_2100), ...PAST])],
  ATMS: (random) => [random.pick(random.below(20) === 0 ? NO_TIMES : [`${YEAR_2100}000`, ...PAST])],
  PATTERN: oneOf(PATTERNS),
  WORD: oneOf(["string", "list", "hash", "set", "zset", "foo"]),
};

/** Syntax, and how replies are compared, where that is not byte by byte. */
const TABLE: readonly (readonly [syntax: string, form?: Form])[] = [
  ["get STRING"],
  ["set STRING VALUE [nx | xx] [get] [ex SECONDS | px MILLISECONDS | exat AT | pxat ATMS | keepttl] [nx | get | foo]"],
  ["set STRING VALUE"],
  ["setnx STRING VALUE"],
  ["setex STRING SECONDS VALUE"],
  ["psetex STRING MILLISECONDS VALUE"],
  ["getset STRING VALUE"],
  ["getdel STRING"],
  ["getex STRING [ex SECONDS | px MILLISECONDS | exat AT | pxat ATMS | persist] [persist | ex SECONDS | foo]"],
  ["mget (STRING | KEY)+"],
  ["mset (STRING VALUE)+"],
  ["msetnx (STRING VALUE)+"],
  ["incr STRING"],
  ["decr STRING"],
  ["incrby STRING DELTA"],
  ["decrby STRING DELTA"],
  ["incrbyfloat (SUM | SUM | SUM | nosum) FLOAT"],
  ["rpush nosum VALUE"],
  ["set SUM NUMBER"],
  ["append STRING VALUE"],
  ["strlen STRING"],
  ["getrange STRING INTEGER INTEGER", forms.RANGE],
  ["substr STRING INTEGER INTEGER", forms.RANGE],
  ["setrange STRING (0 | 1 | 5 | 20 | -1 | abc) VALUE"],

  ["del KEY+"],
  ["unlink KEY+"],
  ["exists KEY+"],
  ["touch KEY+"],
  ["type KEY"],
  ["ttl KEY", forms.SECONDS],
  ["pttl KEY", forms.MILLISECONDS],
  ["expiretime KEY", forms.SECONDS],
  ["pexpiretime KEY", forms.MILLISECONDS],
  ["expire KEY SECONDS [nx | xx | gt | lt | foo] [xx | gt | lt]"],
  ["pexpire KEY MILLISECONDS [nx | xx | gt | lt] [xx | gt | lt]"],
  ["expireat KEY AT [nx | xx | gt | lt] [xx | gt | lt]"],
  ["pexpireat KEY ATMS [nx | xx | gt | lt] [xx | gt | lt]"],
  ["persist KEY"],
  ["rename (STRING STRING | LIST LIST | HASH HASH | ZSET ZSET | SET SET)"],
  ["renamenx (STRING STRING | LIST LIST | HASH HASH | ZSET ZSET | SET SET)"],
  ["copy (STRING STRING | LIST LIST | HASH HASH | ZSET ZSET | SET SET) [replace] [db (0 | abc | 999) | foo]"],
  ["keys PATTERN", forms.BAG],
  ["scan 0 [match PATTERN] [type WORD] count 1000 [foo | count (0 | -1 | abc)]", forms.SCAN],
  ["randomkey", forms.RANDOM],
  ["dbsize", forms.SIZE],
  ["object (refcount nokey | encoding nokey | foo STRING | refcount | encoding KEY KEY)", forms.ANY],

  ["lpush LIST VALUE+"],
  ["rpush LIST VALUE+"],
  ["lpushx LIST VALUE+"],
  ["rpushx LIST VALUE+"],
  ["lpop LIST [COUNT] [foo]"],
  ["rpop LIST [COUNT]"],
  ["lrange LIST INTEGER INTEGER"],
  ["llen LIST"],
  ["lindex LIST INTEGER"],
  ["lset LIST INTEGER VALUE"],
  ["linsert LIST (before | after | foo) VALUE VALUE"],
  ["lrem LIST INTEGER VALUE"],
  ["ltrim LIST INTEGER INTEGER"],
  ["lpos LIST VALUE [rank INTEGER] [count COUNT] [maxlen COUNT] [foo | rank]"],
  ["lmove LIST LIST (left | right | foo) (left | right)"],
  ["rpoplpush LIST LIST"],
  ["lmpop LISTS (left | right | foo) [count COUNT] [foo | count 1]"],

  ["hset HASH (MEMBER VALUE)+"],
  ["hmset HASH (MEMBER VALUE)+"],
  ["hsetnx HASH MEMBER VALUE"],
  ["hget HASH MEMBER"],
  ["hmget HASH MEMBER+"],
  ["hgetall HASH", forms.PAIRS],
  ["hkeys HASH", forms.BAG],
  ["hvals HASH", forms.BAG],
  ["hlen HASH"],
  ["hexists HASH MEMBER"],
  ["hdel HASH MEMBER+"],
  ["hincrby HASH MEMBER DELTA"],
  ["hincrbyfloat HASH (f | g | MEMBER abc) FLOAT", forms.NUMERIC],
  ["hset HASH (f | g) NUMBER"],
  ["hstrlen HASH MEMBER"],
  ["hscan HASH (0 | 0 | abc) [match PATTERN] count (1000 | 1000 | 2000 | 0 | -1 | abc) [foo]", forms.SCAN_PAIRS],
  ["hrandfield HASH [COUNT] [withvalues | foo]", forms.RANDOM],

  ["sadd SET MEMBER+"],
  ["srem SET MEMBER+"],
  ["sismember SET MEMBER"],
  ["smismember SET MEMBER+"],
  ["smembers SET", forms.BAG],
  ["scard SET"],
  ["spop SET [COUNT] [foo]", forms.RANDOM],
  ["srandmember SET [COUNT] [foo]", forms.RANDOM],
  ["smove SET SET MEMBER"],
  ["sscan SET (0 | 0 | abc) [match PATTERN] count (1000 | 1000 | 2000 | 0 | -1 | abc) [foo]", forms.SCAN],
  ["sinter SET+", forms.BAG],
  ["sunion SET+", forms.BAG],
  ["sdiff SET+", forms.BAG],
  ["sinterstore SET SET+"],
  ["sunionstore SET SET+"],
  ["sdiffstore SET SET+"],
  ["sintercard SETS [limit COUNT] [foo]"],

  ["zadd ZSET [nx | xx] [gt | lt | nx] [ch] (SCORE MEMBER)+", forms.NUMERIC],
  ["zadd ZSET [nx | xx] [gt | lt] [incr] SCORE MEMBER [SCORE]", forms.NUMERIC],
  ["zadd LEXSET (0 MEMBER)+"],
  ["zincrby ZSET SCORE MEMBER", forms.NUMERIC],
  ["zscore ZSET MEMBER", forms.NUMERIC],
  ["zmscore ZSET MEMBER+", forms.NUMERIC],
  ["zcard ZSET"],
  ["zrank ZSET MEMBER", forms.RANK],
  ["zrevrank ZSET MEMBER", forms.RANK],
  ["zcount ZSET BOUND BOUND"],
  ["zlexcount LEXSET END END"],
  ["zrange ZSET INTEGER INTEGER [rev] [withscores] [limit INTEGER INTEGER | foo]", forms.NUMERIC],
  ["zrange ZSET BOUND BOUND byscore [rev] [limit INTEGER INTEGER] [withscores]", forms.NUMERIC],
  ["zrange LEXSET END END bylex [rev] [limit INTEGER INTEGER] [withscores]"],
  ["zrevrange ZSET INTEGER INTEGER [withscores] [rev]", forms.NUMERIC],
  ["zrangebyscore ZSET BOUND BOUND [withscores] [limit INTEGER INTEGER] [byscore]", forms.NUMERIC],
  ["zrevrangebyscore ZSET BOUND BOUND [limit INTEGER INTEGER] [withscores]", forms.NUMERIC],
  ["zrangebylex LEXSET END END [limit INTEGER INTEGER]"],
  ["zrevrangebylex LEXSET END END [limit INTEGER INTEGER]"],
  ["zrangestore ZSET ZSET (INTEGER INTEGER [rev] | BOUND BOUND byscore [rev] [limit INTEGER INTEGER] [withscores])"],
  ["zrem (ZSET | LEXSET) MEMBER+"],
  ["zremrangebyrank ZSET INTEGER INTEGER"],
  ["zremrangebyscore ZSET BOUND BOUND"],
  ["zremrangebylex LEXSET END END"],
  ["zpopmin ZSET [COUNT] [foo]", forms.NUMERIC],
  ["zpopmax ZSET [COUNT]", forms.NUMERIC],
  ["zmpop ZSETS (min | max | foo) [count COUNT] [foo | count 1]", forms.NUMERIC],
  ["zunion ZSETS [weights SCORE+] [aggregate (sum | min | max | foo)] [withscores] [foo]", forms.NUMERIC],
  ["zinter ZSETS [weights SCORE+] [aggregate (sum | min | max)] [withscores]", forms.NUMERIC],
  ["zdiff ZSETS [withscores] [weights SCORE+]", forms.NUMERIC],
  ["zunionstore ZSET ZSETS [weights SCORE+] [aggregate (sum | min | max)] [withscores]"],
  ["zinterstore ZSET ZSETS [weights SCORE+] [aggregate (sum | min | max)]"],
  ["zdiffstore ZSET ZSETS [weights SCORE+]"],
  ["zintercard ZSETS [limit COUNT] [foo]"],
  ["zscan ZSET (0 | 0 | abc) [match PATTERN] count (1000 | 1000 | 2000 | 0 | -1 | abc) [foo]", forms.SCAN_SCORES],
  ["zrandmember ZSET [COUNT] [withscores | foo]", forms.RANDOM],

  ["ping [VALUE] [VALUE]"],
  ["echo VALUE"],
  ["select (0 | 0 | 999 | abc)"],
  ["time", forms.LENGTH],
  ["flushdb (foo | async sync)"],
  ["command (count foo | foo | info foo | list foo bar)", forms.ANY],
  ["foo (INTEGER | PATTERN)+"],
];

const COMMANDS = TABLE.map(([text, form = forms.EXACT]) => ({ syntax: parseSyntax(text), form }));

/** The names of all that is drawn. */
export const NAMES: ReadonlySet<string> = new Set(TABLE.map(([syntax]) => syntax.split(" ")[0]));

export interface Drawn {
  readonly args: readonly Argument[];
  readonly form: Form;
}

/** A command, of which some are not as they should be. */
export function drawCommand(random: Random): Drawn {
  const { syntax, form } = random.pick(COMMANDS);
  const args = drawFrom(syntax, random, DRAWS);
  const mutation = random.below(60);
  if (mutation === 0 && args.length > 1) args.pop();
  if (mutation === 1) args.push(random.pick(NOISE));
  const isSum = EVEN.includes(String(args[1])) || /float$/i.test(String(args[0])) || /^[fg]$/i.test(String(args[2]));
  if (mutation === 2 && args.length > 2 && !isSum) {
    // No store takes a time so far away, where Redis does.
    const noise = random.pick(/expire|ex$|set/i.test(String(args[0])) ? NO_TIMES : NOISE);
    args[1 + random.below(args.length - 1)] = noise;
  }
  return { args, form };
}
