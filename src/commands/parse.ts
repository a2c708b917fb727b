// How arguments are understood: as Redis does it, down to what it refuses.

import type { LexBound, ScoreBound } from "../collections.ts";
import type { Argument } from "./command.ts";
import {
  BAD_DATABASE,
  NOT_FLOAT,
  NOT_INTEGER,
  NOT_LEX_RANGE,
  NOT_POSITIVE,
  NOT_SCORE_RANGE,
  OUT_OF_RANGE,
  SYNTAX,
  syntaxError,
} from "./errors.ts";
import { ReplyError } from "./reply.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)(0x[\da-f]+)$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const MAX_PAIRS = 2 ** 62;
/** As in Redis; longer ones would also take long to add. */
const MAX_NUMBER_LENGTH = 5 * 1024;
const decoder = new TextDecoder();

export function textOf(argument: Argument): string {
  return typeof argument === "string" ? argument : decoder.decode(argument);
}

/** A word of a command in lower case. ASCII only, as there are letters elsewhere that become ours when they are lowered. */
export function wordOf(argument: Argument): string {
  return textOf(argument).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** An integer of 64 bits. */
export function toBigInt(argument: Argument, problem: string = NOT_INTEGER): bigint {
  const text = textOf(argument);
  if (INTEGER.test(text)) {
    const integer = BigInt(text);
    if (integer >= MIN_INT64 && integer <= MAX_INT64) return integer;
  }
  throw new ReplyError(problem);
}

/** An integer of 64 bits, for what does not tell those apart that are beyond the safe ones. */
export function toInteger(argument: Argument, problem: string = NOT_INTEGER): number {
  return Number(toBigInt(argument, problem));
}

/** An integer from `least` on. */
export function toCount(argument: Argument, least: number = 0, problem: string = NOT_POSITIVE): number {
  const integer = toInteger(argument, problem);
  if (integer >= least) return integer;
  throw new ReplyError(problem);
}

/** The number of a database, of which there is one: 0. */
export function checkDatabase(argument: Argument): void {
  const index = toInteger(argument);
  if (index !== (index | 0)) {
    throw new ReplyError("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  if (index !== 0) throw new ReplyError(BAD_DATABASE);
}

/** How many pairs to choose: as many twice go into a reply. */
export function toPairCount(count: number): number {
  if (Math.abs(count) <= MAX_PAIRS) return count;
  throw new ReplyError(OUT_OF_RANGE);
}

/** How far to count. */
export function toLimit(argument: Argument): number {
  return toCount(argument, 0, "ERR LIMIT can't be negative");
}

export function toFloat(argument: Argument, problem: string = NOT_FLOAT): number {
  const text = textOf(argument);
  const float = readFloat(text);
  // What is finite as it is written, but not as a double, or is no longer told from 0, is refused.
  const isKept = text.length < MAX_NUMBER_LENGTH && !Number.isNaN(float) &&
    (Number.isFinite(float) || INFINITE.test(text)) &&
    (float !== 0 || !/^[^ex]*[1-9]/i.test(text));
  if (isKept) return float;
  throw new ReplyError(problem);
}

/** A number as it is written, in decimal. */
export function toNumberText(argument: Argument): string {
  const float = toFloat(argument);
  const text = textOf(argument);
  return FLOAT.test(text) ? text : String(float);
}

/** What C's `strtod` makes of the whole of a text; NaN where that is nothing. */
function readFloat(text: string): number {
  if (FLOAT.test(text)) return Number(text);
  if (INFINITE.test(text)) return text[0] === "-" ? -Infinity : Infinity;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return NaN;
  return hexadecimal[1] === "-" ? -Number(hexadecimal[2]) : Number(hexadecimal[2]);
}

/** `3`, `(3` for what is above or below it, `-inf`. */
export function toScoreBound(argument: Argument): ScoreBound {
  const text = textOf(argument);
  const isExclusive = text[0] === "(";
  const digits = (isExclusive ? text.slice(1) : text).replace(/^[ \t-\r]+/, "");
  const score = digits === "" && text.trim() === text ? 0 : readFloat(digits);
  if (Number.isNaN(score)) throw new ReplyError(NOT_SCORE_RANGE);
  return isExclusive ? { exclusive: score } : score;
}

/** A range in which no member is. */
const NOTHING: [LexBound, LexBound] = [{ exclusive: "" }, { exclusive: "" }];

/** `[a`, `(a` without it, `-` before all, `+` behind all. */
export function toLexRange(min: Argument, max: Argument): [LexBound, LexBound] {
  const [low, high] = [toLexEnd(min), toLexEnd(max)];
  if (low === "behind all" || high === "before all") return NOTHING;
  return [low === "before all" ? null : low.bound, high === "behind all" ? null : high.bound];
}

function toLexEnd(argument: Argument): { bound: LexBound } | "before all" | "behind all" {
  const [sign, member] = typeof argument === "string"
    ? [argument[0], argument.slice(1)]
    : [String.fromCharCode(argument[0]), argument.subarray(1)];
  if (sign === "[") return { bound: member };
  if (sign === "(") return { bound: { exclusive: member } };
  if (member.length === 0 && sign === "-") return "before all";
  if (member.length === 0 && sign === "+") return "behind all";
  throw new ReplyError(NOT_LEX_RANGE);
}

/** Arguments that come in pairs; `null` where one is left over. */
export function toPairs(args: readonly Argument[]): [Argument, Argument][] | null {
  if (args.length % 2 !== 0) return null;
  return Array.from({ length: args.length / 2 }, (_, i) => [args[2 * i], args[2 * i + 1]]);
}

/** Options behind the arguments of a command: words, and what belongs to them. */
export class Options {
  readonly #args: readonly Argument[];
  #at: number;

  constructor(args: readonly Argument[], from: number) {
    this.#args = args;
    this.#at = from;
  }

  /** How many arguments are left. */
  get left(): number {
    return this.#args.length - this.#at;
  }

  /** The next word, in lower case; `null` behind the last. */
  next(): string | null {
    return this.left > 0 ? wordOf(this.#args[this.#at++]) : null;
  }

  /** What belongs to the word; a syntax error where it is missing. */
  take(): Argument {
    if (this.left > 0) return this.#args[this.#at++];
    throw syntaxError();
  }

  /** As many arguments as there must be. */
  takeMany(count: number): readonly Argument[] {
    if (this.left < count) throw new ReplyError(SYNTAX);
    return this.#args.slice(this.#at, this.#at += count);
  }
}
