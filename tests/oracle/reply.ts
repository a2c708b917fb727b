// Answers of both sides in one form that can be compared: bytes as text of one letter a byte, truth as 0 and 1, and what
// has no order sorted.

/** What a command to Redis is made of. */
export type Argument = string | Uint8Array | number | bigint;

/** What Redis replies (RESP2); integers are strings. */
export type Reply = null | string | Buffer | Error | Reply[];

/** What is compared. */
export type Plain = null | number | string | readonly Plain[];

/** How to bring the answers of a command into the same form. */
export interface Form {
  readonly ours: (answer: unknown) => Plain;
  readonly theirs: (reply: Reply) => Plain;
  /** What an error of Redis means, where the store answers all the same. */
  readonly error?: (error: Error) => Plain | undefined;
}

export function textOf(bytes: unknown): string {
  if (typeof bytes === "string") return bytes;
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`expected bytes, received ${typeof bytes} ${bytes}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function numberOf(value: unknown): number {
  if (typeof value === "number") return value + 0; // -0 counts as 0
  const text = textOf(value);
  const number = Number(text.replace("inf", "Infinity"));
  if (text === "" || Number.isNaN(number)) throw new TypeError(`expected a number, received ${text}`);
  return number + 0;
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`expected an array, received ${typeof value} ${value}`);
  return value;
}

/** The answer of the store must be of the type that it promises: nothing is converted. */
function strict(type: "number" | "boolean" | "bigint" | "undefined", value: unknown): Plain {
  const actual: string = typeof value;
  if (actual !== type) throw new TypeError(`expected ${type}, received ${actual} ${value}`);
  return type === "undefined" ? null : type === "bigint" ? String(value) : Number(value) + 0;
}

const orNull = (read: (value: unknown) => Plain) => (value: unknown): Plain => value === null ? null : read(value);
const each = (read: (value: unknown) => Plain) => (value: unknown): Plain[] => listOf(value).map(read);
const both = (read: (value: unknown) => Plain): Form => ({ ours: read, theirs: read });

function compare(a: Plain, b: Plain): number {
  if (!Array.isArray(a) || !Array.isArray(b)) return a! < b! ? -1 : a! > b! ? 1 : 0;
  for (let i = 0; i < a.length; i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

const sorted = (items: Plain[]): Plain[] => items.sort(compare);
const distinct = (items: Plain[]): Plain[] => items.filter((item, i) => i === 0 || compare(item, items[i - 1]) !== 0);

/** Redis gives pairs flat. */
export function pairsOf(reply: unknown): unknown[][] {
  const flat = listOf(reply);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

const entry = (pair: unknown): Plain => each(textOf)(pair);
const scored = (pair: unknown): Plain => [textOf(listOf(pair)[0]), numberOf(listOf(pair)[1])];

export const INTEGER: Form = { ours: (answer) => strict("number", answer), theirs: numberOf };
export const INTEGER_OR_NULL: Form = {
  ours: orNull((answer) => strict("number", answer)),
  theirs: orNull(numberOf),
};
export const BIG_INTEGER: Form = { ours: (answer) => strict("bigint", answer), theirs: textOf };
export const TRUTH: Form = { ours: (answer) => strict("boolean", answer), theirs: numberOf };
export const TRUTHS: Form = { ours: each((answer) => strict("boolean", answer)), theirs: each(numberOf) };
/** Nothing, where Redis says OK. */
export const DONE: Form = {
  ours: (answer) => strict("undefined", answer),
  theirs: (reply) => reply === "OK" ? null : "",
};
/** Whether it wrote, where Redis says OK or nothing. */
export const WRITTEN: Form = { ours: TRUTH.ours, theirs: (reply) => reply === "OK" ? 1 : reply === null ? 0 : "" };
export const BYTES_OR_NULL: Form = both(orNull(textOf));
export const NUMBER: Form = { ours: INTEGER.ours, theirs: numberOf };
export const NUMBER_OR_NULL: Form = INTEGER_OR_NULL;
export const NUMBERS_OR_NULL: Form = { ours: each(INTEGER_OR_NULL.ours), theirs: each(orNull(numberOf)) };
/** In order. */
export const LIST: Form = both(each(orNull(textOf)));
/** Without order. */
export const BAG: Form = both((value) => sorted(each(textOf)(value)));
/** Without order, and each once. */
export const SET: Form = both((value) => distinct(sorted(each(textOf)(value))));
/** Fields and values, without order. */
export const ENTRIES: Form = {
  ours: (answer) => sorted(each(entry)(answer)),
  theirs: (reply) => sorted(pairsOf(reply).map(entry)),
};
/** Members and scores, in order. */
export const SCORED: Form = { ours: each(scored), theirs: (reply) => pairsOf(reply).map(scored) };
/** Members and scores, without order, and each once. */
export const SCORED_BAG: Form = {
  ours: (answer) => distinct(sorted(each(scored)(answer))),
  theirs: (reply) => distinct(sorted(pairsOf(reply).map(scored))),
};
/** Fields and values, without order, and each once. */
export const ENTRY_BAG: Form = {
  ours: (answer) => distinct(sorted(each(entry)(answer))),
  theirs: (reply) => distinct(sorted(pairsOf(reply).map(entry))),
};

export function same(a: Plain, b: Plain): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, i) => same(item, b[i]));
}
