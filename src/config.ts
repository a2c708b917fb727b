/**
 * Configuration: a `ferrite.toml` or an object, checked against one schema.
 *
 * @module
 */
import { parse as parseToml } from "smol-toml";
import * as v from "valibot";
import { MAX_CORE_BYTES, MIN_CORE_BYTES } from "./core/core.ts";
import { describe, StorageError } from "./errors.ts";
import { requireFileSystem } from "./runtime/detect.ts";
import { formatSize, parseSize, type Size } from "./size.ts";

/** The backends there are. */
export type Backend = "memory" | "hybridlog" | "cloud";

/** `[storage.memory]`. */
export interface MemoryConfig {
  /** `max_size`: memory the store may hold, 8 MB to 4 GB. */
  maxSize?: Size;
  /** `eviction`: whether old keys go at the limit. */
  eviction?: boolean;
  /** `snapshot_path`: where checkpoints are saved. */
  snapshotPath?: string;
  /** Not in TOML: the compiled WASM core, for runtimes that forbid compiling. */
  module?: WebAssembly.Module;
}

/** `[storage.hybridlog]`. */
export interface HybridLogConfig {
  /** `data_dir`: the directory of the log. */
  dataDir?: string;
  /** `mutable_size`: memory for records that may be changed in place, 1 MB or more. */
  mutableSize?: Size;
  /** `readonly_size`: memory for records that are on their way to disk, copies of those read from it, and the index: 1 MB or more, with `mutable_size` 8 MB to 4 GB. */
  readonlySize?: Size;
  /** `index_size`: how much of that the index may take, 512 KB or more. */
  indexSize?: Size;
  /** `segment_size`: bytes of a file of the log, a power of two from 1 MB to 1 GB. */
  segmentSize?: Size;
  /** `durability`: when a write is on the disk. */
  durability?: "always" | "interval" | "manual";
  /** `commit_interval_ms`: milliseconds between commits under `"interval"`. */
  commitIntervalMs?: number;
  /** `io`: how records are read that are not in memory. */
  io?: "adaptive" | "blocking" | "async";
  /** `compaction`: whether the log is compacted on its own. */
  compaction?: boolean;
  /** Not in TOML: the compiled WASM core, for runtimes that forbid compiling. */
  module?: WebAssembly.Module;
}

/** `[storage.cloud]`. */
export interface CloudConfig {
  /** `provider`: Amazon S3 or what speaks its protocol, Google Cloud Storage, or Azure Blob Storage. */
  provider?: "s3" | "gcs" | "azure";
  /** `bucket`: its name, or that of the container. */
  bucket?: string;
  /** `region`: of S3. */
  region?: string;
  /** `endpoint`: where the server is, if it is not the provider's own. */
  endpoint?: string;
  /** `path_style`: of S3, whether the bucket is a part of the path and not of the host. */
  pathStyle?: boolean;
  /** `account`: of Azure. */
  account?: string;
  /**
   * `credentials`: a table of what the provider takes, or `"environment"`: for S3 from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
   * `AWS_SESSION_TOKEN`, for Google from `GOOGLE_OAUTH_ACCESS_TOKEN` or the file `GOOGLE_APPLICATION_CREDENTIALS`, for Azure from
   * `AZURE_STORAGE_SAS_TOKEN` or `AZURE_STORAGE_KEY`. In an object, also a function that gives them.
   */
  credentials?: "environment" | CloudCredentials | (() => CloudCredentials | Promise<CloudCredentials>);
  /** `prefix`: what the names of all objects begin with. */
  prefix?: string;
  /** `timeout_ms`: how long one attempt of a request may take. */
  timeoutMs?: number;
  /** `[storage.cloud.cache]`. */
  cache?: CloudCacheConfig;
  /** Not in TOML: the compiled WASM core, for runtimes that forbid compiling. */
  module?: WebAssembly.Module;
}

/** `[storage.cloud.credentials]`, in snake case. */
export type CloudCredentials =
  | { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }
  | { accountKey: string }
  | { sas: string; expiration?: Date }
  | { token: string; expiration?: Date };

/** `[storage.cloud.cache]`. */
export interface CloudCacheConfig {
  /** `size`: memory for what was read and written lately. */
  size?: Size;
  /** `max_staleness_ms`: how old what a read answers may be. */
  maxStalenessMs?: number;
  /** `negative`: whether that holds for keys that hold nothing, too. */
  negative?: boolean;
}

