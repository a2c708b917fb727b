import fc from "fast-check";
import type { Face } from "./face.ts";
import type { Operation } from "./operations.ts";
import { type Answer, type Plain, plainResult } from "./plain.ts";

/** A scan of a whole collection, while elements that the model never sees come and go. */
export interface WholeScan<M> {
  step(face: Face, key: string, options: { cursor: string | null; count: number }): unknown;
  add(face: Face, key: string, names: string[]): unknown;
  remove(face: Face, key: string, names: string[]): unknown;
  answer(model: M, key: string): Answer;
}

type Item = string | [string, Plain];
type Step = { cursor: string | null; entries?: Item[]; members?: Item[] };

const MAX_STEPS = 20_000;

/** Passes every element that was there all the time, once each, to what judges the answer. */
export function scanOperation<M>(
  name: string,
  key: fc.Arbitrary<string>,
  scan: WholeScan<M>,
): fc.Arbitrary<Operation<M>> {
  return fc.tuple(key, fc.constantFrom(5, 30, 1000), fc.nat(20)).map(([key, count, guests]) => ({
    [fc.toStringMethod]: () => `/* ${name} of all of ${key}, count ${count}, ${guests} coming and going each step */`,
    call: (face) => scanAll(scan, face, key, count, guests),
    answer: (model) => scan.answer(model, key),
  }));
}

async function scanAll<M>(scan: WholeScan<M>, face: Face, key: string, count: number, guests: number): Promise<Item[]> {
  const found = new Map<string, Item>();
  let cursor: string | null = null;
  let present: string[] = [];
  for (let steps = 0; steps === 0 || cursor !== null; steps++) {
    if (steps > MAX_STEPS) throw new Error(`the scan of ${key} does not end`);
    const step = plainResult(await scan.step(face, key, { cursor, count })) as Step;
    for (const item of step.entries ?? step.members ?? []) found.set(typeof item === "string" ? item : item[0], item);
    cursor = step.cursor;
    const coming = Array.from({ length: guests }, (_, i) => `guest ${steps % 2} ${i}`);
    if (guests > 0) await scan.add(face, key, coming);
    if (present.length > 0) await scan.remove(face, key, present);
    present = coming;
  }
  if (present.length > 0) await scan.remove(face, key, present);
  return [...found].flatMap(([name, item]) => name.startsWith("guest ") ? [] : [item]);
}
