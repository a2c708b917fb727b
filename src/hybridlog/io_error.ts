import { StorageError } from "../errors.ts";

/** An error of the file system as one of a store's. */
export function ioError(what: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StorageError("UNAVAILABLE", `Cannot ${what}: ${reason}`, { cause });
}
