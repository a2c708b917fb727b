import fc from "fast-check";
import type { CombineOptions, RangeOptions, ScoreBound, SortedSetOps, SortedSetRange, Value } from "@ferrite/storage";
import { check, type CheckOptions, type Subjects } from "./check.ts";
import { amounts, element, elements, positions } from "./elements.ts";
import type { Open } from "./face.ts";
import { inAnyOrder } from "./judges.ts";
import { keyOperations } from "./key_operations.ts";
import { type Arguments, filling, type Operation, operation, operationsOf } from "./operations.ts";
import { bytesOf } from "./plain.ts";
import type { Prefill } from "./prefill.ts";
import { scanOperation } from "./scan_operation.ts";
import { SortedSetModel } from "./sorted_set_model.ts";

type SortedSetOperation = Operation<SortedSetModel>;

/** May hold any scores, and is where results are stored. */
const BIG = "zset:0";
/** Hold scores of few bits only, so that sums of several sets are the same in whatever order they are added up. */
const EXACT = ["zset:1", "zset:2"];
/** Hold scores of 0 only: in others the order by bytes means nothing. */
const LEX = ["lex:0", "lex:1"];
const PLAIN_SET = "plain";
const SORTED = [BIG, ...EXACT, ...LEX];

const big = fc.constant(BIG);
const exact = fc.constantFrom(...EXACT);
const lex = fc.constantFrom(...LEX);
const key = fc.oneof({ weight: 5, arbitrary: big }, { weight: 1, arbitrary: fc.constantFrom(...SORTED, "none") });

const fewBits = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4));
const score = fc.oneof(
  { weight: 5, arbitrary: fewBits },
  { weight: 1, arbitrary: fc.constantFrom(-0, Infinity, -Infinity, 1e300, -1e300) },
);
const scoreBound: fc.Arbitrary<ScoreBound> = fc.oneof(score, score.map((exclusive) => ({ exclusive })));
const lexBound = fc.oneof(elements, elements.map((exclusive) => ({ exclusive })), fc.constant(null));
const members: fc.Arbitrary<Value[]> = fc.array(elements, { minLength: 1, maxLength: 12 });
const count = fc.constantFrom(undefined, 0, 1, 3, 500);

const conditions = fc.constantFrom(
  undefined,
  {},
  { ifAbsent: true },
  { ifPresent: true },
  { ifGreater: true },
  { ifLess: true },
  { ifPresent: true, ifGreater: true },
  { ifPresent: true, ifLess: true },
);
const flag = fc.constantFrom(undefined, false, true);
const range: fc.Arbitrary<RangeOptions> = fc.record({
  reverse: flag,
  offset: fc.constantFrom(undefined, 0, 1, 10, 500),
  count: fc.constantFrom(undefined, -1, 0, 1, 10, 500),
});

/** One key with each of the scores it may hold. */
function scored<T>(of: (score: fc.Arbitrary<number>) => fc.Arbitrary<T>): fc.Arbitrary<[string, T]> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.tuple(big, of(score)) },
    { weight: 2, arbitrary: fc.tuple(exact, of(fewBits)) },
    { weight: 2, arbitrary: fc.tuple(lex, of(fc.constant(0))) },
  );
}

const added = scored((score) => fc.array(fc.tuple(score, elements), { minLength: 1, maxLength: 12 }));
const incremented = fc.oneof(fc.tuple(big, score), fc.tuple(exact, fewBits));

/** Sets to put together: infinities come from one of them only, or there are just two. */
const sources: fc.Arbitrary<string[]> = fc.oneof(
  fc.shuffledSubarray([BIG, ...EXACT, LEX[0], PLAIN_SET, "none"], { minLength: 1, maxLength: 4 }),
  fc.array(fc.constantFrom(BIG, ...EXACT, PLAIN_SET), { minLength: 2, maxLength: 2 }),
);
/** As many weights as sets, powers of two so that scores stay short. */
const combined: fc.Arbitrary<[string[], CombineOptions?]> = fc.oneof(
  fc.tuple(sources),
  fc.tuple(
    sources,
    fc.array(fc.constantFrom(1, 2, -1, 0.5), { minLength: 4, maxLength: 4 }),
    fc.constantFrom(undefined, "sum", "min", "max"),
  ).map((
    [keys, weights, aggregate],
  ): [string[], CombineOptions] => [keys, { weights: weights.slice(0, keys.length), aggregate }]),
);

type Stored = [destination: string, source: string, range: SortedSetRange];

const stored: fc.Arbitrary<Stored> = fc.oneof(
  fc.tuple(key, positions, positions, flag).map(([source, start, stop, reverse]): Stored => [
    BIG,
    source,
    { by: "rank", start, stop, reverse },
  ]),
  fc.tuple(key, scoreBound, scoreBound, range).map(([source, min, max, part]): Stored => [
    BIG,
    source,
    { by: "score", min, max, ...part },
  ]),
  fc.tuple(lex, lexBound, lexBound, range).map(([source, min, max, part]): Stored => [
    BIG,
    source,
    { by: "lex", min, max, ...part },
  ]),
);

