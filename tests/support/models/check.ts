import fc from "fast-check";
import { SEED } from "../random.ts";
import type { Face, Open } from "./face.ts";
import { judge, refusal } from "./judging.ts";
import type { KeysModel } from "./keys_model.ts";
import type { Operation } from "./operations.ts";
import { type Plain, plainResult } from "./plain.ts";
import { type Prefill, prefills } from "./prefill.ts";
import { transactions } from "./transaction_operation.ts";

/** How to compare a type with its model. */
export interface Subjects<M> {
  /** An empty model. */
  model(): M;
  /** What puts many elements there at the start. */
  fill(prefill: Prefill): Operation<M>[];
  /** What happens then. */
  readonly operations: fc.Arbitrary<Operation<M>>;
  /** What happens now and then, of many calls each. */
  readonly scans?: fc.Arbitrary<Operation<M>>;
  /** What takes many elements away, at the end. */
  readonly removals: fc.Arbitrary<Operation<M>>;
  /** What takes all away that is still there. */
  emptying(model: M): Operation<M>[];
  /** Reads that see the whole content, of empty keys too. */
  contents(model: M): Operation<M>[];
}

/** After so many operations the whole content is compared. */
const INTERVAL = 30;
/** Less than the runners give a test, so that a failure is told even when it cannot be made small in time. */
const TIME_LIMIT_MS = 90_000;

/** How much to compare. */
export interface CheckOptions {
  /** How many stores to do it with. */
  runs: number;
  /** Whether the store has transactions; true if not given. */
  transactions?: boolean;
}

/** Throws, with the operations that show it, where a store does not do what the model does. */
export async function check<M extends KeysModel<unknown>>(
  open: Open,
  subjects: Subjects<M>,
  options: CheckOptions,
): Promise<void> {
  const scenario = fc.record({
    prefill: prefills,
    operations: fc.array(anyOf(subjects, options.transactions ?? true), { maxLength: 80, size: "max" }),
    removals: fc.array(subjects.removals, { maxLength: 8, size: "max" }),
  });
  const property = fc.asyncProperty(scenario, async ({ prefill, operations, removals }) => {
    await using subject = await open();
    const model = subjects.model();
    const run = (operations: Operation<M>[]) => runAll(operations, subject.face, model);
    const compare = () => run(subjects.contents(model));
    await run(subjects.fill(prefill));
    if (prefill.count > 0) await compare();
    for (let i = 0; i < operations.length; i += INTERVAL) {
      await run(operations.slice(i, i + INTERVAL));
      await compare();
    }
    for (const removal of removals) {
      await run([removal]);
      await compare();
    }
    await run(subjects.emptying(model));
    await compare();
  });
  await fc.assert(property, {
    seed: SEED,
    numRuns: options.runs,
    interruptAfterTimeLimit: TIME_LIMIT_MS,
    includeErrorInReport: true,
  });
}

function anyOf<M extends KeysModel<unknown>>(
  { operations, scans }: Subjects<M>,
  transacts: boolean,
): fc.Arbitrary<Operation<M>> {
  return fc.oneof(
    { weight: 40, arbitrary: operations },
    ...scans === undefined ? [] : [{ weight: 1, arbitrary: scans }],
    ...transacts ? [{ weight: 3, arbitrary: transactions(operations) }] : [],
  );
}

async function runAll<M>(operations: Operation<M>[], face: Face, model: M): Promise<void> {
  for (const operation of operations) judge(operation, model, await perform(operation, face));
}

async function perform<M>(operation: Operation<M>, face: Face): Promise<Plain> {
  try {
    return plainResult(await operation.call(face));
  } catch (error) {
    return refusal(error);
  }
}
