import type { KeysOptions } from "../engine.ts";
import { textOf } from "./bytes.ts";
import type { Face } from "./face.ts";
import { type Kind, KINDS } from "./kinds.ts";
import { numbered } from "./texts.ts";

/** Elements that fit in one node, elements that need many, and long ones. */
export const CONTENTS: readonly string[][] = [
  ["a", "b", "c"],
  numbered(3000),
  ["short", "m".repeat(600), "n".repeat(20_000)],
];

/** A key of each of these types, named after it: `a list`, with three elements. */
export async function fillKinds(store: Face, kinds: readonly Kind[]): Promise<void> {
  for (const { type, add } of kinds) await add(store, `a ${type}`, ["a", "b", "c"]);
}

/** What they hold. */
export async function contentsOf(store: Face, kinds: readonly Kind[]): Promise<(string | null)[]> {
  const found = [];
  for (const { type } of kinds) found.push(await contentOf(store, `a ${type}`));
  return found;
}

/** The keys of a store, sorted. */
export async function keysOf(store: Face, options?: KeysOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.keys(options)) found.push(textOf(key)!);
  return found.sort();
}

/** What a key holds, whatever its type, or a digest of it where it is long; `null` for nothing. */
export async function contentOf(store: Face, key: string): Promise<string | null> {
  const type = await store.type(key);
  if (type === null) return null;
  const kind = KINDS.find((kind) => kind.type === type)!;
  const text = `${type} ${await kind.read(store, key)}`;
  return text.length < 300 ? text : `${text.slice(0, 100)}… (${text.length} characters, digest ${digest(text)})`;
}

function digest(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum, 31) + text.charCodeAt(i) | 0;
  return sum;
}
