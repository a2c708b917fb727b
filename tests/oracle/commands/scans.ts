import type { Key, ScanOptions, Value } from "@ferrite/storage";
import { type Command, compareReply, type Difference, type Face, type Outcome } from "../command.ts";
import type { Draw } from "../draw.ts";
import { type Argument, BAG, listOf, type Reply, textOf } from "../reply.ts";
import { show } from "../show.ts";
import { entry, type Table } from "./table.ts";

/** Something that can be scanned, and written to meanwhile. */
interface Target {
  readonly name: "scan" | "hscan" | "sscan" | "zscan";
  readonly keys: readonly Key[];
  /** The elements that a step finds, and where the next one begins. */
  readonly step: (face: Face, options: ScanOptions) => Promise<{ cursor: string | null; found: readonly unknown[] }>;
  readonly add: (face: Face, element: Value) => unknown;
  readonly remove: (face: Face, element: Value) => unknown;
  readonly all: readonly Argument[];
  readonly adds: (element: Value) => readonly Argument[];
  readonly removes: (element: Value) => readonly Argument[];
}

interface Write {
  readonly isAdd: boolean;
  readonly element: Value;
}

const first = (pairs: readonly (readonly unknown[])[]): unknown[] => pairs.map(([element]) => element);

function hash(key: Key): Target {
  return {
    name: "hscan",
    keys: [key],
    step: async (face, options) => {
      const { cursor, entries } = await face.hscan(key, options);
      return { cursor, found: first(entries) };
    },
    add: (face, field) => face.hset(key, field, "x"),
    remove: (face, field) => face.hdel(key, [field]),
    all: ["HKEYS", key],
    adds: (field) => ["HSET", key, field, "x"],
    removes: (field) => ["HDEL", key, field],
  };
}

function set(key: Key): Target {
  return {
    name: "sscan",
    keys: [key],
    step: async (face, options) => {
      const { cursor, members } = await face.sscan(key, options);
      return { cursor, found: members };
    },
    add: (face, member) => face.sadd(key, [member]),
    remove: (face, member) => face.srem(key, [member]),
    all: ["SMEMBERS", key],
    adds: (member) => ["SADD", key, member],
    removes: (member) => ["SREM", key, member],
  };
}

/** What is written gets another score, so that members move while they are scanned. */
function sortedSet(key: Key, score: number): Target {
  return {
    name: "zscan",
    keys: [key],
    step: async (face, options) => {
      const { cursor, entries } = await face.zscan(key, options);
      return { cursor, found: first(entries) };
    },
    add: (face, member) => face.zadd(key, [[score, member]]),
    remove: (face, member) => face.zrem(key, [member]),
    all: ["ZRANGE", key, 0, -1],
    adds: (member) => ["ZADD", key, score, member],
    removes: (member) => ["ZREM", key, member],
  };
}

function keyspace(): Target {
  return {
    name: "scan",
    keys: [],
    step: async (face, options) => {
      const { cursor, keys } = await face.scan(options);
      return { cursor, found: keys };
    },
    add: (face, key) => face.set(key, "x"),
    remove: (face, key) => face.del(key),
    all: ["KEYS", "*"],
    adds: (key) => ["SET", key, "x"],
    removes: (key) => ["DEL", key],
  };
}

/** A scan during which elements come and go: what is there all the time must be found, and what never is must not. */
function scanWhileWriting(draw: Draw, target: Target, element: () => Value): Command {
  const isLarge = draw.pool.elements >= 100 || draw.pool.keys.length >= 100;
  const count = isLarge ? draw.pick([10, 100, 1000]) : draw.pick([1, 2, 5]);
  const writes = draw.some(isLarge ? 300 : 20, (): Write => ({ isAdd: draw.once(2), element: element() }));
  const inStep = 1 + draw.below(isLarge ? 30 : 4);
  return {
    name: target.name,
    isComposed: true,
    keys: target.keys.map(show),
    call: (face) => scan(face, target, writes, inStep, count),
    asks: (outcome) => {
      if (outcome !== null && outcome.code !== null) return [target.all];
      return [
        target.all,
        ...writes.map(({ isAdd, element }) => isAdd ? target.adds(element) : target.removes(element)),
      ];
    },
    judge: (outcome, replies) => judge(outcome, replies, writes),
    toString: () => {
      const written = writes.map(({ isAdd, element }) => `${isAdd ? "add" : "remove"} ${show(element)}`).join(", ");
      return `${target.name}(${
        target.keys.map(show).join("")
      }, { count: ${count} }) with ${inStep} writes a step: ${written}`;
    },
  };
}

async function scan(face: Face, target: Target, writes: readonly Write[], inStep: number, count: number) {
  const all: unknown[] = [];
  let next = 0;
  const write = async (to: number): Promise<void> => {
    for (; next < to && next < writes.length; next++) {
      const { isAdd, element } = writes[next];
      await (isAdd ? target.add(face, element) : target.remove(face, element));
    }
  };
  let cursor: string | null = null;
  do {
    const step: Awaited<ReturnType<Target["step"]>> = await target.step(face, { count, cursor });
    all.push(...step.found);
    cursor = step.cursor;
    await write(next + inStep);
  } while (cursor !== null);
  await write(writes.length);
  return all;
}

function judge(outcome: Outcome, replies: readonly Reply[], writes: readonly Write[]): Difference | null {
  if (outcome.code !== null) return compareReply(outcome, replies[0], BAG, false);
  const failed = replies.find((reply) => reply instanceof Error);
  if (failed !== undefined) return { ours: outcome.answer, theirs: failed };
  const before = new Set(listOf(replies[0]).map(textOf));
  const found = new Set(listOf(outcome.answer).map(textOf));
  const textsOf = (isAdd: boolean) =>
    writes.filter((write) => write.isAdd === isAdd).map(({ element }) => Buffer.from(element).toString("latin1"));
  const [added, removed] = [new Set(textsOf(true)), new Set(textsOf(false))];
  const missed = [...before].filter((text) => !found.has(text) && !removed.has(text));
  const invented = [...found].filter((text) => !before.has(text) && !added.has(text));
  return missed.length + invented.length === 0 ? null : { ours: { missed, invented }, theirs: [...before] };
}

export const HASH_SCANS: Table = [
  entry("read", 0.4, (draw) => scanWhileWriting(draw, hash(draw.key()), () => draw.element())),
];
export const SET_SCANS: Table = [
  entry("read", 0.4, (draw) => scanWhileWriting(draw, set(draw.key()), () => draw.element())),
];
export const SORTED_SET_SCANS: Table = [
  entry("read", 0.4, (draw) => scanWhileWriting(draw, sortedSet(draw.key(), draw.score(false)), () => draw.element())),
];
export const KEY_SCANS: Table = [
  entry("whole", 0.4, (draw) => scanWhileWriting(draw, keyspace(), () => draw.key())),
];
