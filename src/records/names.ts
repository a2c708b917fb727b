import { toBytes } from "../arguments.ts";
import type { Key } from "../engine.ts";

/** The names of keys; `undefined` when what was given are none. */
export function namesOf(keys: readonly Key[]): Set<string> | undefined {
  try {
    return new Set(keys.map(nameOf));
  } catch {
    return undefined;
  }
}

const ASCII = /^[\0-\x7f]*$/;

/** A key as a string that no other key has: its bytes as characters. */
export function nameOf(key: Key): string {
  if (typeof key === "string" && ASCII.test(key)) return key;
  let name = "";
  for (const byte of toBytes(key)) name += String.fromCharCode(byte);
  return name;
}

/** The bytes that a name stands for. */
export function bytesOfName(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}
