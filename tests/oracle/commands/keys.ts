import type {
  CopyOptions,
  ExpireOptions,
  Key,
  KeysOptions,
  RenameOptions,
  ScanOptions,
  ValueType,
} from "@ferrite/storage";
import { type Check, checked, type Command, command, composed, type Face } from "../command.ts";
import { type Argument, type Form, INTEGER, listOf, numberOf, type Reply, SET, TRUTH, WRITTEN } from "../reply.ts";
import { entry, flag, type Table } from "./table.ts";

const WHEN = { persistent: "NX", expiring: "XX", later: "GT", sooner: "LT" } as const;
const TYPES: readonly ValueType[] = ["string", "list", "hash", "set", "zset"];
export const GLOBS: readonly string[] = ["*", "m*", "*1", "?1", "[a-m]?", "[^m]*", "k[0-3]", "\\m1", "*é*", "", "m1"];

/** At most so much time lies between asking the one and the other. */
const TTL_TOLERANCE_MS = 10_000;

function sameTtl(answer: unknown, reply: Reply): boolean {
  const ms = reply instanceof Error ? NaN : numberOf(reply);
  if (ms < 0) return ms === (answer === Infinity ? -1 : answer === null ? -2 : 0);
  return typeof answer === "number" && Math.abs(answer - ms) < TTL_TOLERANCE_MS;
}

const TYPE: Form = {
  ours: (answer) => answer === null ? "none" : String(answer),
  theirs: (reply) => String(reply),
};

/** The keys of a step by step scan, which Redis makes in one step. */
const KEYS: Form = { ours: SET.ours, theirs: (reply) => SET.theirs((reply as [Buffer, Buffer[]])[1]) };

async function scanAll(face: Face, options: ScanOptions): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: string | null = null;
  do {
    const step: { cursor: string | null; keys: unknown[] } = await face.scan({ ...options, cursor });
    found.push(...listOf(step.keys));
    cursor = step.cursor;
  } while (cursor !== null);
  return found;
}

/** Renaming a missing key is false for a store, and an error for Redis. */
export const RENAMED: Form = {
  ours: TRUTH.ours,
  theirs: (reply) => reply === "OK" ? 1 : numberOf(reply),
  error: (error) => error.message.includes("no such key") ? 0 : undefined,
};

export function ttl(key: Key): Command {
  const check = (answer: unknown): Check => ({ asks: [["PTTL", key]], holds: ([reply]) => sameTtl(answer, reply) });
  return checked("ttl", [key], ["PTTL", key], check);
}

export function type(key: Key): Command {
  return command("type", [key], ["TYPE", key], TYPE);
}

/** A whole scan, step by step. */
export function everyKey(options: ScanOptions): Command {
  return composed("scan", [options], (face) => scanAll(face, options), scanOf(options), KEYS, []);
}

/** The same as an iteration. */
function iterated(options: KeysOptions): Command {
  const call = async (face: Face): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const key of face.keys(options)) found.push(key);
    return found;
  };
  return composed("keys", [options], call, scanOf(options), KEYS, []);
}

function scanOf({ type, match }: KeysOptions): Argument[] {
  const words = [
    ...flag(type !== undefined, "TYPE", type ?? ""),
    ...flag(match !== undefined, "MATCH", match as string),
  ];
  return ["SCAN", 0, "COUNT", 1_000_000, ...words];
}

export function size(): Command {
  return command("size", [], ["DBSIZE"], INTEGER, { keys: [] });
}

export const KEYSPACE: Table = [
  entry("wipe", 4, (draw) => {
    const key = draw.pick(draw.group());
    return command("del", [key], ["DEL", key], TRUTH);
  }),
  entry("read", 1, (draw) => {
    const key = draw.pick(draw.group());
    return command("exists", [key], ["EXISTS", key], TRUTH);
  }),
  entry("read", 2, (draw) => {
    const key = draw.pick(draw.group());
    return type(key);
  }),
  entry("read", 3, (draw) => {
    const key = draw.pick(draw.group());
    return ttl(key);
  }),
  entry("read", 5, (draw) => {
    const [key, ttl] = [draw.pick(draw.group()), draw.ttl()];
    const when = draw.once(2) ? undefined : draw.pick(["persistent", "expiring", "later", "sooner"] as const);
    const options: ExpireOptions = when === undefined ? {} : { when };
    const words = when === undefined ? [] : [WHEN[when]];
    return command("expire", [key, ttl, options], ["PEXPIRE", key, ttl, ...words], TRUTH);
  }),
  entry("read", 2, (draw) => {
    const key = draw.pick(draw.group());
    return command("persist", [key], ["PERSIST", key], TRUTH);
  }),
  entry("wipe", 3, (draw) => {
    const group = draw.group();
    const [source, destination] = [draw.pick(group), draw.pick(group)];
    const options: RenameOptions = draw.once(3) ? { ifAbsent: true } : {};
    const redis = [options.ifAbsent ? "RENAMENX" : "RENAME", source, destination];
    return command("rename", [source, destination, options], redis, RENAMED, { keys: [source, destination] });
  }),
  entry("whole", 3, (draw) => {
    const group = draw.group();
    const source = draw.pick(group);
    // What a copy of a key over itself is, is not said; Redis takes it for an error.
    const destination = draw.pick(group.filter((key) => key !== source));
    const options: CopyOptions = draw.once(2) ? { replace: true } : {};
    const redis = ["COPY", source, destination, ...flag(options.replace, "REPLACE")];
    return command("copy", [source, destination, options], redis, TRUTH, { keys: [source, destination] });
  }),
  entry("whole", 1, (draw) => {
    const type = draw.once(2) ? draw.pick(TYPES) : undefined;
    const match = draw.once(2) ? draw.pick(GLOBS) : undefined;
    const filter: KeysOptions = {
      ...(type === undefined ? {} : { type }),
      ...(match === undefined ? {} : { match }),
    };
    if (draw.once(3)) return iterated(filter);
    return everyKey({ count: draw.pick([1, 2, 5, 10, 1000]), ...filter });
  }),
  entry("wipe", 0.3, (draw) => {
    const key = draw.pick(draw.group());
    return command("set", [key, "spoiled"], ["SET", key, "spoiled"], WRITTEN);
  }),
];
