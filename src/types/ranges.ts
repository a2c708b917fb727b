// Ranges of sorted sets by score and by bytes: two bounds become two ranks, and the rest is reading by rank.

import { checkOptions } from "../arguments.ts";
import type { LexBound, RangeOptions, ScoreBound, SortedSetRange } from "../collections.ts";
import type { Bytes, Key, Value } from "../engine.ts";
import type { Records } from "../records/records.ts";
import { outOfRange, toIndex, wrongType } from "./arguments.ts";
import { type Elements, withNumbers } from "./elements.ts";
import { checkScore, readByRank, readMembers, removeMembers, storeScores, zcard } from "./sorted_sets.ts";

/** Ranks from `from` up to, but not including, `to`. */
interface Ranks {
  from: number;
  to: number;
}

function byScore(records: Records, key: Key, min: ScoreBound, max: ScoreBound): Ranks {
  const low = readScoreBound(min, "min");
  const high = readScoreBound(max, "max");
  return {
    from: rankOfScore(records, key, low.score, low.isExclusive),
    to: rankOfScore(records, key, high.score, !high.isExclusive),
  };
}

function readScoreBound(bound: ScoreBound, name: string): { score: number; isExclusive: boolean } {
  const isExclusive = typeof bound === "object" && bound !== null && "exclusive" in bound;
  return { score: checkScore(isExclusive ? bound.exclusive : bound, name), isExclusive };
}

/** How many members have a lower score, or with `orEqual` no higher one. */
function rankOfScore(records: Records, key: Key, score: number, orEqual: boolean): number {
  const keyLength = records.putKey(key);
  let rank: number;
  do rank = records.core.calls.rankOfScore(keyLength, score, orEqual, records.now()); while (
    rank < 0 && records.overcomes(rank, 0)
  );
  return rank;
}

function byLex(records: Records, key: Key, min: LexBound, max: LexBound): Ranks {
  const low = readLexBound(min, "min");
  const high = readLexBound(max, "max");
  const length = zcard(records, key);
  return {
    from: low === null ? 0 : rankOfMember(records, key, low.member, low.isExclusive),
    to: high === null ? length : rankOfMember(records, key, high.member, !high.isExclusive),
  };
}

function readLexBound(bound: LexBound, name: string): { member: Value; isExclusive: boolean } | null {
  if (bound === null) return null;
  const isExclusive = typeof bound === "object" && "exclusive" in bound;
  const member = isExclusive ? bound.exclusive : bound as Value;
  if (typeof member === "string" || member instanceof Uint8Array) return { member, isExclusive };
  throw wrongType(`Cannot use ${name}: expected bytes, { exclusive: bytes } or null`, bound);
}

function rankOfMember(records: Records, key: Key, member: Value, orEqual: boolean): number {
  const memberLength = records.core.putField(member);
  const keyLength = records.putKey(key);
  let rank: number;
  do rank = records.core.calls.rankOfMember(keyLength, memberLength, orEqual, records.now()); while (
    rank < 0 && records.overcomes(rank, 0)
  );
  return rank;
}

function sizeOf({ from, to }: Ranks): number {
  return Math.max(0, to - from);
}

/** Reads a part of the members of these ranks. */
function read(
  records: Records,
  key: Key,
  ranks: Ranks,
  options: RangeOptions = {},
  hasScores: boolean,
): Elements {
  checkOptions(options);
  const { offset: skipped = 0, count: atMost = -1, reverse = false } = options;
  const offset = toIndex(skipped, "offset");
  const limit = toIndex(atMost, "count");
  const left = offset < 0 ? 0 : Math.max(0, sizeOf(ranks) - offset);
  const count = limit < 0 ? left : Math.min(limit, left);
  const from = reverse ? ranks.to - offset - count : ranks.from + offset;
  return readMembers(records, key, from, count, reverse, hasScores);
}

export function zcount(records: Records, key: Key, min: ScoreBound, max: ScoreBound): number {
  return sizeOf(byScore(records, key, min, max));
}

export function zlexCount(records: Records, key: Key, min: LexBound, max: LexBound): number {
  return sizeOf(byLex(records, key, min, max));
}

export function zrangeByScore(
  records: Records,
  key: Key,
  min: ScoreBound,
  max: ScoreBound,
  options?: RangeOptions,
): Bytes[] {
  return read(records, key, byScore(records, key, min, max), options, false).texts;
}

export function zrangeByScoreWithScores(
  records: Records,
  key: Key,
  min: ScoreBound,
  max: ScoreBound,
  options?: RangeOptions,
): [Bytes, number][] {
  return withNumbers(read(records, key, byScore(records, key, min, max), options, true));
}

export function zrangeByLex(records: Records, key: Key, min: LexBound, max: LexBound, options?: RangeOptions): Bytes[] {
  return read(records, key, byLex(records, key, min, max), options, false).texts;
}

export function zrangeStore(records: Records, destination: Key, source: Key, range: SortedSetRange): number {
  return storeScores(records, destination, withNumbers(readRange(records, source, range)));
}

function readRange(records: Records, key: Key, range: SortedSetRange): Elements {
  if (range === undefined) throw wrongType("Cannot use range: expected an object", range);
  checkOptions(range);
  switch (range.by) {
    case "rank":
      return readByRank(records, key, range.start, range.stop, range.reverse === true, true);
    case "score":
      return read(records, key, byScore(records, key, range.min, range.max), range, true);
    case "lex":
      return read(records, key, byLex(records, key, range.min, range.max), range, true);
    default:
      throw outOfRange('Cannot use range: expected by to be "rank", "score" or "lex"', (range as { by?: unknown }).by);
  }
}

export function zremRangeByScore(records: Records, key: Key, min: ScoreBound, max: ScoreBound): number {
  return remove(records, key, byScore(records, key, min, max));
}

export function zremRangeByLex(records: Records, key: Key, min: LexBound, max: LexBound): number {
  return remove(records, key, byLex(records, key, min, max));
}

function remove(records: Records, key: Key, ranks: Ranks): number {
  return removeMembers(records, key, ranks.from, sizeOf(ranks)).texts.length;
}
