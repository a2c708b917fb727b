import { checkOptionNames } from "../arguments.ts";
import { toHex } from "../bytes.ts";
import type { Bytes, CallOptions, ScanResult, StorageEngine } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";
import { Copier, type Outcome } from "./copier.ts";
import type { Store } from "./movers.ts";

/** How to copy a store. */
export interface CopyToOptions extends CallOptions {
  /** Writes over keys of the target that hold something else. Without it such a key ends the copy with `CONFLICT`. */
  replace?: boolean;
  /** Reads each key back after it was written, and compares it with the source. */
  verify?: boolean;
  /** How many keys are copied at a time; 32 if not given. Each takes some 512 KiB at most, if its elements are not longer. */
  concurrency?: number;
  /** Where to go on: the `cursor` of an earlier copy from this source. */
  cursor?: string | null;
  /** Told after each key, and after each part of a long one. What it throws ends the copy. */
  onProgress?: (progress: CopyProgress) => void;
}

/** How far a copy has come. */
export interface CopyProgress {
  /** Keys that were written. */
  readonly copied: number;
  /** Keys that the target held already, with the same value and expiry. */
  readonly equal: number;
  /** Keys that were removed, or expired, between being found and being copied. */
  readonly gone: number;
  /** Bytes of values that were written. */
  readonly bytes: number;
  /** Keys that the source had at the beginning, some of which may have expired. */
  readonly total: number;
  /**
   * All keys before this place have been dealt with: a copy with this `cursor` does the rest. It lasts as long as those of
   * `scan` of the source, so for a store in memory or on files until that is closed.
   */
  readonly cursor: string | null;
}

const OPTIONS = ["signal", "replace", "verify", "concurrency", "cursor", "onProgress"];
/** Keys looked at in one step. */
const STEP = 256;

/**
 * Copies every key from one store to another, of whatever backends, with type, expiry and value. Resolves to what was done.
 *
 * Values go in parts, so that memory is bounded; a key appears in the target when it is whole. A key that the target holds already is
 * compared and left, so that a copy that was interrupted is taken up again by starting it once more, from the beginning or at the `cursor` that
 * `onProgress` was told last. Errors name the key. The source may be written to meanwhile: keys that are there all the time are copied, and
 * `verify` sees to it that each is as the source has it at one moment. Expiries are kept to within the time that a call takes.
 *
 * Parts are put together under keys that begin with `ferrite:copying:`; what a crash leaves there expires within the hour.
 *
 * @example
 * ```ts
 * import { copyTo, HybridLogStore, MemoryStore } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * await using memory = new MemoryStore();
 * await memory.rpush("list", ["a", "b"]);
 * await memory.set("greeting", "hello", { ttl: 60_000 });
 *
 * await using files = await HybridLogStore.open({ dataDir: await Deno.makeTempDir() });
 * const { copied } = await copyTo(memory, files, { verify: true });
 * assertEquals([copied, await files.llen("list")], [2, 2]);
 * assertEquals((await copyTo(memory, files)).equal, 2); // there is nothing left to do
 * ```
 */
export async function copyTo(
  source: StorageEngine,
  target: StorageEngine,
  options: CopyToOptions = {},
): Promise<CopyProgress> {
  checkOptionNames("copy", options, OPTIONS);
  const { signal, replace = false, verify = false, concurrency = 32, onProgress } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new StorageError("CONFIG", `Cannot copy: concurrency must be 1 or more, received ${describe(concurrency)}`);
  }
  const progress = { copied: 0, equal: 0, gone: 0, bytes: 0, total: 0, cursor: options.cursor ?? null };
  let refusal: unknown;
  const report = () => {
    try {
      onProgress?.({ ...progress });
    } catch (error) {
      throw refusal = error;
    }
  };
  const copier = new Copier(source as Store, target as Store, {
    signal,
    replace,
    verify,
    onBytes: (bytes) => {
      progress.bytes += bytes;
      report();
    },
  });
  const copy = async (key: Bytes) => {
    let outcome: Outcome;
    try {
      outcome = await copier.copy(key);
    } catch (error) {
      if (signal?.aborted || error === refusal) throw error;
      throw failed(key, error);
    }
    progress[outcome]++;
    report();
  };

  progress.total = await source.size({ signal });
  do {
    const step: ScanResult = await source.scan({ cursor: progress.cursor, count: STEP, signal });
    await forEach(step.keys, concurrency, copy);
    progress.cursor = step.cursor;
    report();
  } while (progress.cursor !== null);
  return progress;
}

/** Does something with each item, so many at a time. After the first failure no other is begun; it rejects when all have ended. */
async function forEach<T>(items: readonly T[], concurrency: number, run: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  let isOver = false;
  const work = async () => {
    for (const item of rest) {
      if (isOver) return;
      await run(item).catch((error) => {
        isOver = true;
        throw error;
      });
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(concurrency, items.length) }, work));
  const failure = workers.find(({ status }) => status === "rejected");
  if (failure !== undefined) throw (failure as PromiseRejectedResult).reason;
}

function failed(key: Bytes, error: unknown): StorageError {
  const isOurs = error instanceof StorageError;
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(isOurs ? error.code : "UNAVAILABLE", `Cannot copy key ${nameOf(key)}: ${reason}`, {
    cause: error,
    outcome: isOurs ? error.outcome : undefined,
  });
}

/** Longer names are cut. */
const MOST_NAME_BYTES = 200;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A key as an error message shows it: as text, or in hexadecimal where it is none. */
function nameOf(key: Bytes): string {
  const end = key.length > MOST_NAME_BYTES ? "…" : "";
  const part = key.subarray(0, MOST_NAME_BYTES);
  try {
    return JSON.stringify(decoder.decode(part)) + end;
  } catch {
    return `0x${toHex(part)}${end}`;
  }
}
