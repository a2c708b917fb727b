import { assert, assertEquals, assertThrows } from "@std/assert";
import { StorageError, type StorageErrorCode } from "@ferrite/storage";

export { assertFailsSaying as assertFails } from "../../src/conformance/assert.ts";

export function assertFailsSync(run: () => unknown, code: StorageErrorCode, words: string = "Cannot"): void {
  const error = assertThrows(run, StorageError);
  assertEquals(error.code, code, error.message);
  assert(error.message.includes(words), `"${error.message}" does not say "${words}"`);
}
