// SCAN, and the scans of collections. A cursor is what the store says, and 0 at the beginning and at the end.

import { VALUE_TYPES } from "../arguments.ts";
import type { ScanOptions, ScanResult, ValueType } from "../engine.ts";
import type { Argument, Run } from "./command.ts";
import { BAD_CURSOR, NOT_INTEGER, SYNTAX, syntaxError } from "./errors.ts";
import { refuse } from "./lookup.ts";
import { Options, textOf, toCount, wordOf } from "./parse.ts";
import { all, type Awaitable, flatten, into, type Reply, ReplyError } from "./reply.ts";
import type { Target } from "./target.ts";

const START = "0";
const NO_ELEMENTS: Reply = [START, []];

interface ScanRequest extends Pick<ScanOptions, "match" | "count" | "type"> {
  /** Upstash: each key with its type. */
  answersTypes?: boolean;
  /** What is no type is the type of no key. */
  matchesNothing?: boolean;
}

function readScanRequest(args: readonly Argument[], from: number, isOfKeys: boolean): ScanRequest {
  const options = new Options(args, from);
  const request: ScanRequest = {};
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word === "withtype" && isOfKeys) request.answersTypes = true;
    else if (options.left === 0) throw syntaxError();
    else if (word === "count") request.count = toScanCount(options.take());
    else if (word === "match") request.match = options.take();
    else if (word === "type" && isOfKeys) {
      const type = wordOf(options.take());
      request.type = VALUE_TYPES.find((known) => known === type);
      request.matchesNothing = request.type === undefined;
    } else throw syntaxError();
  }
  return request;
}

function toScanCount(argument: Argument): number {
  const count = toCount(argument, -Infinity, NOT_INTEGER);
  if (count < 1) throw new ReplyError(SYNTAX);
  return count;
}

function toCursor(argument: Argument): string | null {
  const cursor = textOf(argument);
  return cursor === START ? null : cursor;
}

/** Cursors of collections are numbers, of which no store has any of more than 64 bits. */
function isNumber(cursor: string): boolean {
  return /^\d{1,20}$/.test(cursor) && BigInt(cursor) < 1n << 64n;
}

export function scanKeys(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const { answersTypes, matchesNothing, ...request } = readScanRequest(args, 1, true);
  const step = on.keys.scan({ ...request, cursor: toCursor(args[0]) });
  return into<ScanResult, Reply>(step, ({ keys, cursor }) => {
    if (matchesNothing) return [cursor ?? START, []];
    if (!answersTypes) return [cursor ?? START, keys];
    return into(all(keys.map((key) => on.keys.type(key))), (types): Reply => [
      cursor ?? START,
      keys.flatMap((key, i) => types[i] === null ? [] : [key, types[i]]),
    ]);
  });
}

export const scanHash: Run = (on, args) =>
  scanElements(on, args, "hash", (key, options) => {
    return into(on.hashes.hscan(key, options), ({ cursor, entries }) => [cursor ?? START, flatten(entries)]);
  });

export const scanSet: Run = (on, args) =>
  scanElements(on, args, "set", (key, options) => {
    return into(on.sets.sscan(key, options), ({ cursor, members }) => [cursor ?? START, members]);
  });

export const scanSortedSet: Run = (on, args) =>
  scanElements(on, args, "zset", (key, options) => {
    return into(on.sortedSets.zscan(key, options), ({ cursor, entries }) => [cursor ?? START, flatten(entries)]);
  });

function scanElements(
  on: Target,
  args: readonly Argument[],
  type: ValueType,
  step: (key: Argument, options: ScanOptions) => Awaitable<Reply>,
): Awaitable<Reply> {
  const [key] = args;
  const cursor = toCursor(args[1]);
  if (cursor !== null && !isNumber(cursor)) throw new ReplyError(BAD_CURSOR);
  let request: ScanRequest;
  try {
    request = readScanRequest(args, 2, false);
  } catch (error) {
    return refuse(on, key, type, NO_ELEMENTS, error);
  }
  return step(key, { ...request, cursor });
}
