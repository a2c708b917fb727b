import { Buffer } from "node:buffer";
import { fdatasyncSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type Durability, type HybridLogOptions, HybridLogStore } from "../../../mod.ts";
import { importRival } from "../../rivals/import_rival.ts";
import { MAP_BYTES } from "../../ycsb/contenders/lmdb.ts";
import type { RocksDbModule } from "../../ycsb/contenders/rocksdb.ts";
import { connectSqlite, SQLITE_GET, SQLITE_PUT } from "../../ycsb/contenders/sqlite.ts";
import { recordBytes } from "../plan.ts";
import { turn } from "../../worker/turn.ts";
import { DURABLE_VALUE_BYTES, type DurableContender, type DurableWork } from "./contender.ts";

/** What is promised: that each write is on the disk when it is answered, or nothing of the kind. */
type Group = "flushed" | "not flushed";

export const DURABLE: Readonly<
  Record<
    string,
    {
      group: Group;
      open(directory: string): DurableContender | Promise<DurableContender>;
    }
  >
> = {
  ferrite: {
    group: "flushed",
    open: (directory) => openFerrite(directory, "always"),
  },
  "write + fdatasync": { group: "flushed", open: (directory) => openBare(directory, false) },
  "write + fdatasync, awaited": { group: "flushed", open: (directory) => openBare(directory, true) },
  lmdb: { group: "flushed", open: openLmdb },
  "classic-level": { group: "flushed", open: openClassicLevel },
  rocksdb: { group: "flushed", open: openRocksDb },
  SQLite: {
    group: "flushed",
    open: (directory) => openSqlite(directory, false),
  },
  "SQLite, one transaction": {
    group: "flushed",
    open: (directory) => openSqlite(directory, true),
  },
  "ferrite manual": {
    group: "not flushed",
    open: (directory) => openFerrite(directory, "manual"),
  },
  "ferrite interval": {
    group: "not flushed",
    open: (directory) => openFerrite(directory, "interval"),
  },
  // Of which so much is written to files, and compacted, whatever the durability.
  "ferrite manual, little memory": {
    group: "not flushed",
    open: (directory) => openFerrite(directory, "manual", LITTLE),
  },
  "ferrite interval, little memory": {
    group: "not flushed",
    open: (directory) => openFerrite(directory, "interval", LITTLE),
  },
};

