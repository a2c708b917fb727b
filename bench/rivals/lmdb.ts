import { join } from "node:path";
import type { Contender } from "./contender.ts";
import { temporaryDirectory } from "./directory.ts";
import { importRival } from "./import_rival.ts";

interface Lmdb {
  get(key: string): Uint8Array | undefined;
  getBinaryFast(key: string): Uint8Array | undefined;
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>;
  put(key: string, value: Uint8Array): Promise<boolean>;
  putSync(key: string, value: Uint8Array): void;
  transactionSync(action: () => void): void;
  close(): Promise<void>;
}

interface LmdbModule {
  open(options: Record<string, unknown>): Lmdb;
}

/**
 * Bytes in, bytes out, no compression; nothing is forced to disk, because the others do not do that either. With a
 * map size given it never maps anew.
 */
export async function openLmdb(): Promise<Contender> {
  const { open } = await importRival<LmdbModule>("lmdb");
  const directory = temporaryDirectory();
  const db = open({
    path: join(directory.path, "data.mdb"),
    encoding: "binary",
    compression: false,
    mapSize: 8 * 1024 ** 3,
    noSync: true,
    noMemInit: true,
  });
  return {
    faces: [
      {
        label: "lmdb",
        isAsync: false,
        get: (key) => db.get(key),
        setMany(keys, values, start, end) {
          db.transactionSync(() => {
            for (let i = start; i < end; i++) db.putSync(keys[i], values[i]);
          });
        },
      },
      // Its fastest read gives a buffer that the next read overwrites: less than the others promise, so a row of its own.
      {
        label: "lmdb getBinaryFast",
        isAsync: false,
        borrows: true,
        get: (key) => db.getBinaryFast(key),
      },
      {
        label: "lmdb",
        isAsync: true,
        getMany: (keys) => db.getMany(keys),
        // It commits puts that were called together in one transaction: this is how it wants to be used.
        setMany(keys, values, start, end) {
          const puts: Promise<boolean>[] = [];
          for (let i = start; i < end; i++) {
            puts.push(db.put(keys[i], values[i]));
          }
          return Promise.all(puts);
        },
      },
    ],
    async close() {
      await db.close();
      directory.remove();
    },
  };
}
