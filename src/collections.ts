/**
 * The data types beside strings: lists, hashes, sets and sorted sets, with Redis's semantics.
 *
 * A collection comes into being with its first element and disappears with its last. Elements are kept in counted
 * B+trees, so that a position, a rank or a member is found in O(log n). n is the number of elements of a collection.
 * Where nothing else is said an operation is O(log n) for each element it names, and rejects with `WRONG_TYPE` when the
 * key holds something else. A field or member has at most 65,535 bytes, an element or value of a hash 512 MiB.
 *
 * Views have the same methods with other types in place of bytes: `In` is what values are given as, `Out` what they come
 * back as, and `Name` what fields do.
 *
 * @module
 */
import type { Bytes, CallOptions, Integer, Key, Value } from "./engine.ts";

/** An end of a list. */
export type ListEnd = "left" | "right";

/** How to search a list. */
export interface ListPositionOptions extends CallOptions {
  /** Which match to start with: 1 the first, 2 the second, -1 the last, -2 the one before it. 1 if not given. */
  rank?: number;
  /** At most so many positions; 0 for all. 1 if not given. */
  count?: number;
  /** Compares at most so many elements; 0 for all, as if not given. */
  maxLength?: number;
}

/**
 * Lists, as in Redis. Positions count from 0; negative ones from the end, -1 being the last.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * await store.rpush("queue", ["a", "b", "c"]);
 * assertEquals(await store.lpop("queue"), [new TextEncoder().encode("a")]);
 * assertEquals(await store.llen("queue"), 2);
 * ```
 */
export interface ListOps<In = Value, Out = Bytes> {
  /** Puts values before the first, one after another, so that the last one comes to stand first. Resolves to the new length. */
  lpush(key: Key, values: readonly In[], options?: CallOptions): Promise<number>;
  /** Puts values behind the last. Resolves to the new length. */
  rpush(key: Key, values: readonly In[], options?: CallOptions): Promise<number>;
  /** Like `lpush`, but only if there is a list. Resolves to the new length, 0 where there is none. */
  lpushx(key: Key, values: readonly In[], options?: CallOptions): Promise<number>;
  /** Like `rpush`, but only if there is a list. Resolves to the new length, 0 where there is none. */
  rpushx(key: Key, values: readonly In[], options?: CallOptions): Promise<number>;
  /** Takes up to `count` values, 1 if not given, from the front. O(log n + count). */
  lpop(key: Key, count?: number, options?: CallOptions): Promise<Out[]>;
  /** Takes up to `count` values, 1 if not given, from the end, the last one first. O(log n + count). */
  rpop(key: Key, count?: number, options?: CallOptions): Promise<Out[]>;
  /** The values from `start` to `stop`, both included. O(log n + values). */
  lrange(key: Key, start: number, stop: number, options?: CallOptions): Promise<Out[]>;
  /** How many values there are. O(1). */
  llen(key: Key, options?: CallOptions): Promise<number>;
  /** The value at a position, or `null`. */
  lindex(key: Key, index: number, options?: CallOptions): Promise<Out | null>;
  /** Replaces the value at a position. `OUT_OF_RANGE` where there is none. */
  lset(key: Key, index: number, value: In, options?: CallOptions): Promise<void>;
  /**
   * Puts a value before or after the first one that equals `pivot`. Resolves to the new length, -1 when there is no such
   * value, 0 when there is no list. O(n), because it has to look for the pivot; see {@linkcode ListOps.linsertAt}.
   */
  linsert(key: Key, where: "before" | "after", pivot: In, value: In, options?: CallOptions): Promise<number>;
  /**
   * Puts a value where it will have the position `index`; the length is a position too, behind the last. A negative one
   * counts from the end as it is before: -1 puts it before the last. Resolves to the new length. `OUT_OF_RANGE` where no
   * value can stand. O(log n), which Redis has no command for.
   */
  linsertAt(key: Key, index: number, value: In, options?: CallOptions): Promise<number>;
  /**
   * Removes values that equal `value`: the first `count` of them, the last `-count` where it is negative, all where it
   * is 0. Resolves to how many. O(n).
   */
  lrem(key: Key, count: number, value: In, options?: CallOptions): Promise<number>;
  /** Removes all but the values from `start` to `stop`, both included. O(log n + values removed / 100). */
  ltrim(key: Key, start: number, stop: number, options?: CallOptions): Promise<void>;
  /** The positions of values that equal `value`; none where there are none. O(n). */
  lpos(key: Key, value: In, options?: ListPositionOptions): Promise<number[]>;
  /** Takes a value from an end of one list, puts it at an end of another, or the same one, and resolves to it; or to `null`. */
  lmove(source: Key, destination: Key, from: ListEnd, to: ListEnd, options?: CallOptions): Promise<Out | null>;
}