/** As many writers as asked for, each of which writes one value after another. */
async function together(
  { order, keys, values, writers, limitMs }: DurableWork,
  write: (key: string, value: Uint8Array) => Promise<unknown>,
): Promise<number> {
  const end = performance.now() + limitMs;
  let next = 0;
  const writer = async () => {
    while (next < keys.length && performance.now() < end) {
      const i = next++;
      await write(keys[i], values.at(i, order[i]));
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return next;
}

/** One batch after another, with a value of each writer in it. */
async function inBatches(
  { order, keys, values, writers, limitMs }: DurableWork,
  write: (keys: string[], values: Uint8Array[]) => void | Promise<void>,
): Promise<number> {
  const end = performance.now() + limitMs;
  let done = 0;
  while (done < keys.length && performance.now() < end) {
    const batch = keys.slice(done, done + writers);
    await write(batch, batch.map((_, i) => values.at(done + i, order[done + i])));
    done += batch.length;
  }
  return done;
}

const LITTLE: HybridLogOptions = { mutableSize: "8MB", readonlySize: "56MB" };

async function openFerrite(
  directory: string,
  durability: Durability,
  memory: HybridLogOptions = {},
): Promise<DurableContender> {
  const store = await HybridLogStore.open({ ...memory, dataDir: directory, durability });
  return {
    write: (work) =>
      durability === "always"
        ? together(work, (key, value) => store.set(key, value))
        : inBatches(work, async (keys, values) => {
          await Promise.all(keys.map((key, i) => store.set(key, values[i])));
          await turn(); // nobody has waited for the disk: this is when the clock is looked at, and files written
        }),
    get: (key) => store.get(key),
    figures() {
      const { bytesWritten, syncs } = store.stats();
      return { bytesWritten, syncs };
    },
    close: () => store.close(),
  };
}

/** Bytes as many as the records of the writers take, at the end of one file; with blocking calls or awaited ones. */
async function openBare(directory: string, isAwaited: boolean): Promise<DurableContender> {
  const file = await open(join(directory, "bare.log"), "w");
  let position = 0;
  return {
    async write({ keys, writers, limitMs }) {
      const bytes = Buffer.alloc(writers * recordBytes(DURABLE_VALUE_BYTES), 7);
      const end = performance.now() + limitMs;
      let done = 0;
      while (done < keys.length && performance.now() < end) {
        if (isAwaited) {
          await file.write(bytes, 0, bytes.length, position);
          await file.datasync();
        } else {
          writeSync(file.fd, bytes, 0, bytes.length, position);
          fdatasyncSync(file.fd);
        }
        position += bytes.length;
        done += writers;
      }
      return done;
    },
    close: () => file.close(),
  };
}

interface Lmdb {
  get(key: string): Uint8Array | undefined;
  put(key: string, value: Uint8Array): Promise<boolean> & { flushed: Promise<unknown> };
  close(): Promise<void>;
}

/** Its own batching of puts, whose promise to be on the disk is awaited. */
async function openLmdb(directory: string): Promise<DurableContender> {
  const { open } = await importRival<
    { open(options: Record<string, unknown>): Lmdb }
  >("lmdb");
  const db = open({
    path: join(directory, "data.mdb"),
    encoding: "binary",
    compression: false,
    mapSize: MAP_BYTES,
    separateFlushed: true,
  });
  return {
    write: (work) => together(work, (key, value) => db.put(key, value).flushed),
    get: (key) => db.get(key),
    close: () => db.close(),
  };
}

interface ClassicLevel {
  open(): Promise<void>;
  getSync(key: string): Uint8Array | undefined;
  put(key: string, value: Uint8Array, options: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

interface ClassicLevelModule {
  ClassicLevel: new (path: string, options: Record<string, unknown>) => ClassicLevel;
}

/** Puts of its own for each writer: LevelDB syncs those together that its threads bring at a time. */
async function openClassicLevel(directory: string): Promise<DurableContender> {
  const { ClassicLevel } = await importRival<ClassicLevelModule>("classic-level");
  const db = new ClassicLevel(directory, { keyEncoding: "utf8", valueEncoding: "view", compression: false });
  await db.open();
  return {
    write: (work) => together(work, (key, value) => db.put(key, value, { sync: true })),
    get: (key) => db.getSync(key),
    close: () => db.close(),
  };
}

/** The binding writes in the calling thread, so the writes of all writers are put in one batch here. */
async function openRocksDb(directory: string): Promise<DurableContender> {
  const { RocksLevel } = await importRival<RocksDbModule>("@nxtedition/rocksdb");
  const db = new RocksLevel(directory);
  await db.open({ createIfMissing: true, compression: false });
  const batch = db._chainedBatch();
  return {
    write: (work) =>
      inBatches(work, (keys, values) => {
        for (let i = 0; i < keys.length; i++) {
          batch._put(Buffer.from(keys[i], "latin1"), values[i]);
        }
        batch._writeSync({ sync: true });
        batch._clear();
      }),
    get: (key) => db._getManySync([Buffer.from(key, "latin1")])[0],
    close: () => db.close(),
  };
}

const SQLITE_CACHE_BYTES = 256 * 2 ** 20;

/** A transaction for each write, or, by hand, one for all writers. */
async function openSqlite(directory: string, isGrouped: boolean): Promise<DurableContender> {
  const means = { directory, budgetBytes: SQLITE_CACHE_BYTES, writeBytes: 0 };
  const { db, bytesOf } = await connectSqlite(means, "FULL");
  const get = db.prepareGet(SQLITE_GET);
  const put = db.preparePut(SQLITE_PUT);
  return {
    write: (work) =>
      inBatches(isGrouped ? work : { ...work, writers: 1 }, (keys, values) => {
        if (isGrouped) db.exec("BEGIN");
        for (let i = 0; i < keys.length; i++) put(bytesOf(keys[i]), values[i]);
        if (isGrouped) db.exec("COMMIT");
      }),
    get: (key) => get(bytesOf(key)),
    close: () => db.close(),
  };
}
