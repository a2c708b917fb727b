import { BlockCache } from "./block_cache.ts";
import { mapWithBun } from "./bun.ts";
import { denoFlock } from "./deno.ts";
import type { FileSystem } from "./files.ts";
import { lockDirectory } from "./lock.ts";
import { mapBlocks } from "./mapped.ts";
import { called, openFile } from "./open_file.ts";
import { type HostProcess, processesOf } from "./owner.ts";

type NodeFs = typeof import("node:fs");

/** What a runtime brings along. */
export interface Host {
  readonly fs: NodeFs;
  readonly os: { hostname(): string };
  readonly path: { dirname(path: string): string };
  readonly process: HostProcess;
}

/** What all mapped files together keep in memory, where they are not really mapped. */
const MAPPED_BYTES = 2 * 2 ** 20;

/** Files through `node:fs`, which Node, Deno and Bun all have, positional reads and writes included. */
export function nodeFileSystem(host: Host): FileSystem {
  const { fs, path: { dirname } } = host;
  const { promises } = fs;
  const blocks = new BlockCache(MAPPED_BYTES);
  // Windows does not open directories, and NTFS logs what happens to names.
  const syncsDirectories = host.process.platform !== "win32";

  const opened = async (path: string, flags: string) =>
    openFile(fs, await called((done: (error: Error | null, descriptor: number) => void) => fs.open(path, flags, done)));

  const files: FileSystem = {
    mapsDirectly: (globalThis as { Bun?: unknown }).Bun !== undefined,
    open: (path) => opened(path, "r"),
    create: (path) => opened(path, "wx+"),
    createSync: (path) => openFile(fs, fs.openSync(path, "wx+")),
    edit: (path) => opened(path, "r+"),
    async replace(from, to) {
      await promises.rename(from, to);
      await files.syncDirectory(dirname(to));
    },
    link: (from, to) => promises.link(from, to),
    remove: (path) => promises.rm(path, { force: true }),
    removeDirectory: (path) => promises.rm(path, { force: true, recursive: true }),
    async makeDirectory(path) {
      const parent = dirname(path);
      try {
        await promises.mkdir(path);
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === "ENOENT" && parent !== path) {
          await files.makeDirectory(parent);
          return await files.makeDirectory(path);
        }
        if (code !== "EEXIST" || !(await promises.stat(path)).isDirectory()) throw error;
      }
      // Also when it was there: whoever made it may have been stopped before this.
      await files.syncDirectory(parent).catch(ignoreRefusal);
    },
    async syncDirectory(path) {
      if (!syncsDirectories) return;
      const directory = await promises.open(path, "r");
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    },
    syncDirectorySync(path) {
      if (!syncsDirectories) return;
      const directory = fs.openSync(path, "r");
      try {
        fs.fsyncSync(directory);
      } finally {
        fs.closeSync(directory);
      }
    },
    list: (directory) => promises.readdir(directory),
    readText: (path) => promises.readFile(path, "utf8"),
    async map(path) {
      const file = await files.open(path);
      return mapWithBun(path, file) ?? await mapBlocks(file, blocks);
    },
    lock: (directory) =>
      lockDirectory({
        files,
        processes: processesOf(fs, host.os, host.process),
        flock: denoFlock(),
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      }, directory),
  };
  return files;
}

/** A process that may use a directory may not always look into the one above it. */
function ignoreRefusal(error: { name?: string; code?: string }): void {
  if (error.code !== "EACCES" && error.code !== "EPERM" && error.name !== "NotCapable") throw error;
}
