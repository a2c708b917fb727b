import type { Key, LimitOptions } from "@ferrite/storage";
import { type Check, checked, type Command, command, composed, type Face } from "../command.ts";
import type { Draw } from "../draw.ts";
import { BAG, INTEGER, listOf, numberOf, SET, TRUTH, TRUTHS } from "../reply.ts";
import { isSample, randomCount, scanElements, scanned, scanOptions, scanWords } from "./hashes.ts";
import { entry, flag, type Table } from "./table.ts";

const COMBINE = ["sinter", "sunion", "sdiff"] as const;
const STORE = ["sinterStore", "sunionStore", "sdiffStore"] as const;

/** Takes from Redis what the store took. */
function pop(draw: Draw): Command {
  const key = draw.key();
  const count = draw.once(3) ? undefined : draw.once(20) ? -1 : draw.count();
  const check = (answer: unknown): Check => {
    const members = listOf(answer) as Uint8Array[];
    return {
      asks: [["SCARD", key], ...(members.length > 0 ? [["SREM", key, ...members]] : [])],
      holds: ([size, removed]) =>
        isSample(members, count ?? 1, numberOf(size)) && numberOf(removed ?? "0") === members.length,
    };
  };
  const redis = ["SPOP", key, ...flag(count !== undefined, count ?? 0)];
  return checked("spop", count === undefined ? [key] : [key, count], redis, check);
}

function randomMembers(draw: Draw): Command {
  const [key, count] = [draw.key(), randomCount(draw)];
  const check = (answer: unknown): Check => {
    const members = listOf(answer) as Uint8Array[];
    return {
      asks: [["SCARD", key], ["SMISMEMBER", key, ...members, ""]],
      holds: ([size, are]) =>
        isSample(members, count ?? 1, numberOf(size)) && listOf(are).slice(0, -1).every((is) => is === "1"),
    };
  };
  const redis = ["SRANDMEMBER", key, ...flag(count !== undefined, count ?? 0)];
  return checked("srandMember", count === undefined ? [key] : [key, count], redis, check);
}

export function limitOptions(draw: Draw): { options: LimitOptions; words: (string | number)[]; isWrong: boolean } {
  if (draw.once(3)) return { options: {}, words: [], isWrong: false };
  const limit = draw.pick([0, 1, 2, 3, 100, 2 ** 32, 2 ** 32 + 1, -1]);
  return { options: { limit }, words: ["LIMIT", limit], isWrong: limit < 0 };
}

export function allOf(key: Key): Command {
  return command("smembers", [key], ["SMEMBERS", key], BAG);
}

export const SETS: Table = [
  entry("add", 10, (draw) => {
    const [key, members] = [draw.key(), draw.elements()];
    return command("sadd", [key, members], ["SADD", key, ...members], INTEGER);
  }),
  entry("remove", 5, (draw) => {
    const [key, members] = [draw.key(), draw.elements()];
    return command("srem", [key, members], ["SREM", key, ...members], INTEGER);
  }),
  entry("read", 2, (draw) => {
    const [key, member] = [draw.key(), draw.element()];
    return command("sisMember", [key, member], ["SISMEMBER", key, member], TRUTH);
  }),
  entry("read", 2, (draw) => {
    const [key, members] = [draw.key(), draw.elements()];
    return command("smisMember", [key, members], ["SMISMEMBER", key, ...members], TRUTHS);
  }),
  entry("whole", 2, (draw) => allOf(draw.key())),
  entry("read", 2, (draw) => {
    const key = draw.key();
    return command("scard", [key], ["SCARD", key], INTEGER);
  }),
  entry("remove", 2, pop),
  entry("read", 2, randomMembers),
  entry("read", 3, (draw) => {
    const [source, destination, member] = [draw.key(), draw.key(), draw.element()];
    const redis = ["SMOVE", source, destination, member];
    return command(
      "smove",
      [source, destination, member],
      redis,
      TRUTH,
      { keys: [source, destination] },
    );
  }),
  entry("whole", 1, (draw) => {
    const [key, options] = [draw.key(), scanOptions(draw)];
    const call = (face: Face) => scanElements((step) => face.sscan(key, step), options, "members");
    const redis = ["SSCAN", key, ...scanWords(options)];
    return composed("sscan", [key, options], call, redis, scanned(SET), [key]);
  }),
  entry("whole", 5, (draw) => {
    const [name, keys] = [draw.pick(COMBINE), draw.keys(4)];
    return command(name, [keys], [name, ...keys], BAG);
  }),
  entry("whole", 4, (draw) => {
    const [name, destination, keys] = [draw.pick(STORE), draw.key(), draw.keys(4)];
    return command(name, [destination, keys], [name, destination, ...keys], INTEGER, { keys: [destination, ...keys] });
  }),
  entry("whole", 2, (draw) => {
    const [keys, { options, words, isWrong }] = [draw.keys(4), limitOptions(draw)];
    const redis = ["SINTERCARD", keys.length, ...keys, ...words];
    return command("sinterCard", [keys, options], redis, INTEGER, { isWrong });
  }),
];
