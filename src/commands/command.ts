import type { Key } from "../engine.ts";
import type { ErrorWords } from "./errors.ts";
import type { Awaitable, Reply } from "./reply.ts";
import type { Target } from "./target.ts";

/** An argument: bytes, or a string that stands for its UTF-8. */
export type Argument = Key;

/**
 * - `read` and `write`: what it does with keys. One that has neither only speaks with the server.
 * - `guarded`: a read that is denied when read-only, too, as it goes over all keys.
 * - `wide`: it is about all keys, so that it comes after all commands before it, and before all after it.
 */
export type Flag = "read" | "write" | "guarded" | "wide";

/** Where the keys are among the arguments, as Redis says it: the first, the last (-1: the last argument), and the step. */
export type KeyPositions = readonly [first: number, last: number, step: number];

/** No keys, or keys where only a look at the arguments tells. */
export const NO_KEYS: KeyPositions = [0, 0, 0];
export const ONE_KEY: KeyPositions = [1, 1, 1];
export const TWO_KEYS: KeyPositions = [1, 2, 1];
export const ALL_KEYS: KeyPositions = [1, -1, 1];

/** Runs a command with what comes behind its name. It makes its calls to the store before it waits for any of them. */
export type Run = (on: Target, args: readonly Argument[]) => Awaitable<Reply>;

export interface Command {
  /** In lower case. */
  readonly name: string;
  /** How many arguments it takes, its name included; a negative number: at least so many. */
  readonly arity: number;
  readonly flags: readonly Flag[];
  readonly keys: KeyPositions;
  /** What it says for errors of the store, where that is not what the others say. */
  readonly errors: ErrorWords;
  readonly run: Run;
}

export function read(name: string, arity: number, keys: KeyPositions, run: Run, errors: ErrorWords = {}): Command {
  return { name, arity, flags: ["read"], keys, errors, run };
}

export function write(name: string, arity: number, keys: KeyPositions, run: Run, errors: ErrorWords = {}): Command {
  return { name, arity, flags: ["write"], keys, errors, run };
}

/** A command that is not only about the keys it names. */
export function other(name: string, arity: number, flags: readonly Flag[], run: Run, errors: ErrorWords = {}): Command {
  return { name, arity, flags, keys: NO_KEYS, errors, run };
}

/** Whether it may have so many arguments, its name included. */
export function takes(arity: number, count: number): boolean {
  return arity < 0 ? count >= -arity : count === arity;
}
