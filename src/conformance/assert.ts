// What a check says when a store fails it. `node:assert` is on all three runtimes; the few assertions made of it here
// never fail without telling what they have found.
import { AssertionError, deepStrictEqual } from "node:assert/strict";
import { describe, StorageError, type StorageErrorCode } from "../errors.ts";

/** What is called must fail with this code, and may have to say so with a sentence that has `words` in it. */
export type AssertFails = (call: () => unknown, code: StorageErrorCode, words?: string) => Promise<void>;

/** Fails with `message` unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError({ message, stackStartFn: assert });
}

/** Both must be the same through and through; `what` they are is said first. */
export function assertEquals<T>(actual: T, expected: T, what?: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    const { message } = error as Error;
    throw new AssertionError({
      message: what === undefined ? message : `${what}: ${message}`,
      actual,
      expected,
      operator: "deepStrictEqual",
      stackStartFn: assertEquals,
    });
  }
}

/** The same bytes, or none: for values of which a difference would be too long to show. */
export function assertBytes(actual: Uint8Array | null, expected: Uint8Array | null, what: string = "the value"): void {
  const sizeOf = (value: unknown) => value instanceof Uint8Array ? `${value.length} bytes` : String(value);
  if (actual === expected) return;
  let difference = `${sizeOf(actual)}, not ${sizeOf(expected)}`;
  if (actual instanceof Uint8Array && actual.length === expected?.length) {
    const place = actual.findIndex((byte, i) => byte !== expected[i]);
    if (place < 0) return;
    difference = `${actual[place]} as byte ${place} of ${actual.length}, not ${expected[place]}`;
  }
  throw new AssertionError({ message: `${what} has ${difference}`, stackStartFn: assertBytes });
}

/** The same texts, in this order: for so many that only the first difference can be shown. */
export function assertTexts(actual: readonly (string | null)[], expected: readonly (string | null)[]): void {
  const brief = (text: string | null | undefined) => JSON.stringify(text)?.slice(0, 200);
  const place = actual.findIndex((text, i) => text !== expected[i]);
  let difference = "";
  if (place >= 0) difference = `number ${place} is ${brief(actual[place])}, not ${brief(expected[place])}`;
  else if (actual.length !== expected.length) difference = `there are ${actual.length}, not ${expected.length}`;
  if (difference !== "") throw new AssertionError({ message: difference, stackStartFn: assertTexts });
}

/** A number from `least` to `most`, both included, and not `null`. */
export function assertBetween(actual: number | null, least: number, most: number, what: string): void {
  if (actual !== null && actual >= least && actual <= most) return;
  throw new AssertionError({
    message: `${what} is ${actual}, not between ${least} and ${most}`,
    stackStartFn: assertBetween,
  });
}

/** What is called must fail with a {@linkcode StorageError} of this code, whatever its message. */
export async function assertFailsWith(call: () => unknown, code: StorageErrorCode): Promise<void> {
  await failureOf(call, code);
}

/** It must, too, say what could not be done in a sentence with `words` in it, as the stores of this package do. */
export async function assertFailsSaying(
  call: () => unknown,
  code: StorageErrorCode,
  words: string = "Cannot",
): Promise<void> {
  const { message } = await failureOf(call, code);
  assert(message.includes(words), `${sourceOf(call)} failed with "${message}", which does not say "${words}"`);
}

/** Says of a failed assertion in `run` what it was about. */
export async function about(what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

async function failureOf(call: () => unknown, code: StorageErrorCode): Promise<StorageError> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    assert(error instanceof StorageError, `${sourceOf(call)} failed with ${error}, which is no StorageError: ${code}`);
    assert(error.code === code, `${sourceOf(call)} failed with ${error.code} (${error.message}), not with ${code}`);
    return error;
  }
  throw new AssertionError({ message: `${sourceOf(call)} gave ${describe(result)}, but must fail with ${code}` });
}

/** The text of a call, which says best what was called. */
function sourceOf(call: () => unknown): string {
  const source = String(call).replace(/^(async\s*)?\(\)\s*=>\s*/, "").replace(/\s+/g, " ");
  return source.length <= 100 ? source : `${source.slice(0, 100)}…`;
}