/** What `createStorage` takes: the table `[storage]`. Tables of backends that are not chosen are checked all the same. */
export interface StorageConfig {
  /** `backend`. */
  backend: Backend;
  /** `[storage.memory]`. */
  memory?: MemoryConfig;
  /** `[storage.hybridlog]`. */
  hybridlog?: HybridLogConfig;
  /** `[storage.cloud]`. */
  cloud?: CloudConfig;
}

const MB = 2 ** 20;

function size(min: number, max: number): v.GenericSchema<Size> {
  const range = `must be a size from ${formatSize(min)} to ${formatSize(max)}, such as "256MB" or a number of bytes`;
  const fits = (input: Size) => {
    const bytes = parseSize(input);
    return bytes !== null && bytes >= min && bytes <= max;
  };
  return v.pipe(v.union([v.number(range), v.string(range)], range), v.check(fits, range));
}

/** A size of which the whole number of bytes is a power of two. */
function powerOfTwo(min: number, max: number): v.GenericSchema<Size> {
  return v.pipe(
    size(min, max),
    v.check((input) => Number.isInteger(Math.log2(parseSize(input)!)), "must be a power of two"),
  );
}

const text = (what: string) => v.pipe(v.string(`must be ${what}`), v.nonEmpty(`must be ${what}`));

const CREDENTIAL = text("a string");

const SCHEMA = v.strictObject({
  backend: v.picklist(["memory", "hybridlog", "cloud"], 'must be "memory", "hybridlog" or "cloud"'),
  memory: v.optional(v.strictObject({
    maxSize: v.optional(size(MIN_CORE_BYTES, MAX_CORE_BYTES)),
    eviction: v.optional(v.boolean("must be true or false")),
    snapshotPath: v.optional(text("the path of a file")),
    module: v.optional(v.instance(WebAssembly.Module, "must be a WebAssembly.Module")),
  })),
  hybridlog: v.optional(v.strictObject({
    dataDir: v.optional(text("the path of a directory")),
    mutableSize: v.optional(size(MB, MAX_CORE_BYTES)),
    readonlySize: v.optional(size(MB, MAX_CORE_BYTES)),
    indexSize: v.optional(size(MB / 2, MAX_CORE_BYTES)),
    segmentSize: v.optional(powerOfTwo(MB, 1024 * MB)),
    durability: v.optional(
      v.picklist(["always", "interval", "manual"], 'must be "always", "interval" or "manual"'),
    ),
    commitIntervalMs: v.optional(v.pipe(
      v.number("must be a number of milliseconds"),
      v.minValue(1, "must be 1 or more"),
      v.maxValue(3_600_000, "must be 3,600,000 or less"),
    )),
    io: v.optional(v.picklist(["adaptive", "blocking", "async"], 'must be "adaptive", "blocking" or "async"')),
    compaction: v.optional(v.boolean("must be true or false")),
    module: v.optional(v.instance(WebAssembly.Module, "must be a WebAssembly.Module")),
  })),
  cloud: v.optional(v.strictObject({
    provider: v.optional(v.picklist(["s3", "gcs", "azure"], 'must be "s3", "gcs" or "azure"')),
    bucket: v.optional(text("the name of a bucket")),
    region: v.optional(text("the name of a region")),
    endpoint: v.optional(text("a URL")),
    pathStyle: v.optional(v.boolean("must be true or false")),
    account: v.optional(text("the name of an account")),
    credentials: v.optional(v.union([
      v.literal("environment"),
      v.custom<() => CloudCredentials>((value) => typeof value === "function"),
      v.strictObject({
        accessKeyId: CREDENTIAL,
        secretAccessKey: CREDENTIAL,
        sessionToken: v.optional(CREDENTIAL),
        expiration: v.optional(v.date()),
      }),
      v.strictObject({ accountKey: CREDENTIAL }),
      v.strictObject({ sas: CREDENTIAL, expiration: v.optional(v.date()) }),
      v.strictObject({ token: CREDENTIAL, expiration: v.optional(v.date()) }),
    ], 'must be "environment", or credentials of the provider')),
    prefix: v.optional(v.string("must be a string")),
    timeoutMs: v.optional(v.pipe(
      v.number("must be a number of milliseconds"),
      v.minValue(1, "must be 1 or more"),
      v.maxValue(2_147_483_647, "must be 2,147,483,647 or less"),
    )),
    cache: v.optional(v.strictObject({
      size: v.optional(size(MIN_CORE_BYTES, MAX_CORE_BYTES)),
      maxStalenessMs: v.optional(
        v.pipe(v.number("must be a number of milliseconds"), v.minValue(0, "must be 0 or more")),
      ),
      negative: v.optional(v.boolean("must be true or false")),
    })),
    module: v.optional(v.instance(WebAssembly.Module, "must be a WebAssembly.Module")),
  })),
});

