// What all collections share: putting strings in, reading elements out.

import { toBytes } from "../arguments.ts";
import { FIRST, IS_BLOB, SECOND, TEXT_BYTES } from "../core/layout.ts";
import type { Bytes, Key, Value } from "../engine.ts";
import { readBlob, writeBlob } from "../records/chunks.ts";
import type { Records } from "../records/records.ts";

/**
 * Puts a value where values go and returns its length; a long one is written as a blob, and -1 stands for its length: that
 * has to be inside of `atomically`. It comes before keys and fields are put.
 */
export function putElement(records: Records, value: Value): number {
  const length = records.core.putValue(value);
  if (typeof length === "number" && length <= TEXT_BYTES) return length;
  writeBlob(records, typeof length === "number" ? toBytes(value).slice() : length);
  return -1;
}

/** The string that a call has left where values are, when its answer is a length or IS_BLOB; else `null`. */
export function takeElement(records: Records, answer: number): Bytes | null {
  const { core } = records;
  if (answer >= 0) return core.copy(core.valueAt, answer, false);
  return answer === IS_BLOB ? readBlob(records, core.valueAt) : null;
}

/** How many elements a collection has; 0 where there is none. */
export function countOf(records: Records, key: Key, kind: number): number {
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.count(keyLength, kind, records.now()); while (
    answer < 0 && records.overcomes(answer, 0)
  );
  return answer;
}

/** Elements that were read: their strings, one or two of each, and their numbers, if those were asked for. */
export interface Elements {
  texts: Bytes[];
  numbers: number[];
}

/** Reads `count` elements from position `from` on; `what` says what of each. */
export function readElements(
  records: Records,
  key: Key,
  kind: number,
  tree: number,
  from: number,
  count: number,
  what: number,
): Elements {
  const { core } = records;
  const elements: Elements = { texts: [], numbers: [] };
  const strings = (what & FIRST ? 1 : 0) + (what & SECOND ? 1 : 0);
  const hasNumbers = (what & ~(FIRST | SECOND)) !== 0;
  let done = 0;
  while (done < count) {
    const keyLength = records.putKey(key);
    const room = core.roomForTexts();
    let answer: number;
    do {
      answer = core.calls.collect(keyLength, kind, tree, from + done, count - done, what, room, records.now());
    } while (answer < 0 && records.overcomes(answer, 0));
    if (answer <= 0) break;
    core.takeTexts(answer * strings, elements.texts, (at) => readBlob(records, at));
    if (hasNumbers) { for (let i = 0; i < answer; i++) elements.numbers.push(core.doubles[core.numbersAt + i]); }
    done += answer;
  }
  return elements;
}

/** Neighbours as pairs. */
export function toPairs(texts: readonly Bytes[]): [Bytes, Bytes][] {
  const pairs: [Bytes, Bytes][] = new Array(texts.length / 2);
  for (let i = 0; i < pairs.length; i++) pairs[i] = [texts[2 * i], texts[2 * i + 1]];
  return pairs;
}

/** Members with their scores. */
export function withNumbers({ texts, numbers }: Elements): [Bytes, number][] {
  return texts.map((text, i) => [text, numbers[i]]);
}

/** Removes a key and all it holds. */
export function drop(records: Records, key: Key): void {
  const keyLength = records.putKey(key);
  let answer: number;
  do answer = records.core.calls.remove(keyLength, records.now()); while (
    answer < 0 && records.overcomes(answer, keyLength)
  );
}
