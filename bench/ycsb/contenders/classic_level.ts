import { importRival } from "../../rivals/import_rival.ts";
import type { Means, TableContender } from "./contender.ts";

interface Put {
  type: "put";
  key: string;
  value: Uint8Array;
}

interface ClassicLevel {
  open(): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  getSync(key: string): Uint8Array | undefined;
  batch(puts: Put[]): Promise<void>;
  compactRange(start: string, end: string): Promise<void>;
  close(): Promise<void>;
}

interface ClassicLevelModule {
  ClassicLevel: new (path: string, options: Record<string, unknown>) => ClassicLevel;
}

const LANES = 64;

/** LevelDB; its writes are batches with a promise. It keeps up to two buffers of what was written last. */
export async function openClassicLevel({ directory, budgetBytes, writeBytes }: Means): Promise<TableContender> {
  const { ClassicLevel } = await importRival<ClassicLevelModule>("classic-level");
  const db = new ClassicLevel(directory, {
    keyEncoding: "utf8",
    valueEncoding: "view",
    compression: false,
    cacheSize: budgetBytes - writeBytes,
    writeBufferSize: writeBytes / 2,
  });
  await db.open();
  return {
    faces: [
      {
        label: "classic-level",
        isAwaited: false,
        get: (key) => db.getSync(key),
        setMany(keys, values, count) {
          const puts: Put[] = [];
          for (let i = 0; i < count; i++) puts.push({ type: "put", key: keys[i], value: values[i] });
          return db.batch(puts);
        },
      },
      { label: `classic-level, ${LANES} at a time`, isAwaited: true, lanes: LANES, get: (key) => db.get(key) },
    ],
    settle: () => db.compactRange("key:", "key;"),
    close: () => db.close(),
  };
}
