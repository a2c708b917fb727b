import type {
  Capabilities,
  CollectionOps,
  StorageEngine,
  SyncCollectionOps,
  SyncStorageEngine,
  SyncTransactionOps,
  TransactionOps,
} from "@ferrite/storage";
import { textOf } from "../bytes.ts";

/** A store with all the types, answering at once. */
export type SyncCollectionStore = SyncStorageEngine & SyncCollectionOps & SyncTransactionOps;

/** A store with all the types. Tests that need transactions are of those that have them. */
export type CollectionStore = StorageEngine & CollectionOps & TransactionOps;

/** What both have, each method giving its result or a promise of it. */
export type Face = CollectionStore | SyncCollectionStore;

/** Makes a test of what a new store does, if it can do that. */
export interface Check {
  (what: string, run: (store: Face) => Promise<void>, needs?: keyof Capabilities): void;
  readonly capabilities: Capabilities;
  /** The share of what long tests do. */
  readonly effort: number;
  /** How many bytes a key may have. */
  readonly longestKey: number;
}

export function texts(values: readonly (Uint8Array | null)[]): (string | null)[] {
  return values.map(textOf);
}

/** For many texts: says where they differ, and not more. */
export function assertTexts(actual: readonly (string | null)[], expected: readonly (string | null)[]): void {
  const place = actual.findIndex((text, i) => text !== expected[i]);
  const brief = (text: string | null | undefined) => JSON.stringify(text)?.slice(0, 200);
  if (place >= 0) throw new Error(`number ${place} is ${brief(actual[place])}, not ${brief(expected[place])}`);
  if (actual.length !== expected.length) throw new Error(`there are ${actual.length}, not ${expected.length}`);
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
