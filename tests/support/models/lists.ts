import fc from "fast-check";
import type { ListOps, Value } from "@ferrite/storage";
import { check, type CheckOptions, type Subjects } from "./check.ts";
import { amounts, element, elements, positions } from "./elements.ts";
import type { Open } from "./face.ts";
import { keyOperations } from "./key_operations.ts";
import { ListModel } from "./list_model.ts";
import { type Arguments, filling, type Operation, operation, operationsOf } from "./operations.ts";
import type { Prefill } from "./prefill.ts";

type ListOperation = Operation<ListModel>;

const BIG = "list:0";
const KEYS = [BIG, "list:1", "list:2"];
const key = fc.oneof({ weight: 4, arbitrary: fc.constant(BIG) }, { weight: 1, arbitrary: fc.constantFrom(...KEYS) });
const values: fc.Arbitrary<Value[]> = fc.array(elements, { minLength: 1, maxLength: 12 });
const end = fc.constantFrom("left" as const, "right" as const);
const count = fc.constantFrom(undefined, 0, 1, 2, 10, 300);

const methods: Arguments<keyof ListOps> = {
  lpush: fc.tuple(key, values),
  rpush: fc.tuple(key, values),
  lpushx: fc.tuple(key, values),
  rpushx: fc.tuple(key, values),
  lpop: fc.tuple(key, count),
  rpop: fc.tuple(key, count),
  lrange: fc.tuple(key, positions, positions),
  llen: fc.tuple(key),
  lindex: fc.tuple(key, positions),
  lset: fc.tuple(key, positions, elements),
  linsert: fc.tuple(key, fc.constantFrom("before" as const, "after" as const), elements, elements),
  linsertAt: fc.tuple(key, positions, elements),
  lrem: fc.tuple(key, fc.integer({ min: -3, max: 3 }), elements),
  ltrim: fc.tuple(key, fc.integer({ min: -1, max: 20 }), fc.constantFrom(-1, -2, -20, 400, 2000)),
  lpos: fc.tuple(
    key,
    elements,
    fc.record({
      rank: fc.constantFrom(1, 2, 3, -1, -2),
      count: fc.constantFrom(0, 1, 2),
      maxLength: fc.constantFrom(0, 1, 10, 1000),
    }, { requiredKeys: [] }),
  ),
  lmove: fc.tuple(key, key, end, end),
};

const removals: fc.Arbitrary<ListOperation> = fc.oneof(
  amounts.map((count): ListOperation => operation("lpop", [BIG, count])),
  amounts.map((count): ListOperation => operation("rpop", [BIG, count])),
  fc.tuple(amounts, amounts).map(([left, right]): ListOperation => operation("ltrim", [BIG, left, -1 - right])),
);

const subjects: Subjects<ListModel> = {
  model: () => new ListModel(),
  fill: fillList,
  operations: operationsOf({ ...methods, ...keyOperations(key, fc.tuple(key, key)) }, [
    "rpush",
    "lpush",
    "linsertAt",
    "lset",
    "lindex",
  ]),
  removals,
  emptying: (model) => [...model.values.keys()].map((key) => operation("ltrim", [key, 1, 0])),
  contents,
};

/** Runs the property on a new store for each run. */
export function checkLists(open: Open, options: CheckOptions): Promise<void> {
  return check(open, subjects, options);
}

function fillList(prefill: Prefill): ListOperation[] {
  const toElement = (number: number) => element(number, prefill.style);
  if (prefill.order === "ascending") {
    return filling(prefill, (numbers) => operation("rpush", [BIG, numbers.map(toElement)]));
  }
  if (prefill.order === "descending") {
    return filling(prefill, (numbers) => operation("lpush", [BIG, numbers.map(toElement)]));
  }
  // Into the middle, one by one.
  return filling({ ...prefill, batch: 1 }, ([number]) => operation("linsertAt", [BIG, number >> 1, toElement(number)]));
}

function contents(model: ListModel): ListOperation[] {
  return KEYS.flatMap((key): ListOperation[] => {
    const length = model.llen(key);
    return [
      operation("lrange", [key, 0, -1]),
      operation("llen", [key]),
      operation("type", [key]),
      operation("ttl", [key]),
      ...[0, length >> 1, length - 1, length].map((index): ListOperation => operation("lindex", [key, index])),
      operation("lrange", [key, -5 - (length >> 1), -(length >> 1)]),
    ];
  });
}
