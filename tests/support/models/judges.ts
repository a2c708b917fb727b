import { assert } from "@std/assert";
import { assertSame, brief, type Judge, type Plain } from "./plain.ts";

/** An item of a collection, or one with what belongs to it. */
export type Item = string | [string, Plain];

const nameOf = (item: Item): string => typeof item === "string" ? item : item[0];
const byName = (a: Item, b: Item): number => nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0;

/** The same items, in whatever order. */
export function inAnyOrder(expected: Item[]): Judge {
  return (actual) => assertSame((actual as Item[]).slice().sort(byName), expected.slice().sort(byName));
}

/** A random choice as `srandMember` makes it. */
export function sampleOf(all: Item[], count: number = 1): Judge {
  return (actual) => {
    const sample = actual as Item[];
    const expected = count < 0 ? (all.length === 0 ? 0 : -count) : Math.min(count, all.length);
    assert(sample.length === expected, `${sample.length} items, not ${expected}`);
    if (count > 0) assert(new Set(sample.map(nameOf)).size === sample.length, "an item came twice");
    assertAmong(sample, all);
  };
}

/** What one step of a scan may give. */
export function scanStepOf(items: "entries" | "members", all: Item[], options: Plain): Judge {
  const { match } = (options ?? {}) as { match?: string };
  const matching = match === undefined ? all : all.filter((item) => glob(match).test(nameOf(item)));
  return (actual) => {
    const step = actual as { cursor: Plain; entries: Item[]; members: Item[] };
    assert(step.cursor === null || /^\d+$/.test(step.cursor as string), `cursor is ${brief(step.cursor)}`);
    assertAmong(step[items], matching);
  };
}

function assertAmong(items: Item[], all: Item[]): void {
  const expected = new Map(all.map((item) => [nameOf(item), item]));
  for (const item of items) {
    assert(expected.has(nameOf(item)), `${brief(nameOf(item))} does not belong there`);
    assertSame(item, expected.get(nameOf(item))!);
  }
}

/** A glob of which only `*` means something. */
function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.split("*").map((part) => part.replace(/\W/g, "\\$&")).join("[^]*")}$`);
}