/** How to go over the elements of a collection. */
export interface ElementScanOptions extends CallOptions {
  /** Where to go on: the `cursor` of the step before; without it, at the start. Decimal, as Redis clients expect. */
  cursor?: string | null;
  /** Only elements (of a hash: fields) that match this glob; see `KeysOptions`. */
  match?: Key;
  /** About how many elements to look at in this step, an integer of 1 or more, else `OUT_OF_RANGE`; 10 if not given. More than 1,000,000 counts as that. */
  count?: number;
}

/** One step over a hash. */
export interface HashScanResult<Name = Bytes, Out = Bytes> {
  /** For the next step; `null` when the scan is over. */
  cursor: string | null;
  /** Fields with their values. One that is there during the whole scan is returned at least once. */
  entries: [Name, Out][];
}

/** Hashes, as in Redis. The order of fields means nothing. */
export interface HashOps<In = Value, Out = Bytes, Name = Bytes> {
  /** The value of a field, or `null`. */
  hget(key: Key, field: Key, options?: CallOptions): Promise<Out | null>;
  /** Sets a field. Resolves to whether it is new. */
  hset(key: Key, field: Key, value: In, options?: CallOptions): Promise<boolean>;
  /** Sets many fields, all or none. Resolves to how many are new. */
  hmset(key: Key, entries: readonly (readonly [Key, In])[], options?: CallOptions): Promise<number>;
  /** Sets a field that is not there. Resolves to whether it did. */
  hsetnx(key: Key, field: Key, value: In, options?: CallOptions): Promise<boolean>;
  /** Removes fields. Resolves to how many there were. */
  hdel(key: Key, fields: readonly Key[], options?: CallOptions): Promise<number>;
  /** All fields with their values. O(n). */
  hgetall(key: Key, options?: CallOptions): Promise<[Name, Out][]>;
  /** All fields. O(n). */
  hkeys(key: Key, options?: CallOptions): Promise<Name[]>;
  /** All values. O(n). */
  hvals(key: Key, options?: CallOptions): Promise<Out[]>;
  /** How many fields there are. O(1). */
  hlen(key: Key, options?: CallOptions): Promise<number>;
  /** Whether there is such a field. */
  hexists(key: Key, field: Key, options?: CallOptions): Promise<boolean>;
  /** The values of many fields, in their order. */
  hmget(key: Key, fields: readonly Key[], options?: CallOptions): Promise<(Out | null)[]>;
  /**
   * Adds a 64-bit integer to the one a field holds in decimal; a missing one counts as 0. Resolves to the sum, as a bigint
   * if `delta` is one. `NOT_INTEGER` and `OUT_OF_RANGE` as in `incrBy`.
   */
  hincrBy<N extends number | bigint = number>(
    key: Key,
    field: Key,
    delta?: N,
    options?: CallOptions,
  ): Promise<Integer<N>>;
  /**
   * Adds a number to the one a field holds in decimal; a missing one counts as 0. Resolves to the sum. `NOT_FLOAT` when it
   * holds something else, `OUT_OF_RANGE` when the sum is not finite. Doubles, where Redis may have 80 bits.
   */
  hincrByFloat(key: Key, field: Key, delta: number, options?: CallOptions): Promise<number>;
  /** The length of a field's value in bytes, 0 where there is none. */
  hstrlen(key: Key, field: Key, options?: CallOptions): Promise<number>;
  /** One step over the fields. O(log n + count). */
  hscan(key: Key, options?: ElementScanOptions): Promise<HashScanResult<Name, Out>>;
  /**
   * Up to `count` different fields at random, 1 if not given; with a negative count, `-count` fields, at most a million, of
   * which some may be the same. O(count · log n).
   */
  hrandField(key: Key, count?: number, options?: CallOptions): Promise<Name[]>;
  /** Like `hrandField`, each with its value. */
  hrandFieldWithValues(key: Key, count?: number, options?: CallOptions): Promise<[Name, Out][]>;
}

