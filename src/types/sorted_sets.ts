import { checkOptions } from "../arguments.ts";
import type {
  ElementScanOptions,
  ReverseOptions,
  ScoreConditions,
  SortedSetScanResult,
  ZaddOptions,
  ZincrOptions,
} from "../collections.ts";
import {
  ADD,
  ADDED,
  CHANGED,
  FIRST,
  FORBIDDEN,
  HEAD,
  IF_ABSENT,
  IF_GREATER,
  IF_LESS,
  IF_PRESENT,
  KIND_ZSET,
  NOT_A_NUMBER,
} from "../core/layout.ts";
import type { Bytes, Key, Value } from "../engine.ts";
import type { Records } from "../records/records.ts";
import {
  bytesFor,
  checkField,
  ELEMENT_BYTES,
  outOfRange,
  toArray,
  toCount,
  toFields,
  toRange,
  wrongType,
} from "./arguments.ts";
import { countOf, drop, type Elements, readElements, withNumbers } from "./elements.ts";
import { readRandom } from "./random.ts";
import { scanElements } from "./scan.ts";

/** A new member adds to two trees. */
export const MEMBER_BYTES: number = 2 * ELEMENT_BYTES;

export function zadd(
  records: Records,
  key: Key,
  members: readonly (readonly [number, Value])[],
  options: ZaddOptions = {},
): number {
  const mode = modeOf(options);
  for (const entry of toArray(members, "members")) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw wrongType("Cannot use members: expected [score, member]", entry);
    }
    checkScore(entry[0], "score");
    checkField(entry[1]);
  }
  const counted = options.countChanged === true ? ADDED | CHANGED : ADDED;
  if (members.length === 1) return setScore(records, key, members[0][1], members[0][0], mode) & counted ? 1 : 0;
  return records.atomically(() => {
    let count = 0;
    for (const [score, member] of members) if (setScore(records, key, member, score, mode) & counted) count++;
    return count;
  }, bytesFor(key, members.map(([, member]) => member), MEMBER_BYTES));
}

function modeOf(options: ScoreConditions): number {
  checkOptions(options);
  const { ifAbsent, ifPresent, ifGreater, ifLess } = options;
  if (ifAbsent && (ifPresent || ifGreater || ifLess)) {
    throw outOfRange("Cannot use conditions: ifAbsent goes with no other one", "ifAbsent");
  }
  if (ifGreater && ifLess) throw outOfRange("Cannot use conditions: ifGreater and ifLess exclude each other", "both");
  return (ifAbsent ? IF_ABSENT : 0) | (ifPresent ? IF_PRESENT : 0) | (ifGreater ? IF_GREATER : 0) |
    (ifLess ? IF_LESS : 0);
}

export function checkScore(score: number, name: string): number {
  if (typeof score !== "number") throw wrongType(`Cannot use ${name}: expected a number`, score);
  if (Number.isNaN(score)) throw outOfRange(`Cannot use ${name}: expected a number that is not NaN`, score);
  return score;
}

/** Sets one score and tells what came of it; the score is left in the core. */
function setScore(records: Records, key: Key, member: Value, score: number, mode: number): number {
  const { core } = records;
  const memberLength = core.putField(member);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.scoreSet(keyLength, memberLength, score, mode, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength + 2 * memberLength + MEMBER_BYTES)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + 2 * memberLength);
  return answer;
}

export function zincrBy(
  records: Records,
  key: Key,
  increment: number,
  member: Value,
  options: ZincrOptions = {},
): number | null {
  const mode = modeOf(options);
  checkScore(increment, "increment");
  const answer = setScore(records, key, member, increment, mode | ADD);
  if (answer === NOT_A_NUMBER) throw outOfRange("Cannot add to score: the sum would not be a number", increment);
  return answer === FORBIDDEN ? null : records.core.doubles[records.core.scoreAt];
}

