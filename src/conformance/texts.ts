import { textOf } from "./bytes.ts";

/** The texts of values, `null` where there is none. */
export function texts(values: readonly (Uint8Array | null)[]): (string | null)[] {
  return values.map(textOf);
}

/** Texts of what has no order. */
export function sorted(values: readonly Uint8Array[]): (string | null)[] {
  return texts(values).sort();
}

/** Fields with their values, as an object. */
export function fields(entries: readonly [Uint8Array, Uint8Array][]): Record<string, string | null> {
  return Object.fromEntries(entries.map(([field, value]) => [textOf(field), textOf(value)]));
}

/** Members with their scores, in their order. */
export function scores(entries: readonly [Uint8Array, number][]): [string | null, number][] {
  return entries.map(([member, score]) => [textOf(member), score]);
}

/** So many short texts, that sort as their numbers do. */
export function numbered(count: number, prefix: string = "e"): string[] {
  return Array.from({ length: count }, (_, i) => prefix + String(i).padStart(6, "0"));
}

/** Lengths around those at which elements are stored in another way. */
export const LENGTHS: readonly number[] = [0, 1, 63, 64, 479, 480, 481, 600, 1024, 16_351, 16_352, 16_353, 100_000];