/** One step over a set. */
export interface SetScanResult<Out = Bytes> {
  /** For the next step; `null` when the scan is over. */
  cursor: string | null;
  /** Members. One that is there during the whole scan is returned at least once. */
  members: Out[];
}

/** Sets, as in Redis. The order of members means nothing. */
export interface SetOps<In = Value, Out = Bytes> {
  /** Adds members. Resolves to how many are new. */
  sadd(key: Key, members: readonly In[], options?: CallOptions): Promise<number>;
  /** Removes members. Resolves to how many there were. */
  srem(key: Key, members: readonly In[], options?: CallOptions): Promise<number>;
  /** Whether there is such a member. */
  sisMember(key: Key, member: In, options?: CallOptions): Promise<boolean>;
  /** Whether each of these is a member. */
  smisMember(key: Key, members: readonly In[], options?: CallOptions): Promise<boolean[]>;
  /** All members. O(n). */
  smembers(key: Key, options?: CallOptions): Promise<Out[]>;
  /** How many members there are. O(1). */
  scard(key: Key, options?: CallOptions): Promise<number>;
  /** Takes up to `count` members at random, 1 if not given. */
  spop(key: Key, count?: number, options?: CallOptions): Promise<Out[]>;
  /**
   * Up to `count` different members at random, 1 if not given; with a negative count, `-count` members, at most a
   * million, of which some may be the same. O(count · log n).
   */
  srandMember(key: Key, count?: number, options?: CallOptions): Promise<Out[]>;
  /** Moves a member to another set. Resolves to whether it was there. */
  smove(source: Key, destination: Key, member: In, options?: CallOptions): Promise<boolean>;
  /** One step over the members. O(log n + count). */
  sscan(key: Key, options?: ElementScanOptions): Promise<SetScanResult<Out>>;
  /** What is in all sets. O(members of the smallest · sets · log n). */
  sinter(keys: readonly Key[], options?: CallOptions): Promise<Out[]>;
  /** What is in any of the sets. O(members of all · sets · log n). */
  sunion(keys: readonly Key[], options?: CallOptions): Promise<Out[]>;
  /** What is in the first set and in none of the others. O(members of the first · sets · log n). */
  sdiff(keys: readonly Key[], options?: CallOptions): Promise<Out[]>;
  /** Writes what is in all sets over `destination`. Resolves to how many members it has. */
  sinterStore(destination: Key, keys: readonly Key[], options?: CallOptions): Promise<number>;
  /** Writes what is in any of the sets over `destination`. Resolves to how many members it has. */
  sunionStore(destination: Key, keys: readonly Key[], options?: CallOptions): Promise<number>;
  /** Writes what is in the first set and in none of the others over `destination`. Resolves to how many members it has. */
  sdiffStore(destination: Key, keys: readonly Key[], options?: CallOptions): Promise<number>;
  /** How many members are in all sets, counting no further than `limit`, 0 for no limit. */
  sinterCard(keys: readonly Key[], options?: LimitOptions): Promise<number>;
}

/** How far to count. */
export interface LimitOptions extends CallOptions {
  /** Stops counting here; 0 for no limit, as if not given. */
  limit?: number;
}

/** A bound of scores: this one included, or `{ exclusive: 3 }` without it. Infinite ones are allowed. */
export type ScoreBound = number | { readonly exclusive: number };

/** A bound of members in the order of their bytes: this one included, `{ exclusive: "b" }` without it, `null` for no bound. */
export type LexBound = Value | { readonly exclusive: Value } | null;

/** When to change a score (Redis: NX, XX, GT, LT). */
export interface ScoreConditions {
  /** Only adds members, changes none. Not together with the others. */
  ifAbsent?: boolean;
  /** Only changes members, adds none. */
  ifPresent?: boolean;
  /** Changes a score only to a greater one; adds all the same. Not together with `ifLess`. */
  ifGreater?: boolean;
  /** Changes a score only to a smaller one; adds all the same. */
  ifLess?: boolean;
}

/** How to add to a sorted set. */
export interface ZaddOptions extends ScoreConditions, CallOptions {
  /** Counts changed members too, not only new ones (Redis: CH). */
  countChanged?: boolean;
}

/** How to add to a score. */
export interface ZincrOptions extends ScoreConditions, CallOptions {}

