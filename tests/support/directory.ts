import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireFileSystem } from "../../src/runtime/detect.ts";
import type { FileSystem } from "../../src/runtime/files.ts";

/** Runs with a folder of its own, which is gone afterwards. */
export async function inDirectory(run: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "ferrite-"));
  try {
    await run((name) => join(directory, name));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The files of this runtime, with something done at each write of a block. */
export function interposed(before: { write(): void; writeSync(): void }): FileSystem {
  const files = requireFileSystem("test");
  return {
    ...files,
    create: async (path) => {
      const file = await files.create(path);
      return {
        ...file,
        write(bytes, position) {
          before.write();
          return file.write(bytes, position);
        },
        writeSync(bytes, position) {
          before.writeSync();
          file.writeSync(bytes, position);
        },
      };
    },
  };
}
