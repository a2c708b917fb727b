import type { Key, SetOptions, Value } from "@ferrite/storage";
import { type Check, checked, type Command, command, type Traits } from "../command.ts";
import type { Draw } from "../draw.ts";
import { BIG_INTEGER, BYTES_OR_NULL, DONE, INTEGER, LIST, numberOf, textOf, WRITTEN } from "../reply.ts";
import { entry, flag, type Table } from "./table.ts";

/** Far enough to fill 40 KB, with some offsets that no value has room for. */
const OFFSETS = [0, 1, 2, 3, 5, 10, 63, 600, 1024, 16_384, 40_000, -1, 2 ** 29, 2 ** 32, 2 ** 32 + 1];

function setOptions(draw: Draw): SetOptions {
  const keeps = draw.once(6);
  const condition = draw.below(8);
  return {
    ...(keeps ? { keepTtl: true } : draw.once(5) ? { ttl: draw.ttl() } : {}),
    ...(condition === 0 ? { ifAbsent: true } : condition === 1 ? { ifPresent: true } : {}),
  };
}

/** A store adds numbers only while the sum is a safe integer, Redis up to 64 bits. */
export function unsafeSum(redis: readonly (string | Uint8Array)[], delta: number): Check {
  return {
    asks: [redis],
    holds: ([reply]) => {
      const old = reply === null ? "0" : textOf(reply);
      return /^-?\d+$/.test(old) && !Number.isSafeInteger(Number(BigInt(old) + BigInt(delta)));
    },
  };
}

export function delta(draw: Draw): bigint {
  return draw.once(3)
    ? draw.pick([2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n, 2n ** 53n, -(2n ** 32n), 2n ** 32n])
    : BigInt(draw.below(200) - 100);
}

/** A store refuses to read anything but strings, where Redis takes other types for missing. */
function someOther(keys: readonly Key[]): Traits {
  const holds: Check["holds"] = (types) => types.some((type) => type !== "string" && type !== "none");
  return { keys, instead: { WRONG_TYPE: { asks: keys.map((key) => ["TYPE", key]), holds } } };
}

/** Before 7.4, Redis takes an end before the beginning for the beginning. */
function getRange(key: Key, start: number, end: number): Command {
  const redis = ["GETRANGE", key, start, end];
  const check = (answer: unknown): Check => ({
    asks: [redis, ["STRLEN", key]],
    holds: ([reply, length]) => textOf(answer) === (end + numberOf(length) < 0 ? "" : textOf(reply)),
  });
  return checked("getRange", [key, start, end], redis, check);
}

export const STRINGS: Table = [
  entry("read", 5, (draw) => {
    const key = draw.key();
    return command("get", [key], ["GET", key], BYTES_OR_NULL);
  }),
  entry("wipe", 6, (draw) => {
    const [key, value, options] = [draw.key(), draw.value(), setOptions(draw)];
    const { ttl, keepTtl, ifAbsent, ifPresent } = options;
    const words = [...flag(ttl !== undefined, "PX", ttl ?? 0), ...flag(keepTtl, "KEEPTTL")];
    const redis = ["SET", key, value, ...words, ...flag(ifAbsent, "NX"), ...flag(ifPresent, "XX")];
    return command("set", [key, value, options], redis, WRITTEN);
  }),
  entry("read", 2, (draw) => {
    const keys = draw.keys(5);
    return command("mget", [keys], ["MGET", ...keys], LIST, someOther(keys));
  }),
  entry("wipe", 1, (draw) => {
    const entries = draw.some(4, (): [Key, Value] => [draw.key(), draw.value()]);
    return command("mset", [entries], ["MSET", ...entries.flat()], DONE, { keys: entries.map(([key]) => key) });
  }),
  entry("add", 2, (draw) => {
    const [key, by] = [draw.key(), delta(draw)];
    return command("incrBy", [key, by], ["INCRBY", key, by], BIG_INTEGER);
  }),
  entry("add", 2, (draw) => {
    const [key, by] = [draw.key(), draw.once(8) ? draw.pick([2 ** 53 - 1, -(2 ** 40)]) : draw.below(20) - 10];
    const instead = { OUT_OF_RANGE: unsafeSum(["GET", key], by) };
    return command("incrBy", [key, by], ["INCRBY", key, by], INTEGER, { instead });
  }),
  entry("add", 1, (draw) => {
    const key = draw.key();
    const instead = { OUT_OF_RANGE: unsafeSum(["GET", key], 1) };
    return command("incrBy", [key], ["INCR", key], INTEGER, { instead });
  }),
  entry("add", 3, (draw) => {
    const [key, value] = [draw.key(), draw.value()];
    return command("append", [key, value], ["APPEND", key, value], INTEGER);
  }),
  entry("read", 4, (draw) => {
    const [key, start, end] = [draw.key(), draw.index(), draw.index()];
    return getRange(key, start, end);
  }),
  entry("add", 3, (draw) => {
    const [key, offset, value] = [draw.key(), draw.pick(OFFSETS), draw.value()];
    const isWrong = offset < 0 || offset > 2 ** 28;
    return command("setRange", [key, offset, value], ["SETRANGE", key, offset, value], INTEGER, { isWrong });
  }),
  entry("read", 2, (draw) => {
    const key = draw.key();
    return command("strlen", [key], ["STRLEN", key], INTEGER);
  }),
];