/** In which direction to read a sorted set. */
export interface ReverseOptions extends CallOptions {
  /** From the highest to the lowest. For ranks, 0 is the highest then; bounds keep their names: `min` is the lower one. */
  reverse?: boolean;
}

/** Which part of a range of a sorted set to read. */
export interface RangeOptions extends ReverseOptions {
  /** Leaves out so many members first. */
  offset?: number;
  /** At most so many members; a negative number for all, as if not given. */
  count?: number;
}

/** A part of a sorted set: by rank, by score, or, where all scores are equal, by the bytes of members. */
export type SortedSetRange =
  | { readonly by: "rank"; readonly start: number; readonly stop: number; readonly reverse?: boolean }
  | {
    readonly by: "score";
    readonly min: ScoreBound;
    readonly max: ScoreBound;
    readonly reverse?: boolean;
    readonly offset?: number;
    readonly count?: number;
  }
  | {
    readonly by: "lex";
    readonly min: LexBound;
    readonly max: LexBound;
    readonly reverse?: boolean;
    readonly offset?: number;
    readonly count?: number;
  };

/** How to put sorted sets together. */
export interface CombineOptions extends CallOptions {
  /** What to multiply the scores of each set with, in their order; 1 if not given. */
  weights?: readonly number[];
  /** The score of a member of several sets: the sum, if not given, or the least or greatest of theirs. */
  aggregate?: "sum" | "min" | "max";
}

/** One step over a sorted set. */
export interface SortedSetScanResult<Out = Bytes> {
  /** For the next step; `null` when the scan is over. */
  cursor: string | null;
  /** Members with their scores. One that is there during the whole scan is returned at least once. */
  entries: [Out, number][];
}

/**
 * Sorted sets, as in Redis: members in the order of their scores, and of their bytes where scores are equal. Scores are
 * doubles, infinite ones too; NaN is `OUT_OF_RANGE`. What takes several sets takes plain sets as well, with scores of 1.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * await store.zadd("scores", [[310, "ada"], [250, "bob"], [420, "cy"]]);
 * assertEquals(await store.zrank("scores", "ada"), 1);
 * assertEquals(await store.zcount("scores", 300, Infinity), 2);
 * ```
 */
