import type { Contender } from "./contender.ts";
import { temporaryDirectory } from "./directory.ts";
import { importRival } from "./import_rival.ts";

interface Put {
  type: "put";
  key: string;
  value: Uint8Array;
}

interface ClassicLevel {
  open(): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  getSync(key: string): Uint8Array | undefined;
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>;
  batch(puts: Put[]): Promise<void>;
  compactRange(start: string, end: string): Promise<void>;
  close(): Promise<void>;
}

interface ClassicLevelModule {
  ClassicLevel: new (path: string, options: Record<string, unknown>) => ClassicLevel;
}

/** LevelDB with a block cache that holds everything and no compression; merged after the load. It writes only async. */
export async function openClassicLevel(): Promise<Contender> {
  const { ClassicLevel } = await importRival<ClassicLevelModule>("classic-level");
  const directory = temporaryDirectory();
  const db = new ClassicLevel(directory.path, {
    keyEncoding: "utf8",
    valueEncoding: "view",
    compression: false,
    cacheSize: 1024 ** 3,
    writeBufferSize: 64 * 1024 ** 2,
  });
  await db.open();
  return {
    faces: [
      { label: "classic-level", isAsync: false, get: (key) => db.getSync(key) },
      {
        label: "classic-level",
        isAsync: true,
        get: (key) => db.get(key),
        getMany: (keys) => db.getMany(keys),
        setMany(keys, values, start, end) {
          const puts: Put[] = [];
          for (let i = start; i < end; i++) {
            puts.push({ type: "put", key: keys[i], value: values[i] });
          }
          return db.batch(puts);
        },
      },
    ],
    settle: () => db.compactRange("key:", "key;"),
    async close() {
      await db.close();
      directory.remove();
    },
  };
}
