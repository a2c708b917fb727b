import { Buffer } from "node:buffer";
import { setTimeout } from "node:timers/promises";
import { importRival } from "../../rivals/import_rival.ts";
import type { Means, TableContender } from "./contender.ts";

export interface Batch {
  _put(key: Uint8Array, value: Uint8Array): void;
  _clear(): void;
  _writeSync(options?: { sync: boolean }): void;
}

export interface RocksDb {
  open(options: Record<string, unknown>): Promise<void>;
  getMany(keys: Uint8Array[], options: object): Promise<(Uint8Array | undefined)[]>;
  _getManySync(keys: Uint8Array[]): (Uint8Array | undefined)[];
  _chainedBatch(): Batch;
  getProperty(name: string): string;
  close(): Promise<void>;
}

export interface RocksDbModule {
  RocksLevel: new (path: string) => RocksDb;
}

const LANES = 64;
const BYTES = { keyEncoding: "buffer", valueEncoding: "buffer" };
const REST_MS = 10;
const UNDER_WAY = [
  "rocksdb.num-running-flushes",
  "rocksdb.num-running-compactions",
  "rocksdb.mem-table-flush-pending",
  "rocksdb.compaction-pending",
];

async function rest(db: RocksDb): Promise<void> {
  while (UNDER_WAY.some((name) => db.getProperty(name) !== "0")) {
    await setTimeout(REST_MS);
  }
}

/** Through the calls of the binding that answer at once, which are its fastest by far. */
export async function openRocksDb({ directory, budgetBytes, writeBytes }: Means): Promise<TableContender> {
  const { RocksLevel } = await importRival<RocksDbModule>("@nxtedition/rocksdb");
  const db = new RocksLevel(directory);
  await db.open({
    createIfMissing: true,
    compaction: "level",
    compression: false,
    optimize: "point-lookup",
    parallelism: 2,
    cacheSize: budgetBytes - writeBytes,
    cacheIndexAndFilterBlocks: true,
    memtableMemoryBudget: writeBytes,
  });
  const get = (key: string) => db._getManySync([Buffer.from(key, "latin1")])[0];
  const batch = db._chainedBatch();
  const write = (keys: string[], values: Uint8Array[], count: number) => {
    for (let i = 0; i < count; i++) {
      batch._put(Buffer.from(keys[i], "latin1"), values[i]);
    }
    batch._writeSync();
    batch._clear();
  };
  return {
    faces: [
      { label: "rocksdb", isAwaited: false, get, setMany: write },
      {
        label: "rocksdb, each call",
        isAwaited: false,
        readsAsAnother: true,
        get,
        set: (key, value) => write([key], [value], 1),
      },
      {
        label: `rocksdb, ${LANES} at a time`,
        isAwaited: true,
        lanes: LANES,
        get: async (key) => (await db.getMany([Buffer.from(key, "latin1")], BYTES))[0],
      },
    ],
    settle: () => rest(db),
    rest: () => rest(db),
    close: () => db.close(),
  };
}
