import { checkOptionNames } from "../arguments.ts";
import { MAX_CORE_BYTES, MIN_CORE_BYTES } from "../core/core.ts";
import { describe, StorageError } from "../errors.ts";
import type { FileSystem } from "../runtime/files.ts";
import { requireFileSystem } from "../runtime/detect.ts";
import { formatSize, parseSize, type Size } from "../size.ts";
import type { Log, LogOptions } from "./log.ts";
import type { OnProgress } from "./progress.ts";

/** When a write is on the disk. */
export type Durability = "always" | "interval" | "manual";

/** How cold records are read. */
export type Io = "adaptive" | "blocking" | "async";

/** How to set up a {@linkcode HybridLogStore}. */
export interface HybridLogOptions {
  /** The directory of the log; it is made if there is none. `"./data"` if not given. */
  dataDir?: string;
  /** Memory for the newest records, which are changed in place: 1 MB or more. `"64MB"` if not given. */
  mutableSize?: Size;
  /**
   * The rest of the memory: for records on their way to disk, for copies of those read from it, and for the index, which takes
   * some 12 bytes for each key: 1 MB or more. `"192MB"` if not given. Together with `mutableSize` 8 MB to 4 GB.
   */
  readonlySize?: Size;
  /** How much the index may take of it, 512 KB or more. Seven eighths of `readonlySize` if not given. */
  indexSize?: Size;
  /** Bytes of a file of the log, a power of two from 1 MB to 1 GB; fixed when the log is made. `"64MB"` if not given. */
  segmentSize?: Size;
  /**
   * `"always"`: a write resolves when it is on the disk; those under way at a time share one sync. `"interval"`: once a
   * second, so a crash may cost the last second. `"manual"`: at `commit()`, `checkpoint()` and `close()`,
   * and when the log is compacted or its index saved. `"interval"` if not given.
   */
  durability?: Durability;
  /** Milliseconds between commits under `"interval"`, 1 to 3,600,000. 1,000 if not given. */
  commitIntervalMs?: number;
  /**
   * How records are read that are not in memory: `"blocking"`, which is fastest for what the system has in its page cache; `"async"`,
   * many at a time; or as reads turn out to take. `"adaptive"` if not given.
   */
  io?: Io;
  /** Whether the log is compacted on its own. True if not given. */
  compaction?: boolean;
  /** Is told how opening comes along. */
  onProgress?: OnProgress;
  /** The compiled WASM core, for runtimes that forbid compiling (`import module from "@ferrite/storage/core.wasm"`). */
  module?: WebAssembly.Module;
}

/** What only tests set. */
export interface Hidden {
  files?: FileSystem;
  firstPage?: number;
  longestBytes?: number;
  /** Is shown the log, as often as there is another. */
  onLog?: (log: Log) => void;
}

/** Options with everything filled in and checked. */
export interface CheckedOptions {
  log: LogOptions;
  durability: Durability;
  commitIntervalMs: number;
  io: Io;
  compaction: boolean;
}

const DEFAULTS = {
  dataDir: "./data",
  mutableSize: "64MB",
  readonlySize: "192MB",
  segmentSize: "64MB",
  durability: "interval",
  commitIntervalMs: 1000,
  io: "adaptive",
  compaction: true,
} as const;

const NAMES = [...Object.keys(DEFAULTS), "indexSize", "onProgress", "module"];
type Optional = "indexSize" | "onProgress" | "module";
const MB = 2 ** 20;
const GB = 2 ** 30;

function refuse(problem: string): StorageError {
  return new StorageError("CONFIG", `Cannot open storage: ${problem}`);
}

function checkSize(name: string, size: unknown, min: number, max: number): number {
  const bytes = parseSize(size as Size);
  if (bytes !== null && bytes >= min && bytes <= max) return bytes;
  throw refuse(`${name} must be a size from ${formatSize(min)} to ${formatSize(max)}, received ${describe(size)}`);
}

function checkChoice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  const list = choices.map((choice) => `"${choice}"`).join(", ");
  throw refuse(`${name} must be one of ${list}, received ${describe(value)}`);
}

/** Checks options and fills in what is not given. `CONFIG` for what makes no sense. */
export function checkHybridOptions(options: HybridLogOptions, hidden: Hidden): CheckedOptions {
  checkOptionNames("open storage", options, NAMES);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all: Required<Omit<HybridLogOptions, Optional>> & Pick<HybridLogOptions, Optional> = { ...DEFAULTS, ...given };
  const { dataDir, commitIntervalMs, compaction, module, onProgress } = all;
  if (typeof dataDir !== "string" || dataDir === "") {
    throw refuse(`dataDir must be the path of a directory, received ${describe(dataDir)}`);
  }
  const mutableBytes = checkSize("mutableSize", all.mutableSize, MB, MAX_CORE_BYTES);
  const readonlyBytes = checkSize("readonlySize", all.readonlySize, MB, MAX_CORE_BYTES);
  const memoryBytes = mutableBytes + readonlyBytes;
  if (memoryBytes < MIN_CORE_BYTES || memoryBytes > MAX_CORE_BYTES) {
    const range = `${formatSize(MIN_CORE_BYTES)} to ${formatSize(MAX_CORE_BYTES)}`;
    throw refuse(`mutableSize and readonlySize must be ${range} together, received ${formatSize(memoryBytes)}`);
  }
  const segmentBytes = checkSize("segmentSize", all.segmentSize, MB, GB);
  if (!Number.isInteger(Math.log2(segmentBytes))) {
    throw refuse(`segmentSize must be a power of two, received ${describe(all.segmentSize)}`);
  }
  const indexBytes = all.indexSize === undefined ? null : checkSize("indexSize", all.indexSize, MB / 2, readonlyBytes);
  if (typeof commitIntervalMs !== "number" || !(commitIntervalMs >= 1 && commitIntervalMs <= 3_600_000)) {
    throw refuse(`commitIntervalMs must be a number from 1 to 3,600,000, received ${describe(commitIntervalMs)}`);
  }
  if (typeof compaction !== "boolean") {
    throw refuse(`compaction must be true or false, received ${describe(compaction)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw refuse(`onProgress must be a function, received ${describe(onProgress)}`);
  }
  if (module !== undefined && !(module instanceof WebAssembly.Module)) {
    throw refuse(`module must be a WebAssembly.Module, received ${describe(module)}`);
  }
  return {
    log: {
      directory: dataDir,
      mutableBytes,
      memoryBytes,
      segmentBytes,
      indexBytes,
      files: hidden.files ?? requireFileSystem("open storage"),
      firstPage: hidden.firstPage,
      longestBytes: hidden.longestBytes,
      module,
      onProgress,
    },
    durability: checkChoice("durability", all.durability, ["always", "interval", "manual"]),
    commitIntervalMs,
    io: checkChoice("io", all.io, ["adaptive", "blocking", "async"]),
    compaction,
  };
}
