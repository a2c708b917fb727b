import type { FileSystem, OpenFile } from "./files.ts";

type NodeFs = typeof import("node:fs");
type FileHandle = import("node:fs/promises").FileHandle;

/** Files through `node:fs`, which Node, Deno and Bun all have, positional reads and writes included. */
export function nodeFileSystem(fs: NodeFs): FileSystem {
  const { promises } = fs;
  return {
    open: async (path) => openFile(fs, await promises.open(path, "r")),
    create: async (path) => openFile(fs, await promises.open(path, "wx")),
    async replace(from, to) {
      await promises.rename(from, to);
      await syncDirectory(fs, directoryOf(to));
    },
    remove: (path) => promises.rm(path, { force: true }),
    readText: (path) => promises.readFile(path, "utf8"),
  };
}

function openFile(fs: NodeFs, handle: FileHandle): OpenFile {
  return {
    async read(into, position) {
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    },
    async write(bytes, position) {
      let done = 0;
      while (done < bytes.length) {
        done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      }
    },
    writeSync(bytes, position) {
      let done = 0;
      while (done < bytes.length) {
        done += fs.writeSync(handle.fd, bytes, done, bytes.length - done, position + done);
      }
    },
    sync: () => handle.sync(),
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}

async function syncDirectory(fs: NodeFs, path: string): Promise<void> {
  if (globalThis.process?.platform === "win32") return; // directories cannot be opened there, and NTFS logs renames
  const directory = await fs.promises.open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function directoryOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || "/";
}