/** The settings of the table at `path`, for the message about one that is not there. */
function settingsAt(path: string[]): string[] {
  let table: object = SCHEMA;
  for (const name of path) table = (table as { entries: Record<string, { wrapped: object }> }).entries[name].wrapped;
  return Object.keys((table as { entries?: object }).entries ?? {}).filter((name) => name !== "module");
}

/**
 * Checks a configuration object. `CONFIG` names the setting that is wrong and what is allowed.
 *
 * @example
 * ```ts
 * import { checkConfig, StorageError } from "@ferrite/storage";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => checkConfig({ backend: "memory", memory: { maxSize: "1XB" } }),
 *   StorageError,
 *   "storage.memory.maxSize must be a size from 8 MB to 4 GB",
 * );
 * ```
 */
export function checkConfig(config: unknown): StorageConfig {
  return check(config, (name) => name);
}

function check(config: unknown, spell: (name: string) => string): StorageConfig {
  const result = v.safeParse(SCHEMA, config, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((item) => String(item.key));
  const where = ["storage", ...path].map(spell).join(".");
  throw new StorageError("CONFIG", `Cannot use configuration: ${where} ${problemOf(issue, path, spell)}`);
}

function problemOf(issue: v.BaseIssue<unknown>, path: string[], spell: (name: string) => string): string {
  const isObject = issue.type === "strict_object";
  if (isObject && issue.expected === "never") {
    return `is not a setting; there are ${settingsAt(path.slice(0, -1)).map(spell).join(", ")}`;
  }
  if (isObject && path.length === 1 && path[0] === "backend") {
    return 'is missing; it must be "memory", "hybridlog" or "cloud"';
  }
  if (isObject) return `must be a table of settings, received ${describe(issue.input)}`;
  // What was meant to be a secret is not for logs.
  return path.includes("credentials") ? issue.message : `${issue.message}, received ${describe(issue.input)}`;
}

/**
 * Reads a configuration from the text of a `ferrite.toml`. `CONFIG` for text that is not TOML, with its line, and for
 * settings that are unknown or wrong.
 *
 * @example
 * ```ts
 * import { parseConfig } from "@ferrite/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const config = parseConfig(`
 *   [storage]
 *   backend = "memory"
 *   [storage.memory]
 *   max_size = "256MB"
 * `);
 * assertEquals(config, { backend: "memory", memory: { maxSize: "256MB" } });
 * ```
 */
export function parseConfig(toml: string): StorageConfig {
  let document: Record<string, unknown>;
  try {
    document = parseToml(toml);
  } catch (error) {
    const { line, column } = error as { line?: number; column?: number };
    const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new StorageError("CONFIG", `Cannot read configuration: line ${line}, column ${column}: ${reason}`, {
      cause: error,
    });
  }
  for (const name of Object.keys(document)) {
    if (name !== "storage") {
      throw new StorageError("CONFIG", `Cannot use configuration: ${name} is not a setting; there is storage`);
    }
  }
  return check(toCamelCase(document.storage), toSnakeCase);
}

/** Reads a configuration from a file. `UNAVAILABLE` when there is none; otherwise as {@linkcode parseConfig}. */
export async function loadConfig(path: string): Promise<StorageConfig> {
  const files = requireFileSystem("load configuration");
  let toml: string;
  try {
    toml = await files.readText(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError("UNAVAILABLE", `Cannot read configuration: ${reason}`, { cause: error });
  }
  return parseConfig(toml);
}

/** TOML spells settings in snake case. One in camel case is left as it is with a mark, so that it is an unknown one. */
function toCamelCase(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      /[A-Z]/.test(name) ? `${name} ` : name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      toCamelCase(inner),
    ]),
  );
}

function toSnakeCase(name: string): string {
  if (name.endsWith(" ")) return name.trimEnd();
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
