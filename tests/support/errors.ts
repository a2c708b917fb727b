import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { StorageError, type StorageErrorCode } from "@ferrite/storage";

/** `run` must fail with this code, and say so with a sentence that has `words` in it. */
export async function assertFails(
  run: () => unknown,
  code: StorageErrorCode,
  words: string = "Cannot",
): Promise<void> {
  const error = await assertRejects(async () => await run(), StorageError);
  check(error, code, words);
}

export function assertFailsSync(run: () => unknown, code: StorageErrorCode, words: string = "Cannot"): void {
  check(assertThrows(run, StorageError), code, words);
}

function check(error: StorageError, code: StorageErrorCode, words: string): void {
  assertEquals(error.code, code, error.message);
  assert(error.message.includes(words), `"${error.message}" does not say "${words}"`);
}
