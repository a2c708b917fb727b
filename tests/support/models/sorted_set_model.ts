import type {
  CombineOptions,
  LimitOptions,
  RangeOptions,
  ReverseOptions,
  ScoreBound,
  SortedSetOps,
  ZaddOptions,
} from "@ferrite/storage";
import { type Item, sampleOf, scanStepOf } from "./judges.ts";
import { KeysModel, refuse, span } from "./keys_model.ts";
import type { Answers } from "./operations.ts";
import type { Judge, Plain } from "./plain.ts";

type Entry = [member: string, score: number];
/** As `LexBound`, but of strings as models have them. */
type Bound = string | { exclusive: string } | null;
/** As `SortedSetRange`. */
type Range = RangeOptions & {
  by: string;
  start: number;
  stop: number;
  min: Bound | ScoreBound;
  max: Bound | ScoreBound;
};

/** A map of members to scores, and its entries in their order, made anew when they are asked for. */
class Scores {
  readonly all: Map<string, number>;
  #sorted: Entry[] | null = null;

  constructor(all: Iterable<readonly [string, number]> = []) {
    this.all = new Map(all);
  }

  get sorted(): Entry[] {
    return this.#sorted ??= [...this.all].sort(compareEntries);
  }

  set(member: string, score: number): void {
    this.all.set(member, score);
    this.#sorted = null;
  }

  delete(member: string): boolean {
    this.#sorted = null;
    return this.all.delete(member);
  }
}

/** Sorted sets as maps that are sorted to be read. Keys that begin with "plain" are sets: all their scores are 1. */
export class SortedSetModel extends KeysModel<Scores> implements Answers<keyof SortedSetOps | "sadd" | "srem"> {
  constructor() {
    super({
      type: "zset",
      create: () => new Scores(),
      copy: ({ all }) => new Scores(all),
      size: ({ all }) => all.size,
    });
  }

  override type(key: string): string | null {
    return key.startsWith("plain") && this.exists(key) ? "set" : super.type(key);
  }

  sadd(key: string, members: string[]): number {
    return this.zadd(key, members.map((member) => [1, member]));
  }

  srem(key: string, members: string[]): number {
    return this.zrem(key, members);
  }

  zadd(key: string, members: [number, string][], options: ZaddOptions = {}): number {
    return this.change(key, (scores) => {
      let counted = 0;
      for (const [score, member] of members) {
        const old = scores.all.get(member);
        if (!allows(options, old, score)) continue;
        scores.set(member, score);
        if (old === undefined || options.countChanged === true) counted++;
      }
      return counted;
    });
  }

  zscore(key: string, member: string): number | null {
    return this.read(key).all.get(member) ?? null;
  }

  zmscore(key: string, members: string[]): (number | null)[] {
    return members.map((member) => this.zscore(key, member));
  }

  zincrBy(key: string, increment: number, member: string, options: ZaddOptions = {}): number | null {
    const old = this.zscore(key, member);
    if (options.ifAbsent === true ? old !== null : options.ifPresent === true && old === null) return null;
    const sum = (old ?? 0) + increment;
    if (Number.isNaN(sum)) refuse("OUT_OF_RANGE");
    if (old !== null && (options.ifGreater === true && sum <= old || options.ifLess === true && sum >= old)) {
      return null;
    }
    this.zadd(key, [[sum, member]]);
    return sum;
  }

  zcard(key: string): number {
    return this.read(key).all.size;
  }

  zcount(key: string, min: ScoreBound, max: ScoreBound): number {
    return this.#byScore(key, min, max).length;
  }

  zlexCount(key: string, min: Bound, max: Bound): number {
    return this.#byLex(key, min, max).length;
  }

  zrank(key: string, member: string): number | null {
    const rank = this.read(key).sorted.findIndex((entry) => entry[0] === member);
    return rank < 0 ? null : rank;
  }

  zrevRank(key: string, member: string): number | null {
    const rank = this.zrank(key, member);
    return rank === null ? null : this.zcard(key) - 1 - rank;
  }

  zrankWithScore(key: string, member: string): [number, number] | null {
    const rank = this.zrank(key, member);
    return rank === null ? null : [rank, this.zscore(key, member)!];
  }

  zrevRankWithScore(key: string, member: string): [number, number] | null {
    const rank = this.zrevRank(key, member);
    return rank === null ? null : [rank, this.zscore(key, member)!];
  }

  zrange(key: string, start: number, stop: number, options?: ReverseOptions): string[] {
    return names(this.zrangeWithScores(key, start, stop, options));
  }

  zrangeWithScores(key: string, start: number, stop: number, options: ReverseOptions = {}): Entry[] {
    const { sorted } = this.read(key);
    return span(options.reverse === true ? sorted.slice().reverse() : sorted, start, stop);
  }

  zrangeByScore(key: string, min: ScoreBound, max: ScoreBound, options?: RangeOptions): string[] {
    return names(this.zrangeByScoreWithScores(key, min, max, options));
  }

