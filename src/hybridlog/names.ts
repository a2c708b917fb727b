import { toBytes } from "../arguments.ts";
import type { Key } from "../engine.ts";

/** A key as a string that no other key has: its bytes as characters. */
export function nameOf(key: Key): string {
  let name = "";
  for (const byte of toBytes(key)) name += String.fromCharCode(byte);
  return name;
}
