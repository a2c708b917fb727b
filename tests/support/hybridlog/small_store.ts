import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import type { Log } from "../../../src/hybridlog/log.ts";
import type { FaultyFiles } from "../faulty_files.ts";
import type { Random } from "../random.ts";

/** How a small store is set up. */
export interface Setting {
  readonly durability: "always" | "interval" | "manual";
  readonly io: "blocking" | "async" | "adaptive";
  readonly compaction: boolean;
  /** The number of a new log's first page. */
  readonly firstPage: number;
}

/** Nothing happens but what is asked for. */
export const QUIET: Setting = { durability: "manual", io: "blocking", compaction: false, firstPage: 0 };

/** Pages of 2^17 bytes, and addresses of 40 bits in units of 8 bytes. */
export const PAGES: number = 2 ** 26;

export function drawSetting(random: Random): Setting {
  return {
    durability: random.pick(["manual", "manual", "always", "interval"]),
    io: random.pick(["blocking", "async", "adaptive"]),
    compaction: random.below(2) === 0,
    firstPage: random.pick([0, 0, 7, PAGES - 1, PAGES - 2, PAGES - 9]),
  };
}

export interface Opened {
  store: HybridLogStore;
  log: Log;
}

/** Opens a store that takes 10 MB, in segments of 1 MB. */
export async function openSmall(
  files: FaultyFiles,
  { firstPage, ...options }: Setting,
  dataDir: string = "data",
): Promise<Opened> {
  let log!: Log;
  const all: HybridLogOptions = { ...options, dataDir, mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB" };
  const store = await HybridLogStore.open(all, { files, firstPage, onLog: (opened) => log = opened });
  return { store, log };
}