  zrangeByScoreWithScores(key: string, min: ScoreBound, max: ScoreBound, options?: RangeOptions): Entry[] {
    return part(this.#byScore(key, min, max), options);
  }

  zrangeByLex(key: string, min: Bound, max: Bound, options?: RangeOptions): string[] {
    return names(part(this.#byLex(key, min, max), options));
  }

  zrangeStore(destination: string, source: string, range: Range): number {
    const { by, start, stop, min, max } = range;
    if (by === "rank") return this.replace(destination, new Scores(this.zrangeWithScores(source, start, stop, range)));
    const all = by === "score"
      ? this.#byScore(source, min as ScoreBound, max as ScoreBound)
      : this.#byLex(source, min as Bound, max as Bound);
    return this.replace(destination, new Scores(part(all, range)));
  }

  zrem(key: string, members: string[]): number {
    return this.change(key, (scores) => members.filter((member) => scores.delete(member)).length);
  }

  zremRangeByRank(key: string, start: number, stop: number): number {
    return this.zrem(key, this.zrange(key, start, stop));
  }

  zremRangeByScore(key: string, min: ScoreBound, max: ScoreBound): number {
    return this.zrem(key, names(this.#byScore(key, min, max)));
  }

  zremRangeByLex(key: string, min: Bound, max: Bound): number {
    return this.zrem(key, names(this.#byLex(key, min, max)));
  }

  zpopMin(key: string, count: number = 1): Entry[] {
    const taken = this.read(key).sorted.slice(0, count);
    this.zrem(key, names(taken));
    return taken;
  }

  zpopMax(key: string, count: number = 1): Entry[] {
    const taken = this.read(key).sorted.slice().reverse().slice(0, count);
    this.zrem(key, names(taken));
    return taken;
  }

  zunion(keys: string[], options?: CombineOptions): string[] {
    return names(this.zunionWithScores(keys, options));
  }

  zunionWithScores(keys: string[], options?: CombineOptions): Entry[] {
    return this.#combined(keys, options).sorted;
  }

  zinter(keys: string[], options?: CombineOptions): string[] {
    return names(this.zinterWithScores(keys, options));
  }

  zinterWithScores(keys: string[], options?: CombineOptions): Entry[] {
    const isEverywhere = ([member]: Entry) => keys.every((key) => this.read(key).all.has(member));
    return this.zunionWithScores(keys, options).filter(isEverywhere);
  }

  zdiff(keys: string[]): string[] {
    return names(this.zdiffWithScores(keys));
  }

  zdiffWithScores([first, ...others]: string[]): Entry[] {
    return this.read(first).sorted.filter(([member]) => !others.some((key) => this.read(key).all.has(member)));
  }

  zunionStore(destination: string, keys: string[], options?: CombineOptions): number {
    return this.replace(destination, new Scores(this.zunionWithScores(keys, options)));
  }

  zinterStore(destination: string, keys: string[], options?: CombineOptions): number {
    return this.replace(destination, new Scores(this.zinterWithScores(keys, options)));
  }

  zdiffStore(destination: string, keys: string[]): number {
    return this.replace(destination, new Scores(this.zdiffWithScores(keys)));
  }

  zinterCard(keys: string[], { limit = 0 }: LimitOptions = {}): number {
    return Math.min(this.zinter(keys).length, limit || Infinity);
  }

  zscan(key: string, options: Plain): Judge {
    return scanStepOf("entries", this.read(key).sorted, options);
  }

  zrandMember(key: string, count?: number): Judge {
    return sampleOf(names(this.read(key).sorted), count);
  }

  zrandMemberWithScores(key: string, count?: number): Judge {
    return sampleOf(this.read(key).sorted as Item[], count);
  }

  #byScore(key: string, min: ScoreBound, max: ScoreBound): Entry[] {
    const isIn = ([, score]: Entry) =>
      (typeof min === "number" ? score >= min : score > min.exclusive) &&
      (typeof max === "number" ? score <= max : score < max.exclusive);
    return this.read(key).sorted.filter(isIn);
  }

  #byLex(key: string, min: Bound, max: Bound): Entry[] {
    const isIn = ([member]: Entry) =>
      (min === null || (typeof min === "string" ? member >= min : member > min.exclusive)) &&
      (max === null || (typeof max === "string" ? member <= max : member < max.exclusive));
    return this.read(key).sorted.filter(isIn);
  }

  #combined(keys: string[], { weights, aggregate = "sum" }: CombineOptions = {}): Scores {
    const result = new Scores();
    keys.forEach((key, i) => {
      for (const [member, score] of this.read(key).all) {
        const weighted = orZero(score * (weights?.[i] ?? 1));
        const old = result.all.get(member);
        result.set(member, old === undefined ? weighted : AGGREGATES[aggregate](old, weighted));
      }
    });
    return result;
  }
}

const AGGREGATES = { sum: (a: number, b: number): number => orZero(a + b), min: Math.min, max: Math.max };

/** Redis takes 0 where infinities leave no number. */
function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

function allows(
  { ifAbsent, ifPresent, ifGreater, ifLess }: ZaddOptions,
  old: number | undefined,
  score: number,
): boolean {
  if (old === undefined) return ifPresent !== true;
  if (ifAbsent === true || score === old) return false;
  return ifGreater === true ? score > old : ifLess === true ? score < old : true;
}

function compareEntries([a, scoreOfA]: Entry, [b, scoreOfB]: Entry): number {
  if (scoreOfA !== scoreOfB) return scoreOfA < scoreOfB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function names(entries: Entry[]): string[] {
  return entries.map(([member]) => member);
}

function part(entries: Entry[], { reverse, offset = 0, count = -1 }: RangeOptions = {}): Entry[] {
  const directed = reverse === true ? entries.slice().reverse() : entries;
  return directed.slice(offset, count < 0 ? undefined : offset + count);
}
