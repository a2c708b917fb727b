import type { Key } from "../engine.ts";

/** The keys that an operation of a data type touches, from its arguments. */
export function keysOf(operation: string, args: readonly unknown[]): readonly Key[] {
  const [first, second] = args;
  if (operation === "zrangeStore" || /^[ls]move$/.test(operation)) return [first as Key, second as Key];
  if (operation.endsWith("Store")) return [first as Key, ...second as Key[]];
  return /^[sz](inter|union|diff)/.test(operation) ? [...first as Key[]] : [first as Key];
}
