// When two replies that are no errors count as the same: byte by byte, where nothing else is said.

import { toBytes } from "../../../src/arguments.ts";
import { type Reply, ReplyError, Status } from "../../../src/commands/reply.ts";

/** Errors are compared by their words, unless a form says otherwise. */
export type Form = (ours: Reply, theirs: Reply) => boolean;

/** A reply as it goes over the wire. */
export function plain(reply: Reply): unknown {
  if (typeof reply === "string" || reply instanceof Uint8Array) return `$${latin1(toBytes(reply))}`;
  if (typeof reply === "number" || typeof reply === "bigint") return `:${reply}`;
  if (reply instanceof Status) return `+${reply.text}`;
  if (reply instanceof ReplyError) return `-${reply.message}`;
  if (Array.isArray(reply)) return reply.map(plain);
  return reply === null ? "null" : "null array";
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Both brought into a form in which they are the same. */
const as = (read: (reply: Reply) => unknown): Form => (ours, theirs) =>
  JSON.stringify(read(ours)) === JSON.stringify(read(theirs));

/** Something else than what is meant is compared as it is. */
const unlessNone = (read: (items: readonly Reply[]) => unknown) => (reply: Reply): unknown =>
  Array.isArray(reply) ? read(reply) : plain(reply);

const sorted = (items: readonly unknown[]): unknown[] => items.map((item) => JSON.stringify(item)).sort();
const bag = unlessNone((items) => sorted(items.map(plain)));
const pairs = (items: readonly Reply[], read: (reply: Reply) => unknown): unknown[] =>
  sorted(Array.from({ length: items.length / 2 }, (_, i) => [plain(items[2 * i]), read(items[2 * i + 1])]));

export const EXACT: Form = as(plain);
/** Without order. */
export const BAG: Form = as(bag);
/** Neighbours belong together, and have no order. */
export const PAIRS: Form = as(unlessNone((items) => pairs(items, plain)));

/** Numbers by their value: Redis 7.0 writes 17 digits of scores. */
const numeric = (reply: Reply): unknown => {
  if (Array.isArray(reply)) return reply.map(numeric);
  const text = plain(reply) as string;
  const number = Number(text.slice(1).replace("inf", "Infinity"));
  return text[0] !== "$" || text.length === 1 || Number.isNaN(number) ? text : String(number + 0);
};
export const NUMERIC: Form = as(numeric);

/** Steps over what is small, which comes whole. */
const scan = (read: (items: Reply) => unknown): Form =>
  as(unlessNone(([cursor, items]) => [plain(cursor), read(items)]));
export const SCAN: Form = scan(bag);
export const SCAN_PAIRS: Form = scan(unlessNone((items) => pairs(items, plain)));
export const SCAN_SCORES: Form = scan(unlessNone((items) => pairs(items, numeric)));

/** Times that may have gone by on one side. */
const near = (slack: number): Form => (ours, theirs) =>
  Number(ours) < 0 || Number(theirs) < 0
    ? Number(ours) === Number(theirs)
    : Math.abs(Number(ours) - Number(theirs)) <= slack;
export const SECONDS: Form = near(20);
export const MILLISECONDS: Form = near(20_000);

/** Chosen at random: of these only how many there are is the same. */
export const RANDOM: Form = as((reply) =>
  Array.isArray(reply) ? reply.length : reply instanceof Uint8Array || plain(reply)
);
export const LENGTH: Form = as((reply) => Array.isArray(reply) ? reply.length : plain(reply));

/** A fourth argument is wrong in another way from 7.2 on. */
export const RANK: Form = (ours, theirs) =>
  ours instanceof ReplyError && /syntax/.test(ours.message) || EXACT(ours, theirs);
/** Redis counts keys that were set when their time was over. */
export const SIZE: Form = (ours, theirs) => Number(ours) <= Number(theirs);
/** What differs between servers. */
export const ANY: Form = (ours, theirs) => Array.isArray(ours) === Array.isArray(theirs);

/** An end before the beginning gives nothing, as in Redis from 7.4 on, where 7.0 gives the first byte. */
export const RANGE: Form = (ours, theirs) =>
  EXACT(ours, theirs) || (ours as Uint8Array).length === 0 && (theirs as Uint8Array).length === 1;
