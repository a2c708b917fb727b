import type { Key } from "@ferrite/storage";
import { type Check, checked, type Command, command } from "../command.ts";
import { INTEGER, textOf } from "../reply.ts";
import { entry, type Table } from "./table.ts";

/** A hash of its own, because what rounding leaves is not the same with 64 and with 80 bits: near is good enough here. */
export const FLOATS_KEY = "floats";

const STEPS: Readonly<Record<string, readonly number[]>> = {
  cents: [0.1, -0.1, 0.7, 3.3, -100.01, 19.99],
  huge: [1e300, 1e22, 123_456_789_012_345_680_000, 1.5e308],
  negative: [-1e300, -1e21, -0.1],
};
const FIELDS = Object.keys(STEPS);
const TOLERANCE = 1e-9;

function isNear(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function numberIn(text: unknown): number {
  return text === null ? NaN : Number(textOf(text));
}

function get(key: Key, field: string): Command {
  const check = (answer: unknown): Check => ({
    asks: [["HGET", key, field]],
    holds: ([reply]) =>
      answer === null || reply === null ? answer === reply : isNear(numberIn(answer), numberIn(reply)),
  });
  return checked("hget", [key, field], ["HGET", key, field], check);
}

function add(key: Key, field: string, step: number): Command {
  const redis = ["HINCRBYFLOAT", key, field, step];
  const check = (answer: unknown): Check => ({
    asks: [redis],
    holds: ([reply]) => typeof answer === "number" && isNear(answer, numberIn(reply)),
  });
  const plain = checked("hincrByFloat", [key, field, step], redis, check);
  // 80 bits reach further than doubles: where these end, the sum must have left them.
  const left = [["HGET", key, field]];
  return {
    ...plain,
    asks: (outcome) => outcome?.code === "OUT_OF_RANGE" ? left : plain.asks(outcome),
    judge: (outcome, replies) => {
      if (outcome.code !== "OUT_OF_RANGE") return plain.judge(outcome, replies);
      return Number.isFinite(numberIn(replies[0]) + step) ? { ours: outcome, theirs: replies[0] } : null;
    },
  };
}

export const FLOATS: Table = [
  entry("add", 5, (draw) => {
    const field = draw.pick(FIELDS);
    return add(FLOATS_KEY, field, draw.pick(STEPS[field]));
  }),
  entry("read", 2, (draw) => get(FLOATS_KEY, draw.pick(FIELDS))),
  entry("remove", 0.3, (draw) => {
    const field = draw.pick(FIELDS);
    return command("hdel", [FLOATS_KEY, [field]], ["HDEL", FLOATS_KEY, field], INTEGER);
  }),
];
