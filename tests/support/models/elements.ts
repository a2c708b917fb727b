import fc from "fast-check";
import type { Value } from "@ferrite/storage";
import { pattern } from "../bytes.ts";

/** Short ones, ones that differ only after a long prefix, ones that are a record of their own, binary ones. */
export const STYLES = ["short", "prefixed", "own", "binary"] as const;
export type Style = (typeof STYLES)[number];

const made = new Map<string, Value>();

/** Element number `index`: in each style the bytes rise with it. */
export function element(index: number, style: Style): Value {
  const name = `${style} ${index}`;
  let value = made.get(name);
  if (value === undefined) made.set(name, value = make(index, style));
  return value;
}

function make(index: number, style: Style): Value {
  const digits = String(index).padStart(4, "0");
  switch (style) {
    case "short":
      return digits;
    case "prefixed":
      return `${"p".repeat(200)}${digits}`;
    case "own":
      return printedAs(`"${digits}" + "o".repeat(600)`, new TextEncoder().encode(digits + "o".repeat(600)));
    case "binary":
      return new Uint8Array([255, index >>> 8, index, 0]);
  }
}

const huge = [1, 2, 3].map((seed) => printedAs(`pattern(20_000, ${seed})`, pattern(20_000, seed)));
const odd: Value[] = ["", "é🪙", new Uint8Array([0]), new Uint8Array([0, 0]), new Uint8Array(480), "x".repeat(481)];

/** Elements that are drawn again and again, and some that only a prefill has. */
export const elements: fc.Arbitrary<Value> = fc.oneof(
  { weight: 20, arbitrary: numbered(fc.nat(12), fc.constant("short" as const)) },
  { weight: 10, arbitrary: numbered(fc.nat(300), fc.constantFrom(...STYLES)) },
  { weight: 5, arbitrary: numbered(fc.nat(5000), fc.constantFrom(...STYLES)) },
  { weight: 4, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.constantFrom(...huge) },
);

function numbered(index: fc.Arbitrary<number>, style: fc.Arbitrary<Style>): fc.Arbitrary<Value> {
  return fc.tuple(index, style).map(([index, style]) => element(index, style));
}

/** Positions, counts and ranks: mostly such as hit something, some far away. */
export const positions: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -10, max: 10 }) },
  { weight: 3, arbitrary: fc.integer({ min: -3000, max: 3000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31), 2 ** 40, -(2 ** 40)) },
);

/** How much to take away at once. */
export const amounts: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 2000 }),
);

/** Makes a failure show how bytes or arrays came about in place of all that is in them. */
export function printedAs<T extends object>(text: string, value: T): T {
  return Object.assign(value, { [fc.toStringMethod]: () => text });
}
