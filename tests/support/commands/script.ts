// Commands with the replies they must have, which are those of a real Redis: `npm run test:oracle` asks one.

import { toBytes } from "../../../src/arguments.ts";
import type { Argument } from "../../../src/commands/command.ts";
import { type Reply, ReplyError, Status } from "../../../src/commands/reply.ts";

/** Items in any order. */
export class Bag {
  readonly items: readonly Expected[];

  constructor(items: readonly Expected[]) {
    this.items = items;
  }
}

/** What a reply must be: strings are bulk strings, and a function says by itself. */
export type Expected =
  | null
  | number
  | bigint
  | string
  | Uint8Array
  | Status
  | ReplyError
  | Bag
  | Check
  | Reply
  | readonly Expected[];
export type Check = (reply: Reply) => boolean;

/** A command, as words or as arguments, and its reply. */
export type Step = readonly [command: string | readonly Argument[], expected: Expected];

/** Steps that begin with an empty store. */
export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Only a store with transactions can do it. */
  readonly needsTransactions?: boolean;
  /** Redis 7.0 answers otherwise, or has no such command. */
  readonly isOurs?: boolean;
}

export function script(name: string, steps: readonly Step[], traits: Omit<Script, "name" | "steps"> = {}): Script {
  return { name, steps, ...traits };
}

export const error = (text: string): ReplyError => new ReplyError(text);
export const status = (text: string): Status => new Status(text);
export const bag = (...items: readonly Expected[]): Bag => new Bag(items);
/** An integer from `least` to `most`. */
export const between = (least: number, most: number): Check => (reply) =>
  (typeof reply === "number" || typeof reply === "bigint") && reply >= least && reply <= most;

export const WRONG_TYPE: ReplyError = error("WRONGTYPE Operation against a key holding the wrong kind of value");
export const NOT_INTEGER: ReplyError = error("ERR value is not an integer or out of range");
export const SYNTAX: ReplyError = error("ERR syntax error");
export const arity = (name: string): ReplyError => error(`ERR wrong number of arguments for '${name}' command`);

export function argumentsOf(command: Step[0]): readonly Argument[] {
  return typeof command === "string" ? command.split(" ") : command;
}

export function isAsExpected(reply: Reply, expected: Expected): boolean {
  if (typeof expected === "function") return expected(reply);
  if (expected instanceof Bag) {
    return Array.isArray(reply) && JSON.stringify(sorted(reply)) === JSON.stringify(sorted(expected.items));
  }
  if (Array.isArray(expected)) {
    return Array.isArray(reply) && reply.length === expected.length &&
      expected.every((item, i) => isAsExpected(reply[i], item));
  }
  return plain(reply) === plain(expected as Reply);
}

function sorted(items: readonly unknown[]): unknown[] {
  return items.map((item) => plain(item as Reply)).sort();
}

/** A reply as text in which its kind shows; bytes are one letter each. */
export function plain(reply: Reply): string {
  if (typeof reply === "string" || reply instanceof Uint8Array) {
    return `"${Array.from(toBytes(reply), letter).join("")}"`;
  }
  if (typeof reply === "number" || typeof reply === "bigint") return `:${reply}`;
  if (reply instanceof Status) return `+${reply.text}`;
  if (reply instanceof ReplyError) return `-${reply.message}`;
  if (Array.isArray(reply)) return `[${reply.map(plain).join(", ")}]`;
  return reply === null ? "null" : "no array";
}

function letter(byte: number): string {
  return String.fromCharCode(byte);
}
