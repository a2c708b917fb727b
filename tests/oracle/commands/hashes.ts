import type { ElementScanOptions, Key, Value } from "@ferrite/storage";
import { type Check, checked, type Command, command, composed, type Face } from "../command.ts";
import type { Draw } from "../draw.ts";
import {
  BAG,
  BIG_INTEGER,
  BYTES_OR_NULL,
  ENTRIES,
  ENTRY_BAG,
  type Form,
  INTEGER,
  LIST,
  listOf,
  NUMBER,
  numberOf,
  type Reply,
  textOf,
  TRUTH,
} from "../reply.ts";
import { GLOBS } from "./keys.ts";
import { delta, unsafeSum } from "./strings.ts";
import { entry, flag, type Table } from "./table.ts";

const FLOAT_STEPS = [0.5, -0.25, 1, -3, 10.125, 1000, 0, -0];

/** A scan to its end, in steps of `options.count`. */
export async function scanElements(
  step: (options: ElementScanOptions) => unknown,
  options: ElementScanOptions,
  part: "entries" | "members",
): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: string | null = null;
  do {
    const result = await step({ ...options, cursor }) as { cursor: string | null } & Record<string, unknown>;
    found.push(...listOf(result[part]));
    cursor = result.cursor;
  } while (cursor !== null);
  return found;
}

export function scanOptions(draw: Draw): ElementScanOptions {
  const count = draw.pool.elements < 100 ? draw.pick([1, 2, 3, 10, 100]) : draw.pick([10, 100, 1000]);
  return draw.once(2) ? { count } : { count, match: draw.pick(GLOBS) };
}

/** The second part of Redis's reply to a scan, which finds everything in one step. */
export function scanned(form: Form): Form {
  return { ours: form.ours, theirs: (reply) => form.theirs((reply as [Buffer, Reply])[1]) };
}

export function scanWords({ match }: ElementScanOptions): (string | number | Uint8Array)[] {
  return ["0", "COUNT", 10_000_000, ...flag(match !== undefined, "MATCH", match as string)];
}

/** Counts for elements at random: of different ones, or, negative, of any. */
export function randomCount(draw: Draw): number | undefined {
  return draw.pick([undefined, 0, 1, 2, 5, 20, 100, 2 ** 32 + 2, -1, -2, -5, -50]);
}

/** As many as there must be, each of them there, and different ones where that is said. */
export function isSample(found: readonly unknown[], count: number, size: number): boolean {
  const length = count < 0 ? (size === 0 ? 0 : -count) : Math.min(count, size);
  return found.length === length && (count < 0 || new Set(found.map(textOf)).size === length);
}

function randomFields(draw: Draw): Command {
  const [key, count] = [draw.key(), randomCount(draw)];
  const check = (answer: unknown): Check => {
    const fields = listOf(answer) as Uint8Array[];
    const asks = [["HLEN", key], ["HMGET", key, ...fields, ""]];
    return {
      asks,
      holds: ([size, values]) =>
        isSample(fields, count ?? 1, numberOf(size)) && listOf(values).slice(0, -1).every((value) => value !== null),
    };
  };
  const redis = ["HRANDFIELD", key, ...flag(count !== undefined, count ?? 0)];
  return checked("hrandField", count === undefined ? [key] : [key, count], redis, check);
}

function randomEntries(draw: Draw): Command {
  const [key, count = 1] = [draw.key(), randomCount(draw)];
  const check = (answer: unknown): Check => {
    const entries = listOf(answer) as [Uint8Array, Uint8Array][];
    return {
      asks: [["HLEN", key], ["HMGET", key, ...entries.map(([field]) => field), ""]],
      holds: ([size, values]) =>
        isSample(entries.map(([field]) => field), count, numberOf(size)) &&
        entries.every(([, value], i) => textOf(value) === textOf(listOf(values)[i] ?? "missing")),
    };
  };
  return checked("hrandFieldWithValues", [key, count], ["HRANDFIELD", key, count, "WITHVALUES"], check);
}

