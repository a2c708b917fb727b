// Unions, intersections and differences of sorted sets. Plain sets take part, with scores of 1.

import { checkOptions } from "../arguments.ts";
import type { CombineOptions, LimitOptions } from "../collections.ts";
import { KIND_SET } from "../core/layout.ts";
import type { Bytes, Key } from "../engine.ts";
import type { Records } from "../records/records.ts";
import { outOfRange, toArray, toLimit } from "./arguments.ts";
import { withNumbers } from "./elements.ts";
import { hasField } from "./hashes.ts";
import { scard, smembers } from "./sets.ts";
import { checkScore, readMembers, storeScores, zcard, zscore } from "./sorted_sets.ts";

type Scored = [member: Bytes, score: number];

/** One of the sets that are combined. */
interface Source {
  readonly size: number;
  read(): Scored[];
  scoreOf(member: Bytes): number | null;
}

function sourcesOf(records: Records, keys: readonly Key[]): Source[] {
  if (toArray(keys, "keys").length === 0) {
    throw outOfRange("Cannot combine sorted sets: expected at least one key", keys.length);
  }
  return keys.map((key) => records.kindOf(key) === KIND_SET ? plainSet(records, key) : sortedSet(records, key));
}

function sortedSet(records: Records, key: Key): Source {
  const size = zcard(records, key);
  return {
    size,
    read: () => withNumbers(readMembers(records, key, 0, size, false, true)),
    scoreOf: (member) => zscore(records, key, member),
  };
}

function plainSet(records: Records, key: Key): Source {
  return {
    size: scard(records, key),
    read: () => smembers(records, key).map((member) => [member, 1]),
    scoreOf: (member) => hasField(records, key, KIND_SET, member) ? 1 : null,
  };
}

/** How scores become one, and what each is multiplied with first. What would not be a number counts as 0, as in Redis. */
interface Rule {
  weights: readonly number[];
  join(a: number, b: number): number;
}

function ruleOf(options: CombineOptions, count: number): Rule {
  checkOptions(options);
  const { weights = new Array<number>(count).fill(1), aggregate = "sum" } = options;
  if (toArray(weights, "weights").length !== count) {
    throw outOfRange(`Cannot use weights: expected one for each of ${count} sets`, weights.length);
  }
  for (const weight of weights) checkScore(weight, "weight");
  switch (aggregate) {
    case "sum":
      return { weights, join: (a, b) => a + b || 0 };
    case "min":
      return { weights, join: Math.min };
    case "max":
      return { weights, join: Math.max };
    default:
      throw outOfRange('Cannot use aggregate: expected "sum", "min" or "max"', aggregate);
  }
}

function weighted(score: number, weight: number): number {
  return score * weight || 0;
}

function union(records: Records, keys: readonly Key[], options: CombineOptions = {}): Scored[] {
  const sources = sourcesOf(records, keys);
  const { weights, join } = ruleOf(options, keys.length);
  const scores = new Map<string, Scored>();
  sources.forEach((source, i) => {
    for (const [member, score] of source.read()) {
      const name = nameOf(member);
      const known = scores.get(name);
      const own = weighted(score, weights[i]);
      if (known === undefined) scores.set(name, [member, own]);
      else known[1] = join(known[1], own);
    }
  });
  return sorted([...scores.values()]);
}

/** Bytes as a string with a character for each. */
function nameOf(member: Bytes): string {
  let name = "";
  for (const byte of member) name += String.fromCharCode(byte);
  return name;
}

function intersection(
  records: Records,
  keys: readonly Key[],
  options: CombineOptions = {},
  limit = Infinity,
): Scored[] {
  const sources = sourcesOf(records, keys);
  const { weights, join } = ruleOf(options, keys.length);
  const smallest = sources.reduce((a, b) => b.size < a.size ? b : a);
  const inAll: Scored[] = [];
  for (const [member] of smallest.size === 0 ? [] : smallest.read()) {
    if (inAll.length === limit) break;
    const scores = sources.map((source) => source.scoreOf(member));
    if (scores.includes(null)) continue;
    inAll.push([member, scores.map((score, i) => weighted(score!, weights[i])).reduce((a, b) => join(a, b))]);
  }
  return sorted(inAll);
}

function difference(records: Records, keys: readonly Key[]): Scored[] {
  const [first, ...others] = sourcesOf(records, keys);
  return sorted(first.read().filter(([member]) => others.every((source) => source.scoreOf(member) === null)));
}

function sorted(members: Scored[]): Scored[] {
  return members.sort(([a, aScore], [b, bScore]) => aScore < bScore ? -1 : aScore > bScore ? 1 : compare(a, b));
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

function membersOf(scored: Scored[]): Bytes[] {
  return scored.map(([member]) => member);
}

export function zunion(records: Records, keys: readonly Key[], options?: CombineOptions): Bytes[] {
  return membersOf(union(records, keys, options));
}

export function zunionWithScores(records: Records, keys: readonly Key[], options?: CombineOptions): [Bytes, number][] {
  return union(records, keys, options);
}

export function zinter(records: Records, keys: readonly Key[], options?: CombineOptions): Bytes[] {
  return membersOf(intersection(records, keys, options));
}

export function zinterWithScores(records: Records, keys: readonly Key[], options?: CombineOptions): [Bytes, number][] {
  return intersection(records, keys, options);
}

export function zdiff(records: Records, keys: readonly Key[]): Bytes[] {
  return membersOf(difference(records, keys));
}

export function zdiffWithScores(records: Records, keys: readonly Key[]): [Bytes, number][] {
  return difference(records, keys);
}

export function zunionStore(
  records: Records,
  destination: Key,
  keys: readonly Key[],
  options?: CombineOptions,
): number {
  return storeScores(records, destination, union(records, keys, options));
}

export function zinterStore(
  records: Records,
  destination: Key,
  keys: readonly Key[],
  options?: CombineOptions,
): number {
  return storeScores(records, destination, intersection(records, keys, options));
}

export function zdiffStore(records: Records, destination: Key, keys: readonly Key[]): number {
  return storeScores(records, destination, difference(records, keys));
}

export function zinterCard(records: Records, keys: readonly Key[], options: LimitOptions = {}): number {
  const limit = toLimit(options);
  return intersection(records, keys, {}, limit).length;
}
