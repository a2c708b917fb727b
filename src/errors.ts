/**
 * What went wrong, for programs:
 *
 * | code | meaning |
 * |---|---|
 * | `WRONG_TYPE` | an argument, or the value under a key, is not of the type the operation works on |
 * | `NOT_INTEGER` | the value is not the decimal form of a 64-bit integer |
 * | `NOT_FLOAT` | the value is not the decimal form of a number |
 * | `OUT_OF_RANGE` | a number is outside of what is allowed, or a sum would be |
 * | `TOO_LARGE` | a key or value is longer than any store takes, or than this one can ever hold |
 * | `OUT_OF_MEMORY` | the store is at its size limit |
 * | `CLOSED` | the store has been closed |
 * | `LOCKED` | another process has the data directory open |
 * | `CORRUPT` | stored bytes are not what was written |
 * | `POISONED` | a sync failed, so that no write can be acknowledged any more |
 * | `CONFLICT` | another writer came first, or the function given to `update` writes itself |
 * | `UNAVAILABLE` | files or a server could not be reached |
 * | `UNSUPPORTED` | this store or this runtime cannot do it |
 * | `READ_ONLY` | the store has been opened, or wrapped, for reading only |
 * | `CONFIG` | the configuration is wrong |
 */
export type StorageErrorCode =
  | "WRONG_TYPE"
  | "NOT_INTEGER"
  | "NOT_FLOAT"
  | "OUT_OF_RANGE"
  | "TOO_LARGE"
  | "OUT_OF_MEMORY"
  | "CLOSED"
  | "LOCKED"
  | "CORRUPT"
  | "POISONED"
  | "CONFLICT"
  | "UNAVAILABLE"
  | "UNSUPPORTED"
  | "READ_ONLY"
  | "CONFIG";

/**
 * The one error class of this package. A failed operation changed nothing, except that `UNAVAILABLE` with
 * `outcome: "unknown"` says that nobody can tell; and a write on files that ends with `POISONED` may be read until the store is closed, and
 * be there or not when it is opened again.
 *
 * @example
 * ```ts
 * import { MemoryStore, StorageError } from "@ferrite/storage";
 * import { assert } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * await store.set("name", "Ada");
 * try {
 *   await store.incrBy("name");
 * } catch (error) {
 *   assert(error instanceof StorageError && error.code === "NOT_INTEGER");
 * }
 * ```
 */
export class StorageError extends Error {
  /** Always `"StorageError"`. */
  override readonly name: string = "StorageError";
  /** What went wrong, for programs; the message is for people and may change. */
  readonly code: StorageErrorCode;
  /** `"unknown"` where the operation may have taken effect. */
  declare readonly outcome?: "unknown";

  /** Creates an error with a stable code, a message for people and, where there is one, the cause. */
  constructor(code: StorageErrorCode, message: string, options?: { cause?: unknown; outcome?: "unknown" }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options?.outcome !== undefined) this.outcome = options.outcome;
  }
}

/** A path as an error message shows it: whole. */
export function quote(path: string): string {
  return JSON.stringify(path);
}

/** A value as an error message shows it: its type, and itself where that is short. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.length <= 40 ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, 40))}…`;
    case "number":
    case "bigint":
    case "boolean":
      return `${typeof value} ${value}`;
    case "object":
      return value === null ? "null" : `an object (${value.constructor?.name ?? "without class"})`;
    default:
      return typeof value;
  }
}
