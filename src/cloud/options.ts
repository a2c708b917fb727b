// First, and apart, so that it stays first: in a bundle the text of the core is to be before the rest of the code. See mod.ts.
import { edgeModule } from "../core/edge_module.ts";

import { checkOptionNames } from "../arguments.ts";
import { MAX_CORE_BYTES, MIN_CORE_BYTES } from "../core/core.ts";
import { describe, StorageError } from "../errors.ts";
import { formatSize, parseSize, type Size } from "../size.ts";
import type { CutLimits } from "./cut.ts";
import type { Clock } from "./clock.ts";
import type { ObjectStorage } from "./object_storage.ts";

/** The local cache of a cloud store. */
export interface CloudCacheOptions {
  /** Memory for what was read and written lately, 8 MB to 4 GB; 64 MB if not given. What one call needs must fit. */
  size?: Size;
  /**
   * How old what a read answers may be, in milliseconds, 0 to `Infinity`; 0 if not given: it asks the bucket if what it has is current. What this store
   * writes itself it sees at once in any case, and what it writes never depends on anything old.
   */
  maxStalenessMs?: number;
  /** Whether that holds for keys that hold nothing, too. Not so if not given: they are looked for each time. */
  negative?: boolean;
}

/** How to set up a cloud store. */
export interface CloudOptions {
  /** The bucket: what `s3`, `gcs`, `azure` or `memoryObjects` give. */
  storage: ObjectStorage;
  /** What the names of all objects begin with, such as `"ferrite/"`; nothing if not given. Stores with different ones share a bucket. */
  prefix?: string;
  /** The local cache. */
  cache?: CloudCacheOptions;
  /** How long one attempt of a request may take, in milliseconds, 1 to 2,147,483,647; 30,000 if not given. */
  timeoutMs?: number;
  /** How often a request is made, at most, if it fails: 1 to 1,000 times; 6 if not given. */
  attempts?: number;
  /** How many requests are under way at a time, at most: 1 to 100,000; 128 if not given. */
  concurrency?: number;
  /**
   * For how long, in milliseconds, 0 to `Infinity`, the mark of a deleted key is left: longer than any request may be on its way. An hour if not given. Parts of
   * large values that were replaced are deleted after that time, or a minute if it is longer.
   */
  graceMs?: number;
  /**
   * The compiled part of the WASM core for the edge, for runtimes that forbid compiling, as Cloudflare's Workers do
   * (`import module from "@ferrite/storage/edge.wasm"`).
   */
  module?: WebAssembly.Module;
}

/** What only tests set. */
export interface Hidden {
  clock?: Clock;
  cutLimits?: CutLimits;
}

/** What is used, all of it given. */
export interface CheckedCloudOptions {
  readonly storage: ObjectStorage;
  readonly prefix: string;
  readonly cacheBytes: number;
  readonly maxStalenessMs: number;
  readonly negative: boolean;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly concurrency: number;
  readonly graceMs: number;
  readonly module: () => WebAssembly.Module;
}

const CACHE_BYTES = 64 * 2 ** 20;
const MAX_TIMER_MS = 2 ** 31 - 1;
const METHODS = ["get", "put", "delete", "list"] as const;

/** Checks options. `CONFIG` names the one that is wrong, and what is allowed. */
export function checkCloudOptions(options: CloudOptions): CheckedCloudOptions {
  checkOptionNames(TASK, options, OPTIONS);
  const { storage, prefix = "", cache = {}, module } = options;
  checkOptionNames(TASK, cache, CACHE_OPTIONS, "cache");
  const { size = CACHE_BYTES, negative = false } = cache;
  if (METHODS.some((method) => typeof storage?.[method] !== "function")) {
    throw wrong("storage", "a bucket, as s3, gcs, azure and memoryObjects give it", storage);
  }
  if (typeof prefix !== "string") throw wrong("prefix", "a string", prefix);
  if (typeof negative !== "boolean") throw wrong("cache.negative", "true or false", negative);
  if (module !== undefined && !(module instanceof WebAssembly.Module)) {
    throw wrong("module", "a WebAssembly.Module", module);
  }
  const cacheBytes = typeof size === "number" || typeof size === "string" ? parseSize(size) : null;
  if (cacheBytes === null || cacheBytes < MIN_CORE_BYTES || cacheBytes > MAX_CORE_BYTES) {
    throw wrong("cache.size", `a size from ${formatSize(MIN_CORE_BYTES)} to ${formatSize(MAX_CORE_BYTES)}`, size);
  }
  return {
    storage,
    prefix,
    cacheBytes,
    maxStalenessMs: number("cache.maxStalenessMs", cache.maxStalenessMs ?? 0, 0, Infinity),
    negative,
    timeoutMs: number("timeoutMs", options.timeoutMs ?? 30_000, 1, MAX_TIMER_MS),
    attempts: number("attempts", options.attempts ?? 6, 1, 1000),
    concurrency: number("concurrency", options.concurrency ?? 128, 1, 100_000),
    graceMs: number("graceMs", options.graceMs ?? 3_600_000, 0, Infinity),
    module: () => module ?? edgeModule(),
  };
}

const TASK = "open storage";
const OPTIONS = ["storage", "prefix", "cache", "timeoutMs", "attempts", "concurrency", "graceMs", "module"];
const CACHE_OPTIONS = ["size", "maxStalenessMs", "negative"];

function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw wrong(name, most === Infinity ? `a number of ${least} or more` : `a number from ${least} to ${most}`, value);
}

function wrong(name: string, expected: string, received: unknown): StorageError {
  return new StorageError("CONFIG", `Cannot ${TASK}: ${name} must be ${expected}, received ${describe(received)}`);
}
