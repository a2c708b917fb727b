import type { Key } from "../engine.ts";
import { SHAPES } from "./shapes.ts";

/** The keys that a call names, from its arguments; what is no key is left out. Entries that can be gone through only once are not looked at. */
export function keysOf(operation: string, args: readonly unknown[]): Key[] {
  const takes = SHAPES.get(operation)?.takes ?? [];
  return takes.flatMap((role, i) => {
    const argument = args[i];
    switch (role) {
      case "key":
        return [argument];
      case "keys":
        return Array.isArray(argument) ? argument : [];
      case "entries":
        return isList(argument) ? Array.from(argument, (entry) => (entry as unknown[] | null)?.[0]) : [];
      default:
        return [];
    }
  }).filter(isKey);
}

function isList(entries: unknown): entries is Iterable<unknown> {
  return Array.isArray(entries) || entries instanceof Map;
}

/** Whether it is of the type of a key. */
export function isKey(key: unknown): key is Key {
  return typeof key === "string" || key instanceof Uint8Array;
}
