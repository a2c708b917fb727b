import fc from "fast-check";
import type { SetOps, Value } from "@ferrite/storage";
import { check, type CheckOptions, type Subjects } from "./check.ts";
import { amounts, element, elements, printedAs, STYLES } from "./elements.ts";
import type { Open } from "./face.ts";
import { keyOperations } from "./key_operations.ts";
import { type Arguments, filling, type Operation, operation, operationsOf } from "./operations.ts";
import { bytesOf } from "./plain.ts";
import type { Prefill } from "./prefill.ts";
import { scanOperation } from "./scan_operation.ts";
import { SetModel } from "./set_model.ts";

type SetOperation = Operation<SetModel>;

const BIG = "set:0";
const KEYS = [BIG, "set:1", "set:2"];
const key = fc.oneof({ weight: 3, arbitrary: fc.constant(BIG) }, { weight: 1, arbitrary: fc.constantFrom(...KEYS) });
const keys = fc.array(fc.constantFrom(...KEYS, "none"), { minLength: 1, maxLength: 4 });
const members: fc.Arbitrary<Value[]> = fc.array(elements, { minLength: 1, maxLength: 12 });
const count = fc.constantFrom(undefined, 0, 1, 3, 500);

const methods: Arguments<keyof SetOps> = {
  sadd: fc.tuple(key, members),
  srem: fc.tuple(key, members),
  sisMember: fc.tuple(key, elements),
  smisMember: fc.tuple(key, members),
  smembers: fc.tuple(key),
  scard: fc.tuple(key),
  spop: fc.tuple(key, count),
  srandMember: fc.tuple(key, fc.oneof(count, fc.constantFrom(-1, -7, -500))),
  smove: fc.tuple(key, key, elements),
  sscan: fc.tuple(key, fc.constantFrom(undefined, {}, { count: 3 }, { match: "*1" }, { match: "p*2*", count: 100 })),
  sinter: fc.tuple(keys),
  sunion: fc.tuple(keys),
  sdiff: fc.tuple(keys),
  sinterStore: fc.tuple(key, keys),
  sunionStore: fc.tuple(key, keys),
  sdiffStore: fc.tuple(key, keys),
  sinterCard: fc.tuple(keys, fc.constantFrom(undefined, {}, { limit: 0 }, { limit: 1 }, { limit: 100 })),
};

const wholeScan = scanOperation<SetModel>("sscan", key, {
  step: (face, key, options) => face.sscan(key, options),
  add: (face, key, names) => face.sadd(key, names),
  remove: (face, key, names) => face.srem(key, names),
  answer: (model, key) => model.smembers(key),
});

const removals: fc.Arbitrary<SetOperation> = fc.oneof(
  amounts.map((count): SetOperation => operation("spop", [BIG, count])),
  fc.tuple(amounts, fc.nat(3000), fc.constantFrom(...STYLES)).map(([count, first, style]): SetOperation => {
    const members = Array.from({ length: count }, (_, i) => element(first + i, style));
    return operation("srem", [BIG, printedAs(`/* ${count} ${style} elements from ${first} on */`, members)]);
  }),
);

const subjects: Subjects<SetModel> = {
  model: () => new SetModel(),
  fill: fillSet,
  operations: operationsOf({ ...methods, ...keyOperations(key, fc.tuple(key, key)) }, [
    "sadd",
    "srem",
    "sunionStore",
  ]),
  scans: wholeScan,
  removals,
  emptying: (model) => [...model.values].map(([key, set]) => operation("spop", [key, set.size])),
  contents,
};

/** Runs the property on a new store for each run. */
export function checkSets(open: Open, options: CheckOptions): Promise<void> {
  return check(open, subjects, options);
}

function fillSet(prefill: Prefill): SetOperation[] {
  return filling(
    prefill,
    (numbers) => operation("sadd", [BIG, numbers.map((number) => element(number, prefill.style))]),
  );
}

function contents(model: SetModel): SetOperation[] {
  return KEYS.flatMap((key): SetOperation[] => {
    const some = [...model.read(key)].filter((_, i) => i % 97 === 0).map(bytesOf);
    return [
      operation("smembers", [key]),
      operation("scard", [key]),
      operation("type", [key]),
      operation("ttl", [key]),
      operation("smisMember", [key, some]),
      ...some.map((member): SetOperation => operation("sisMember", [key, member])),
    ];
  });
}
