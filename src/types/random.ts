// Choosing elements at random, by rank: each is as likely as any other.

import type { Bytes, Key } from "../engine.ts";
import type { Records } from "../records/records.ts";
import { outOfRange, toIndex } from "./arguments.ts";
import { countOf, type Elements, readElements } from "./elements.ts";

/** With repetitions, a result may be larger than its collection: this keeps a count that came from outside from filling memory. */
const MOST_REPEATED = 1_000_000;

/** `count` different ranks below `length`, in random order (Floyd; then shuffled as by Fisher and Yates). */
export function differentRanks(length: number, count: number): number[] {
  const chosen = new Set<number>();
  for (let i = length - count; i < length; i++) {
    const rank = Math.floor(Math.random() * (i + 1));
    chosen.add(chosen.has(rank) ? i : rank);
  }
  const ranks = [...chosen];
  for (let i = ranks.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [ranks[i], ranks[j]] = [ranks[j], ranks[i]];
  }
  return ranks;
}

/** Up to `count` different elements, or `-count` of which some may be the same. */
export function readRandom(
  records: Records,
  key: Key,
  kind: number,
  count: number,
  what: number,
): Elements {
  const wanted = toIndex(count, "count");
  if (wanted < -MOST_REPEATED) throw outOfRange("Cannot use count: expected -1,000,000 or more", count);
  const length = countOf(records, key, kind);
  const elements: { texts: Bytes[]; numbers: number[] } = { texts: [], numbers: [] };
  if (length === 0 || wanted === 0) return elements;
  const ranks = wanted < 0
    ? Array.from({ length: -wanted }, () => Math.floor(Math.random() * length))
    : differentRanks(length, Math.min(wanted, length));
  for (const rank of ranks) {
    const { texts, numbers } = readElements(records, key, kind, 0, rank, 1, what);
    elements.texts.push(...texts);
    elements.numbers.push(...numbers);
  }
  return elements;
}
