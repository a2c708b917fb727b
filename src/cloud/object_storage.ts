/**
 * What the cloud store needs of a bucket. `s3`, `gcs` and `azure` reach real ones, `memoryObjects` is one in memory.
 *
 * @module
 */
import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";

/** An object of a bucket as it was at one time. */
export interface StoredObject {
  /** Its content. */
  readonly body: Bytes;
  /** What names this content: an entity tag or a generation. Never that of another content under this name. */
  readonly version: string;
}

/** When an object may be written or deleted: only if there is none, or only if it has this version. */
export type Condition = { readonly ifAbsent: true } | { readonly ifVersion: string };

/** An object as a list shows it. */
export interface ListedObject {
  /** Its name. */
  readonly name: string;
  /** Its length in bytes. */
  readonly size: number;
}

/** A part of a list. */
export interface ListedObjects {
  /** In the order of their names. */
  readonly objects: ListedObject[];
  /** Where the next part begins; `null` at the end. */
  readonly cursor: string | null;
}

/** For one request. */
export interface RequestOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
}

/** For reading. */
export interface ReadObjectOptions extends RequestOptions {
  /** A version that is known: if the object still has it, it is not read again. */
  readonly unlessVersion?: string;
}

/** What to list. */
export interface ListOptions extends RequestOptions {
  /** Where to go on: the `cursor` of the part before. */
  readonly cursor?: string | null;
  /** The most objects to list, up to 1,000, which it is if not given. */
  readonly limit?: number;
}

/**
 * A bucket. Each method makes one attempt, of one request, and rejects with {@linkcode RequestError} when that fails. Names are
 * ASCII letters, digits and `-_.~/:`, up to 1,024 of them, none of whose parts between slashes is empty, `.` or `..`.
 */
export interface ObjectStorage {
  /** `"s3"`, `"gcs"`, `"azure"` or `"memory"`. */
  readonly provider: string;
  /** The name of the bucket, for messages. */
  readonly bucket: string;
  /** Reads an object; `null` when there is none, `"unchanged"` when it still has the version `unlessVersion`. */
  get(name: string, options?: ReadObjectOptions): Promise<StoredObject | null | "unchanged">;
  /** Writes an object, whole or not at all. Resolves to its version, or to `null` when the condition did not hold. */
  put(name: string, body: Uint8Array, condition: Condition | null, options?: RequestOptions): Promise<string | null>;
  /** Deletes an object, if there is one. Resolves to false when the condition did not hold. */
  delete(name: string, condition: Condition | null, options?: RequestOptions): Promise<boolean>;
  /** Some of the objects whose names begin with `prefix`. */
  list(prefix: string, options?: ListOptions): Promise<ListedObjects>;
  /**
   * Finds out what the bucket honours, with some requests for objects whose names begin with `prefix`, which are gone afterwards. Not there
   * where it is known. `UNSUPPORTED` when writes take no conditions.
   */
  probe?(prefix: string, options?: RequestOptions): Promise<Abilities>;
}

/** What not every bucket can do. */
export interface Abilities {
  /** Whether `delete` honours a condition. Without it, what marks keys as deleted stays. */
  readonly conditionalDelete: boolean;
}

/** What came of a request that failed, for who decides what to do next. */
export interface RequestFailure {
  /** Whether another attempt may succeed. */
  readonly isTransient: boolean;
  /** Whether it may have been carried out nevertheless: always false for what changes nothing. */
  readonly mayHaveHappened: boolean;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** How long the server wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What the runtime or the server said. */
  readonly cause?: unknown;
}

/** A request that failed: `UNAVAILABLE`. */
export class RequestError extends StorageError {
  /** What came of it. */
  readonly failure: RequestFailure;

  /** An error for people, and what came of the request. */
  constructor(message: string, failure: RequestFailure) {
    super(
      "UNAVAILABLE",
      message,
      { cause: failure.cause, outcome: failure.mayHaveHappened ? "unknown" : undefined },
    );
    this.failure = failure;
  }
}
