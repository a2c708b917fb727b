import fc from "fast-check";
import { type Style, STYLES } from "./elements.ts";

/** Many elements to start with, so that trees have several levels. */
export interface Prefill {
  readonly count: number;
  readonly order: "ascending" | "descending" | "shuffled";
  readonly style: Style;
  /** How many go into one call. */
  readonly batch: number;
}

/** None in most runs. */
export const prefills: fc.Arbitrary<Prefill> = fc.record({
  count: fc.oneof({ withCrossShrink: true }, { weight: 6, arbitrary: fc.constant(0) }, {
    weight: 4,
    arbitrary: fc.integer({ min: 300, max: 5000 }),
  }),
  order: fc.constantFrom("ascending", "descending", "shuffled"),
  style: fc.constantFrom(...STYLES),
  batch: fc.constantFrom(1, 100, 10_000),
});

/** The numbers of the elements in the order in which they come, a call each. */
export function batches({ count, order, style, batch }: Prefill): number[][] {
  // Long elements make as many levels with fewer of them.
  const total = style === "own" ? Math.ceil(count / 5) : count;
  const numbers = Array.from({ length: total }, (_, i) => {
    if (order === "ascending") return i;
    return order === "descending" ? total - 1 - i : i * 7919 % total;
  });
  return Array.from({ length: Math.ceil(total / batch) }, (_, i) => numbers.slice(i * batch, (i + 1) * batch));
}
