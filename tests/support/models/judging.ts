import fc from "fast-check";
import { StorageError } from "@ferrite/storage";
import type { Operation } from "./operations.ts";
import { type Answer, brief, difference, type Plain } from "./plain.ts";

/** What takes the place of a result where a call was refused. */
export function refusal(error: unknown): string {
  if (error instanceof StorageError) return `refused: ${error.code}`;
  throw error;
}

/** Lets the model do what the store has done. Throws where it does not give the same. */
export function judge<M>(operation: Operation<M>, model: M, actual: Plain): void {
  const expected = foretell(operation, model);
  const found = typeof expected === "function" ? objection(() => expected(actual)) : difference(actual, expected);
  if (found === null) return;
  throw new Error(`${operation[fc.toStringMethod]().slice(0, 500)}: ${found}; the result was ${brief(actual)}`);
}

function foretell<M>(operation: Operation<M>, model: M): Answer {
  try {
    return operation.answer(model);
  } catch (error) {
    return refusal(error);
  }
}

function objection(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