const methods: Arguments<keyof SortedSetOps | "sadd" | "srem"> = {
  sadd: fc.tuple(fc.constant(PLAIN_SET), members),
  srem: fc.tuple(fc.constant(PLAIN_SET), members),
  zadd: fc.tuple(added, conditions, flag).map(([[key, members], conditions, countChanged]) => [
    key,
    members,
    { ...conditions, countChanged },
  ]),
  zscore: fc.tuple(key, elements),
  zmscore: fc.tuple(key, members),
  zincrBy: fc.tuple(incremented, elements, conditions).map(([[key, increment], member, conditions]) => [
    key,
    increment,
    member,
    conditions,
  ]),
  zcard: fc.tuple(key),
  zcount: fc.tuple(key, scoreBound, scoreBound),
  zlexCount: fc.tuple(lex, lexBound, lexBound),
  zrank: fc.tuple(key, elements),
  zrevRank: fc.tuple(key, elements),
  zrankWithScore: fc.tuple(key, elements),
  zrevRankWithScore: fc.tuple(key, elements),
  zrange: fc.tuple(key, positions, positions, fc.record({ reverse: flag })),
  zrangeWithScores: fc.tuple(key, positions, positions, fc.record({ reverse: flag })),
  zrangeByScore: fc.tuple(key, scoreBound, scoreBound, range),
  zrangeByScoreWithScores: fc.tuple(key, scoreBound, scoreBound, range),
  zrangeByLex: fc.tuple(lex, lexBound, lexBound, range),
  zrangeStore: stored,
  zrem: fc.tuple(key, members),
  zremRangeByRank: fc.tuple(key, fc.integer({ min: -10, max: 10 }), fc.integer({ min: -10, max: 10 })),
  zremRangeByScore: fc.tuple(key, scoreBound, scoreBound),
  zremRangeByLex: fc.tuple(lex, lexBound, lexBound),
  zpopMin: fc.tuple(key, count),
  zpopMax: fc.tuple(key, count),
  zunion: combined,
  zunionWithScores: combined,
  zinter: combined,
  zinterWithScores: combined,
  zdiff: fc.tuple(sources),
  zdiffWithScores: fc.tuple(sources),
  zunionStore: combined.map(([keys, options]) => [BIG, keys, options]),
  zinterStore: combined.map(([keys, options]) => [BIG, keys, options]),
  zdiffStore: fc.tuple(big, sources),
  zinterCard: fc.tuple(sources, fc.constantFrom(undefined, {}, { limit: 0 }, { limit: 1 }, { limit: 100 })),
  zscan: fc.tuple(key, fc.constantFrom(undefined, {}, { count: 3 }, { match: "*1" }, { match: "p*2*", count: 100 })),
  zrandMember: fc.tuple(key, fc.oneof(count, fc.constantFrom(-1, -7, -500))),
  zrandMemberWithScores: fc.tuple(key, fc.oneof(count, fc.constantFrom(-1, -7, -500))),
};

const pairs: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(key, big),
  fc.tuple(exact, exact),
  fc.tuple(lex, lex),
);

const wholeScan = scanOperation<SortedSetModel>("zscan", key, {
  step: (face, key, options) => face.zscan(key, options),
  add: (face, key, names) => face.zadd(key, names.map((name, i): [number, string] => [i * 100 - 1000, name])),
  remove: (face, key, names) => face.zrem(key, names),
  answer: (model, key) => inAnyOrder(model.zrangeWithScores(key, 0, -1)),
});

const removals: fc.Arbitrary<SortedSetOperation> = fc.oneof(
  amounts.map((count): SortedSetOperation => operation("zpopMin", [BIG, count])),
  amounts.map((count): SortedSetOperation => operation("zpopMax", [BIG, count])),
  fc.tuple(positions, amounts).map(([start, length]): SortedSetOperation =>
    operation("zremRangeByRank", [BIG, start, start < 0 ? -1 : start + length])
  ),
  fc.tuple(fewBits, amounts).map(([min, width]): SortedSetOperation =>
    operation("zremRangeByScore", [BIG, min, { exclusive: min + width }])
  ),
);

const subjects: Subjects<SortedSetModel> = {
  model: () => new SortedSetModel(),
  fill: fillSortedSets,
  operations: operationsOf({ ...methods, ...keyOperations(key, pairs) }, ["zadd", "zrem", "zincrBy", "zrank"]),
  scans: wholeScan,
  removals,
  emptying: (model) =>
    [...model.values.keys()].map((key) =>
      key === PLAIN_SET ? operation("del", [key]) : operation("zremRangeByRank", [key, 0, -1])
    ),
  contents,
};

/** Runs the property on a new store for each run. */
export function checkSortedSets(open: Open, options: CheckOptions): Promise<void> {
  return check(open, subjects, options);
}

/** Scores that rise with the elements, or that only few of them share, or that are all the same. */
function fillSortedSets(prefill: Prefill): SortedSetOperation[] {
  const key = prefill.count % 3 === 0 ? LEX[0] : BIG;
  const scoreOf = (number: number) => key === LEX[0] ? 0 : prefill.count % 3 === 1 ? number : number % 7;
  return filling(prefill, (numbers) =>
    operation("zadd", [
      key,
      numbers.map((number): [number, Value] => [scoreOf(number), element(number, prefill.style)]),
    ]));
}

function contents(model: SortedSetModel): SortedSetOperation[] {
  return SORTED.flatMap((key): SortedSetOperation[] => {
    const { sorted } = model.read(key);
    const some = sorted.filter((_, i) => i % 97 === 0).map(([member, score]) => ({ member: bytesOf(member), score }));
    return [
      operation("zrangeWithScores", [key, 0, -1]),
      operation("zrangeWithScores", [key, 0, -1, { reverse: true }]),
      operation("zcard", [key]),
      operation("type", [key]),
      operation("ttl", [key]),
      operation("zmscore", [key, some.map(({ member }) => member)]),
      ...some.map(({ member }): SortedSetOperation => operation("zrankWithScore", [key, member])),
      ...some.map(({ score }): SortedSetOperation => operation("zcount", [key, { exclusive: score }, Infinity])),
    ];
  });
}
