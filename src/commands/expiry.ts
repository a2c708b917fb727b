import type { Argument } from "./command.ts";
import type { ErrorWords } from "./errors.ts";
import { toBigInt } from "./parse.ts";
import { ReplyError } from "./reply.ts";

/** A time to expire. */
export interface Expiry {
  /** Milliseconds from now on, at least 1. */
  ttl(): number;
  /** Whether the time has come already. */
  isOver(): boolean;
}

/** Seconds or milliseconds, from now on or since 1970. */
export type ExpiryWord = "ex" | "px" | "exat" | "pxat";

/** A time as an option of a command. */
export interface ExpiryOption {
  readonly word: ExpiryWord;
  readonly time: Argument;
}

const MAX_INT64 = 2n ** 63n - 1n;

export function isExpiryWord(word: string): word is ExpiryWord {
  return word === "ex" || word === "px" || word === "exat" || word === "pxat";
}

/** The time of an option, which must be more than 0. */
export function toExpiry(option: ExpiryOption, command: string): Expiry {
  return readExpiry(option, command, true);
}

/** A time, of which what overflows 64 bits is refused. */
export function readExpiry({ word, time }: ExpiryOption, command: string, isPositive: boolean): Expiry {
  const isAbsolute = word.endsWith("at");
  const milliseconds = toBigInt(time) * (word[0] === "e" ? 1000n : 1n);
  const end = isAbsolute ? milliseconds : milliseconds + BigInt(Date.now());
  if (end > MAX_INT64 || milliseconds < -MAX_INT64 || isPositive && milliseconds <= 0n) {
    throw new ReplyError(invalid(command));
  }
  const left = isAbsolute ? () => Number(milliseconds) - Date.now() : () => Number(milliseconds);
  return { ttl: () => Math.max(1, left()), isOver: () => left() <= 0 };
}

/** What a command says for a time that a store does not take, as it is too far away. */
export function invalidExpiry(command: string): ErrorWords {
  return { OUT_OF_RANGE: invalid(command) };
}

function invalid(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}
