import { readCursorNumber, readScanOptions } from "../arguments.ts";
import type { ElementScanOptions } from "../collections.ts";
import { HEAD, KIND_ZSET, NUMBER, SECOND } from "../core/layout.ts";
import type { Bytes, Key } from "../engine.ts";
import { matchesGlob } from "../glob.ts";
import type { Records } from "../records/records.ts";
import { countOf, type Elements, readElements } from "./elements.ts";

const MAX_HASH = 2 ** 32 - 1;

/** One step over a collection: its strings, as many of each element as `what` says, and numbers for a sorted set. */
export interface Step extends Elements {
  cursor: string | null;
}

/**
 * One step over a hash, a set or a sorted set, in the order of the hashes of fields or members, which never changes: so an
 * element that is there all the time is never passed over. The cursor is the hash to go on with, and elements with the same
 * one stay together.
 */
export function scanElements(
  records: Records,
  key: Key,
  kind: number,
  what: number,
  options: ElementScanOptions = {},
): Step {
  const { cursor, count, pattern } = readScanOptions(options);
  const hash = Number(readCursorNumber(cursor, 0n, 32));
  const step = readStep(records, key, kind, what, hash, count);
  return pattern === null ? step : { cursor: step.cursor, ...filter(step, pattern, what) };
}

function readStep(records: Records, key: Key, kind: number, what: number, hash: number, wanted: number): Step {
  const length = countOf(records, key, kind);
  if (length === 0) return { cursor: null, texts: [], numbers: [] };
  const isSorted = kind === KIND_ZSET;
  // A small collection is not in the order of hashes: it comes whole.
  if (isSmall(records, key, kind)) {
    return { cursor: null, ...readElements(records, key, kind, 0, 0, length, isSorted ? what | HEAD : what) };
  }
  const from = rankOfHash(records, key, kind, hash);
  const tree = isSorted ? 1 : 0;
  const hashes = readElements(records, key, kind, tree, from, wanted, HEAD).numbers;
  if (hashes.length < wanted) return { cursor: null, ...read(records, key, kind, tree, from, length - from, what) };
  const last = hashes[hashes.length - 1];
  const end = last === MAX_HASH ? length : rankOfHash(records, key, kind, last + 1);
  const next = end >= length ? null : String(last + 1);
  return { cursor: next, ...read(records, key, kind, tree, from, end - from, what) };
}

function isSmall(records: Records, key: Key, kind: number): boolean {
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.isSmall(keyLength, kind, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer === 1;
}

/** How many elements have a lower hash. */
function rankOfHash(records: Records, key: Key, kind: number, hash: number): number {
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.rankOfHash(keyLength, kind, hash, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer;
}

function read(
  records: Records,
  key: Key,
  kind: number,
  tree: number,
  from: number,
  count: number,
  what: number,
): Elements {
  return readElements(records, key, kind, tree, from, count, tree === 1 ? what | NUMBER : what);
}

function filter({ texts, numbers }: Elements, pattern: Uint8Array, what: number): Elements {
  const strings = (what & SECOND) === 0 ? 1 : 2;
  const filtered: { texts: Bytes[]; numbers: number[] } = { texts: [], numbers: [] };
  for (let i = 0; i < texts.length; i += strings) {
    if (!matchesGlob(pattern, texts[i], 0, texts[i].length)) continue;
    filtered.texts.push(...texts.slice(i, i + strings));
    if (numbers.length > 0) filtered.numbers.push(numbers[i / strings]);
  }
  return filtered;
}