export interface SortedSetOps<In = Value, Out = Bytes> {
  /** Adds members, or changes their scores. Resolves to how many are new. */
  zadd(key: Key, members: readonly (readonly [number, In])[], options?: ZaddOptions): Promise<number>;
  /** The score of a member, or `null`. */
  zscore(key: Key, member: In, options?: CallOptions): Promise<number | null>;
  /** The scores of many members, in their order. */
  zmscore(key: Key, members: readonly In[], options?: CallOptions): Promise<(number | null)[]>;
  /** Adds to the score of a member, which counts as 0 where there is none. Resolves to it; `null` where a condition forbade it. */
  zincrBy(key: Key, increment: number, member: In, options?: ZincrOptions): Promise<number | null>;
  /** How many members there are. O(1). */
  zcard(key: Key, options?: CallOptions): Promise<number>;
  /** How many members have scores from `min` to `max`. */
  zcount(key: Key, min: ScoreBound, max: ScoreBound, options?: CallOptions): Promise<number>;
  /** How many members lie between `min` and `max` by their bytes, where all scores are equal. */
  zlexCount(key: Key, min: LexBound, max: LexBound, options?: CallOptions): Promise<number>;
  /** How many members come before this one, or `null` when it is none. */
  zrank(key: Key, member: In, options?: CallOptions): Promise<number | null>;
  /** How many members come after this one, or `null` when it is none. */
  zrevRank(key: Key, member: In, options?: CallOptions): Promise<number | null>;
  /** Rank and score of a member, or `null`. */
  zrankWithScore(key: Key, member: In, options?: CallOptions): Promise<[number, number] | null>;
  /** Rank from the end and score of a member, or `null`. */
  zrevRankWithScore(key: Key, member: In, options?: CallOptions): Promise<[number, number] | null>;
  /** The members from rank `start` to `stop`, both included; negative ones count from the end. O(log n + members). */
  zrange(key: Key, start: number, stop: number, options?: ReverseOptions): Promise<Out[]>;
  /** Like `zrange`, each member with its score. */
  zrangeWithScores(key: Key, start: number, stop: number, options?: ReverseOptions): Promise<[Out, number][]>;
  /** The members with scores from `min` to `max`. O(log n + members); `offset` costs nothing. */
  zrangeByScore(key: Key, min: ScoreBound, max: ScoreBound, options?: RangeOptions): Promise<Out[]>;
  /** Like `zrangeByScore`, each member with its score. */
  zrangeByScoreWithScores(
    key: Key,
    min: ScoreBound,
    max: ScoreBound,
    options?: RangeOptions,
  ): Promise<[Out, number][]>;
  /** The members between `min` and `max` by their bytes, where all scores are equal. O(log n + members). */
  zrangeByLex(key: Key, min: LexBound, max: LexBound, options?: RangeOptions): Promise<Out[]>;
  /** Writes a part of a sorted set over `destination`. Resolves to how many members it has. */
  zrangeStore(destination: Key, source: Key, range: SortedSetRange, options?: CallOptions): Promise<number>;
  /** Removes members. Resolves to how many there were. */
  zrem(key: Key, members: readonly In[], options?: CallOptions): Promise<number>;
  /** Removes the members from rank `start` to `stop`, both included. Resolves to how many. */
  zremRangeByRank(key: Key, start: number, stop: number, options?: CallOptions): Promise<number>;
  /** Removes the members with scores from `min` to `max`. Resolves to how many. */
  zremRangeByScore(key: Key, min: ScoreBound, max: ScoreBound, options?: CallOptions): Promise<number>;
  /** Removes the members between `min` and `max` by their bytes. Resolves to how many. */
  zremRangeByLex(key: Key, min: LexBound, max: LexBound, options?: CallOptions): Promise<number>;
  /** Takes up to `count` members, 1 if not given, with the lowest scores, the lowest first. */
  zpopMin(key: Key, count?: number, options?: CallOptions): Promise<[Out, number][]>;
  /** Takes up to `count` members, 1 if not given, with the highest scores, the highest first. */
  zpopMax(key: Key, count?: number, options?: CallOptions): Promise<[Out, number][]>;
  /** What is in any of the sets, in order. */
  zunion(keys: readonly Key[], options?: CombineOptions): Promise<Out[]>;
  /** Like `zunion`, each member with its score. */
  zunionWithScores(keys: readonly Key[], options?: CombineOptions): Promise<[Out, number][]>;
  /** What is in all sets, in order. */
  zinter(keys: readonly Key[], options?: CombineOptions): Promise<Out[]>;
  /** Like `zinter`, each member with its score. */
  zinterWithScores(keys: readonly Key[], options?: CombineOptions): Promise<[Out, number][]>;
  /** What is in the first set and in none of the others, in order. */
  zdiff(keys: readonly Key[], options?: CallOptions): Promise<Out[]>;
  /** Like `zdiff`, each member with its score. */
  zdiffWithScores(keys: readonly Key[], options?: CallOptions): Promise<[Out, number][]>;
  /** Writes what is in any of the sets over `destination`. Resolves to how many members it has. */
  zunionStore(destination: Key, keys: readonly Key[], options?: CombineOptions): Promise<number>;
  /** Writes what is in all sets over `destination`. Resolves to how many members it has. */
  zinterStore(destination: Key, keys: readonly Key[], options?: CombineOptions): Promise<number>;
  /** Writes what is in the first set and in none of the others over `destination`. Resolves to how many members it has. */
  zdiffStore(destination: Key, keys: readonly Key[], options?: CallOptions): Promise<number>;
  /** How many members are in all sets, counting no further than `limit`, 0 for no limit. */
  zinterCard(keys: readonly Key[], options?: LimitOptions): Promise<number>;
  /** One step over the members, in no order. O(log n + count). */
  zscan(key: Key, options?: ElementScanOptions): Promise<SortedSetScanResult<Out>>;
  /**
   * Up to `count` different members at random, 1 if not given; with a negative count, `-count` members, at most a
   * million, of which some may be the same. O(count · log n).
   */
  zrandMember(key: Key, count?: number, options?: CallOptions): Promise<Out[]>;
  /** Like `zrandMember`, each member with its score. */
  zrandMemberWithScores(key: Key, count?: number, options?: CallOptions): Promise<[Out, number][]>;
}

/** All data types beside strings. */
export interface CollectionOps extends ListOps, HashOps, SetOps, SortedSetOps {}
