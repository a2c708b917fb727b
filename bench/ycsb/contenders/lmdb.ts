import { join } from "node:path";
import { importRival } from "../../rivals/import_rival.ts";
import type { Means, TableContender } from "./contender.ts";

interface Lmdb {
  get(key: string): Uint8Array | undefined;
  put(key: string, value: Uint8Array): Promise<boolean>;
  putSync(key: string, value: Uint8Array): void;
  transactionSync(action: () => void): void;
  close(): Promise<void>;
}

interface LmdbModule {
  open(options: Record<string, unknown>): Lmdb;
}

/** Larger than anything here: it never maps anew. */
export const MAP_BYTES: number = 64 * 1024 ** 3;

/**
 * It has no memory of its own but the system's page cache. Three times: with reads and writes in synchronous transactions, with
 * the puts that its documentation recommends, which it commits together from another thread, and with a commit for each put.
 */
export async function openLmdb({ directory, hasColdFiles }: Means): Promise<TableContender> {
  const { open } = await importRival<LmdbModule>("lmdb");
  const db = open({
    path: join(directory, "data.mdb"),
    encoding: "binary",
    compression: false,
    mapSize: MAP_BYTES,
    noSync: true,
    noMemInit: true,
    noReadAhead: hasColdFiles,
  });
  return {
    faces: [
      {
        label: "lmdb",
        isAwaited: false,
        get: (key) => db.get(key),
        set: (key, value) => db.putSync(key, value),
        transact: (run) => db.transactionSync(run),
      },
      {
        label: "lmdb put",
        isAwaited: false,
        readsAsAnother: true,
        get: (key) => db.get(key),
        async setMany(keys, values, count) {
          const puts: Promise<boolean>[] = [];
          for (let i = 0; i < count; i++) puts.push(db.put(keys[i], values[i]));
          await Promise.all(puts);
        },
      },
      {
        label: "lmdb, each call",
        isAwaited: false,
        readsAsAnother: true,
        get: (key) => db.get(key),
        set: (key, value) => db.putSync(key, value),
      },
    ],
    close: () => db.close(),
  };
}
