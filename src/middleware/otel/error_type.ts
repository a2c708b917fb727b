import { StorageError } from "../../errors.ts";

/**
 * What `error.type` says of an error: a few words in all, and nothing of what is in the store. What functions of the user throw is
 * `_OTHER`, as the semantic conventions call what they do not know.
 */
export function errorType(error: unknown): string {
  if (error instanceof StorageError) return error.code;
  const name = error instanceof Error ? error.name : undefined;
  return name === "AbortError" || name === "TimeoutError" ? name : "_OTHER";
}
