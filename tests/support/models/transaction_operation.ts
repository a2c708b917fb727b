import fc from "fast-check";
import type { SyncTransactionOps, TransactionOps } from "@ferrite/storage";
import type { Face } from "./face.ts";
import { judge, refusal } from "./judging.ts";
import type { KeysModel } from "./keys_model.ts";
import type { Operation } from "./operations.ts";
import { type Plain, plainResult } from "./plain.ts";

class Rollback extends Error {}

/** Some operations as one, of which nothing must remain where the function throws at the end. */
export function transactions<M extends KeysModel<unknown>>(
  operations: fc.Arbitrary<Operation<M>>,
): fc.Arbitrary<Operation<M>> {
  return fc.tuple(fc.array(operations, { minLength: 1, maxLength: 12 }), fc.boolean()).map(([operations, throws]) => ({
    [fc.toStringMethod]: () => `transaction(${fc.stringify(operations)}${throws ? ", which throws" : ""})`,
    call: (face) => transact(face as Face & (TransactionOps | SyncTransactionOps), operations, throws),
    answer: (model) => (actual) => {
      const before = model.saved();
      operations.forEach((operation, i) => judge(operation, model, (actual as Plain[])[i]));
      if (throws) model.restore(before);
    },
  }));
}

/** What each of the operations gave. */
async function transact<M>(
  face: TransactionOps | SyncTransactionOps,
  operations: Operation<M>[],
  throws: boolean,
): Promise<Plain[]> {
  let results: Plain[] = [];
  try {
    await face.transact((transaction) => {
      results = operations.map((operation) => perform(operation, transaction));
      if (throws) throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
  return results;
}

function perform<M>(operation: Operation<M>, face: Face): Plain {
  try {
    return plainResult(operation.call(face));
  } catch (error) {
    return refusal(error);
  }
}
