// Commands in the body of a request: arrays of strings, numbers and booleans, in JSON.

import type { Argument } from "../commands/command.ts";
import { ReplyError } from "../commands/reply.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });
/** Strings as they are, and numbers: in JSON there are digits nowhere else. */
const STRINGS_AND_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** A command of the body. */
export function readCommand(body: Uint8Array): Argument[] {
  const command = body.length === 0 ? [] : toCommand(readJson(body, "command"));
  if (command === null) throw unreadable("command");
  return command;
}

/** The commands of the body, of which `what` is the name. */
export function readCommands(body: Uint8Array, what: string): Argument[][] {
  const commands = readJson(body, what);
  if (!Array.isArray(commands)) throw unreadable(what);
  if (commands.length === 0) throw new ReplyError(`ERR empty ${what}`);
  return commands.map((items) => {
    const command = toCommand(items);
    if (command === null) throw unreadable(what);
    return command;
  });
}

function unreadable(what: string): ReplyError {
  return new ReplyError(`ERR failed to parse ${what}`);
}

function readJson(body: Uint8Array, what: string): unknown {
  try {
    const text = decoder.decode(body);
    const json: unknown = JSON.parse(text);
    return isExact(json) ? json : JSON.parse(text.replace(STRINGS_AND_NUMBERS, quote));
  } catch {
    throw unreadable(what);
  }
}

/** Whether no number of a command, or of several, has lost digits. */
function isExact(json: unknown): boolean {
  if (!Array.isArray(json)) return true;
  return json.every((item) => Array.isArray(item) ? item.every(isExactNumber) : isExactNumber(item));
}

function isExactNumber(item: unknown): boolean {
  return typeof item !== "number" || Number.isSafeInteger(item) || !Number.isInteger(item);
}

/** Numbers as strings keep all their digits. */
function quote(token: string): string {
  return token[0] === '"' ? token : `"${token}"`;
}

/** What an array stands for; `null` where it is none, or has something else in it. */
function toCommand(items: unknown): Argument[] | null {
  if (!Array.isArray(items)) return null;
  const isPlain = items.every((item) => ["string", "number", "boolean"].includes(typeof item));
  return isPlain ? items.map((item) => typeof item === "string" ? item : String(item)) : null;
}
