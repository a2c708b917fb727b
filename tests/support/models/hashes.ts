import fc from "fast-check";
import type { HashOps, Key, Value } from "@ferrite/storage";
import { check, type CheckOptions, type Subjects } from "./check.ts";
import { amounts, element, elements, printedAs, STYLES } from "./elements.ts";
import type { Open } from "./face.ts";
import { HashModel } from "./hash_model.ts";
import { keyOperations } from "./key_operations.ts";
import { type Arguments, filling, type Operation, operation, operationsOf } from "./operations.ts";
import { bytesOf } from "./plain.ts";
import type { Prefill } from "./prefill.ts";
import { scanOperation } from "./scan_operation.ts";

type HashOperation = Operation<HashModel>;

const BIG = "hash:0";
const KEYS = [BIG, "hash:1", "hash:2"];
const key = fc.oneof({ weight: 4, arbitrary: fc.constant(BIG) }, { weight: 1, arbitrary: fc.constantFrom(...KEYS) });
const counter = fc.constantFrom("n:0", "n:1", "n:2");
const floating = fc.constantFrom("f:0", "f:1");
const field: fc.Arbitrary<Key> = fc.oneof({ weight: 4, arbitrary: elements }, { weight: 1, arbitrary: counter });
/** What `hincrByFloat` meets is exact in binary and short, so that every way to write a sum down gives the same text. */
const numeral = fc.constantFrom("0", "7", "-12", "0.5", "-2.25", "1e2", "07", "-0");
const long = fc.constantFrom("9223372036854775807", "-9223372036854775808", "9223372036854775808", "9007199254740991");
const value: fc.Arbitrary<Value> = fc.oneof({ weight: 3, arbitrary: elements }, { weight: 1, arbitrary: numeral });
const entry: fc.Arbitrary<[Key, Value]> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(field, value) },
  { weight: 1, arbitrary: fc.tuple(fc.oneof(counter, floating), numeral) },
  { weight: 1, arbitrary: fc.tuple(counter, long) },
);
const small = fc.integer({ min: -100, max: 100 });
const integer = fc.oneof(
  small,
  fc.constantFrom(undefined, 5n, Number.MAX_SAFE_INTEGER, -(2n ** 63n), 2n ** 63n - 1n),
);
const count = fc.constantFrom(undefined, 0, 1, 3, 500, -1, -7);

const methods: Arguments<keyof HashOps> = {
  hget: fc.tuple(key, field),
  hset: fc.tuple(key, entry).map(([key, [field, value]]) => [key, field, value]),
  hmset: fc.tuple(key, fc.array(entry, { minLength: 1, maxLength: 12 })),
  hsetnx: fc.tuple(key, field, value),
  hdel: fc.tuple(key, fc.array(field, { minLength: 1, maxLength: 12 })),
  hgetall: fc.tuple(key),
  hkeys: fc.tuple(key),
  hvals: fc.tuple(key),
  hlen: fc.tuple(key),
  hexists: fc.tuple(key, field),
  hmget: fc.tuple(key, fc.array(field, { minLength: 1, maxLength: 12 })),
  hincrBy: fc.oneof(fc.tuple(key, counter, integer), fc.tuple(key, elements, small)),
  hincrByFloat: fc.tuple(key, fc.oneof(floating, elements), small.map((quarters) => quarters / 4)),
  hstrlen: fc.tuple(key, field),
  hscan: fc.tuple(key, fc.constantFrom(undefined, {}, { count: 3 }, { match: "*1" }, { match: "p*2*", count: 100 })),
  hrandField: fc.tuple(key, count),
  hrandFieldWithValues: fc.tuple(key, count),
};

const wholeScan = scanOperation<HashModel>("hscan", key, {
  step: (face, key, options) => face.hscan(key, options),
  add: (face, key, names) => face.hmset(key, names.map((name): [string, string] => [name, "hello"])),
  remove: (face, key, names) => face.hdel(key, names),
  answer: (model, key) => model.hgetall(key),
});

/** Removes elements of a prefill that follow on each other. */
const removals: fc.Arbitrary<HashOperation> = fc.tuple(amounts, fc.nat(3000), fc.constantFrom(...STYLES)).map(
  ([count, first, style]) => {
    const fields = Array.from({ length: count }, (_, i) => element(first + i, style));
    return operation("hdel", [BIG, printedAs(`/* ${count} ${style} elements from ${first} on */`, fields)]);
  },
);

const subjects: Subjects<HashModel> = {
  model: () => new HashModel(),
  fill: fillHash,
  operations: operationsOf({ ...methods, ...keyOperations(key, fc.tuple(key, key)) }, [
    "hset",
    "hmset",
    "hdel",
    "hget",
  ]),
  scans: wholeScan,
  removals,
  emptying: (model) => [...model.values].map(([key, hash]) => operation("hdel", [key, [...hash.keys()].map(bytesOf)])),
  contents,
};

/** Runs the property on a new store for each run. */
export function checkHashes(open: Open, options: CheckOptions): Promise<void> {
  return check(open, subjects, options);
}

function fillHash(prefill: Prefill): HashOperation[] {
  return filling(prefill, (numbers) =>
    operation("hmset", [
      BIG,
      numbers.map((number): [Value, Value] => [element(number, prefill.style), element(number % 100, "short")]),
    ]));
}

function contents(model: HashModel): HashOperation[] {
  return KEYS.flatMap((key): HashOperation[] => {
    const some = [...model.read(key).keys()].filter((_, i) => i % 97 === 0).map(bytesOf);
    return [
      operation("hgetall", [key]),
      operation("hlen", [key]),
      operation("type", [key]),
      operation("ttl", [key]),
      operation("hmget", [key, some]),
      ...some.map((field): HashOperation => operation("hget", [key, field])),
    ];
  });
}
