import type { Key } from "../engine.ts";

/** The keys that an operation touches, from its arguments; none where they are not as they must be. */
export function keysOf(operation: string, args: readonly unknown[]): Key[] {
  const [first, second] = args as [Key, Key];
  const many = (keys: unknown): Key[] => Array.isArray(keys) ? keys : [];
  if (operation === "zrangeStore" || /^([ls]move|rename|copy)$/.test(operation)) return [first, second];
  if (operation.endsWith("Store")) return [first, ...many(second)];
  return /^[sz](inter|union|diff)/.test(operation) ? many(first) : [first];
}