function pair(draw: Draw): [Value, Value] {
  const field = draw.element();
  return [field, draw.value(field)];
}

export function allOf(key: Key): Command {
  return command("hgetall", [key], ["HGETALL", key], ENTRIES);
}

export const HASHES: Table = [
  entry("read", 4, (draw) => {
    const [key, field] = [draw.key(), draw.element()];
    return command("hget", [key, field], ["HGET", key, field], BYTES_OR_NULL);
  }),
  entry("add", 5, (draw) => {
    const [key, [field, value]] = [draw.key(), pair(draw)];
    return command("hset", [key, field, value], ["HSET", key, field, value], TRUTH);
  }),
  entry("add", 4, (draw) => {
    const [key, entries] = [draw.key(), draw.some(draw.once(4) ? draw.pool.batch : 4, () => pair(draw))];
    return command("hmset", [key, entries], ["HSET", key, ...entries.flat()], INTEGER);
  }),
  entry("add", 2, (draw) => {
    const [key, [field, value]] = [draw.key(), pair(draw)];
    return command("hsetnx", [key, field, value], ["HSETNX", key, field, value], TRUTH);
  }),
  entry("remove", 5, (draw) => {
    const [key, fields] = [draw.key(), draw.elements()];
    return command("hdel", [key, fields], ["HDEL", key, ...fields], INTEGER);
  }),
  entry("whole", 2, (draw) => allOf(draw.key())),
  entry("whole", 1, (draw) => {
    const key = draw.key();
    return command("hkeys", [key], ["HKEYS", key], BAG);
  }),
  entry("whole", 1, (draw) => {
    const key = draw.key();
    return command("hvals", [key], ["HVALS", key], BAG);
  }),
  entry("read", 2, (draw) => {
    const key = draw.key();
    return command("hlen", [key], ["HLEN", key], INTEGER);
  }),
  entry("read", 2, (draw) => {
    const [key, field] = [draw.key(), draw.element()];
    return command("hexists", [key, field], ["HEXISTS", key, field], TRUTH);
  }),
  entry("read", 2, (draw) => {
    const [key, fields] = [draw.key(), draw.elements()];
    return command("hmget", [key, fields], ["HMGET", key, ...fields], LIST);
  }),
  entry("add", 2, (draw) => {
    const [key, field, by] = [draw.key(), draw.field(false), delta(draw)];
    return command("hincrBy", [key, field, by], ["HINCRBY", key, field, by], BIG_INTEGER);
  }),
  entry("add", 2, (draw) => {
    const [key, field, by] = [draw.key(), draw.field(false), draw.below(20) - 10];
    const instead = { OUT_OF_RANGE: unsafeSum(["HGET", key, field], by) };
    return command("hincrBy", [key, field, by], ["HINCRBY", key, field, by], INTEGER, { instead });
  }),
  entry("add", 3, (draw) => {
    const [key, field] = [draw.key(), draw.field(true)];
    const by = draw.once(20) ? draw.pick([Infinity, -Infinity, NaN]) : draw.pick(FLOAT_STEPS);
    const isWrong = !Number.isFinite(by);
    return command("hincrByFloat", [key, field, by], ["HINCRBYFLOAT", key, field, by], NUMBER, { isWrong });
  }),
  entry("read", 1, (draw) => {
    const [key, field] = [draw.key(), draw.element()];
    return command("hstrlen", [key, field], ["HSTRLEN", key, field], INTEGER);
  }),
  entry("whole", 1, (draw) => {
    const [key, options] = [draw.key(), scanOptions(draw)];
    const call = (face: Face) => scanElements((step) => face.hscan(key, step), options, "entries");
    const redis = ["HSCAN", key, ...scanWords(options)];
    return composed("hscan", [key, options], call, redis, scanned(ENTRY_BAG), [key]);
  }),
  entry("read", 1, randomFields),
  entry("read", 1, randomEntries),
];
