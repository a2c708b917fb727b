import type { Face } from "./face.ts";
import { scores } from "./texts.ts";

/** A member of a sorted set, as text, and its score. */
export type Entry = [member: string | null, score: number];

/** All that a sorted set has. */
export async function entriesOf(store: Face, key: string = "z"): Promise<Entry[]> {
  return scores(await store.zrangeWithScores(key, 0, -1));
}

/** What a sorted set of one-letter members has, the scores being 1, 2, 3 and so on. */
export function letters(members: string): [number, string][] {
  return [...members].map((member, i) => [i + 1, member]);
}