export function zscore(records: Records, key: Key, member: Value): number | null {
  const { core } = records;
  const memberLength = core.putField(member);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.scoreGet(keyLength, memberLength, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer < 0 ? null : core.doubles[core.scoreAt];
}

export function zmscore(records: Records, key: Key, members: readonly Value[]): (number | null)[] {
  return records.gather(toArray(members, "members"), (member) => zscore(records, key, member));
}

export function zcard(records: Records, key: Key): number {
  return countOf(records, key, KIND_ZSET);
}

export function zrank(records: Records, key: Key, member: Value): number | null {
  const { core } = records;
  const memberLength = core.putField(member);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.rank(keyLength, memberLength, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer < 0 ? null : answer;
}

export function zrevRank(records: Records, key: Key, member: Value): number | null {
  const rank = zrank(records, key, member);
  return rank === null ? null : zcard(records, key) - 1 - rank;
}

export function zrankWithScore(records: Records, key: Key, member: Value): [number, number] | null {
  const rank = zrank(records, key, member);
  return rank === null ? null : [rank, records.core.doubles[records.core.scoreAt]];
}

export function zrevRankWithScore(records: Records, key: Key, member: Value): [number, number] | null {
  const found = zrankWithScore(records, key, member);
  return found === null ? null : [zcard(records, key) - 1 - found[0], found[1]];
}

/** The members from rank `from` on, in their order or the other way round. */
export function readMembers(
  records: Records,
  key: Key,
  from: number,
  count: number,
  reverse: boolean,
  hasScores: boolean,
): Elements {
  const elements = readElements(records, key, KIND_ZSET, 0, from, count, hasScores ? FIRST | HEAD : FIRST);
  if (reverse) {
    elements.texts.reverse();
    elements.numbers.reverse();
  }
  return elements;
}

export function readByRank(
  records: Records,
  key: Key,
  start: number,
  stop: number,
  reverse: boolean,
  hasScores: boolean,
): Elements {
  const length = zcard(records, key);
  const { from, count } = toRange(start, stop, length);
  return readMembers(records, key, reverse ? length - from - count : from, count, reverse, hasScores);
}

export function zrange(records: Records, key: Key, start: number, stop: number, options?: ReverseOptions): Bytes[] {
  checkOptions(options);
  return readByRank(records, key, start, stop, options?.reverse === true, false).texts;
}

export function zrangeWithScores(
  records: Records,
  key: Key,
  start: number,
  stop: number,
  options?: ReverseOptions,
): [Bytes, number][] {
  checkOptions(options);
  return withNumbers(readByRank(records, key, start, stop, options?.reverse === true, true));
}

export function zrem(records: Records, key: Key, members: readonly Value[]): number {
  toFields(members, "members");
  if (members.length === 1) return removeMember(records, key, members[0]);
  return records.atomically(() => {
    let removed = 0;
    for (const member of members) removed += removeMember(records, key, member);
    return removed;
  }, 0);
}

function removeMember(records: Records, key: Key, member: Value): number {
  const { core } = records;
  const memberLength = core.putField(member);
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = core.calls.scoreRemove(keyLength, memberLength, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength)
  );
  if (core.calls.needsCare() !== 0) records.relieve(keyLength + memberLength);
  return answer;
}

/** Removes the members from rank `from` on, and returns them. */
export function removeMembers(records: Records, key: Key, from: number, count: number): Elements {
  const members = readMembers(records, key, from, count, false, true);
  if (count === 0) return members;
  if (count === zcard(records, key)) drop(records, key);
  else records.atomically(() => members.texts.forEach((member) => removeMember(records, key, member)), 0);
  return members;
}

export function zremRangeByRank(records: Records, key: Key, start: number, stop: number): number {
  const { from, count } = toRange(start, stop, zcard(records, key));
  return removeMembers(records, key, from, count).texts.length;
}

export function zpopMin(records: Records, key: Key, count: number = 1): [Bytes, number][] {
  const taken = Math.min(toCount(count, "count"), zcard(records, key));
  return withNumbers(removeMembers(records, key, 0, taken));
}

export function zpopMax(records: Records, key: Key, count: number = 1): [Bytes, number][] {
  const length = zcard(records, key);
  const taken = Math.min(toCount(count, "count"), length);
  return withNumbers(removeMembers(records, key, length - taken, taken)).reverse();
}

/** Writes a sorted set over whatever the key held. */
export function storeScores(records: Records, destination: Key, members: readonly [Bytes, number][]): number {
  return records.atomically(() => {
    drop(records, destination);
    for (const [member, score] of members) setScore(records, destination, member, score, 0);
    return members.length;
  }, bytesFor(destination, members.map(([member]) => member), MEMBER_BYTES));
}

export function zscan(records: Records, key: Key, options?: ElementScanOptions): SortedSetScanResult {
  const { cursor, texts, numbers } = scanElements(records, key, KIND_ZSET, FIRST, options);
  return { cursor, entries: withNumbers({ texts, numbers }) };
}

export function zrandMember(records: Records, key: Key, count: number = 1): Bytes[] {
  return readRandom(records, key, KIND_ZSET, count, FIRST).texts;
}

export function zrandMemberWithScores(records: Records, key: Key, count: number = 1): [Bytes, number][] {
  return withNumbers(readRandom(records, key, KIND_ZSET, count, FIRST | HEAD));
}
