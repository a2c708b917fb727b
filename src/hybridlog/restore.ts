import { quote, StorageError } from "../errors.ts";
import type { FileSystem } from "../runtime/files.ts";
import { isOlder } from "./addresses.ts";
import { copyFile, linkOrCopy } from "./checkpoint.ts";
import { Log } from "./log.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { type OnProgress, Progress } from "./progress.ts";
import { Segments } from "./segments.ts";

/**
 * Opens a checkpoint in place of a log that is open: its files are linked, the last one copied, under names of a new generation.
 * It counts from the moment at which its manifest is there.
 */
export async function restoreLog(log: Log, path: string, onProgress?: OnProgress): Promise<Log> {
  const { files } = log.options;
  const lock = await lockSource(files, path);
  try {
    const manifest = await readManifest(files, path);
    if (manifest === null) {
      throw new StorageError("UNAVAILABLE", `Cannot restore: there is no checkpoint at ${quote(path)}`);
    }
    const end = await Log.verify({ ...log.options, directory: path, onProgress }, manifest);
    const generation = log.generation + 1;
    await linkSegments(log, path, manifest, end, new Progress("restore", onProgress));
    return await log.openNext({ ...manifest, generation, index: null });
  } finally {
    await lock?.release().catch(() => {}); // what has been restored counts already
  }
}

/** Nobody may write to a directory while it is read. One on a disk that cannot be written needs no lock, nor can it have one. */
export async function lockSource(files: FileSystem, path: string): Promise<{ release(): Promise<void> } | null> {
  try {
    return await files.lock(path);
  } catch (error) {
    if (error instanceof StorageError && error.code === "LOCKED") throw error;
    return null;
  }
}

async function linkSegments(
  log: Log,
  path: string,
  manifest: Manifest,
  end: number,
  progress: Progress,
): Promise<void> {
  const { files, directory } = log.options;
  await log.space.segments.removeOthers();
  const source = new Segments(files, path, manifest.segmentBytes, manifest.generation);
  const target = new Segments(files, directory, manifest.segmentBytes, log.generation + 1);
  try {
    await source.openAll(false);
    const { grid } = source;
    const numbers = source.numbers().filter((number) => isOlder(grid.startOfNumber(number), end));
    for (const [i, number] of numbers.entries()) {
      // The last one goes on being written, here and perhaps there.
      const copies = number === grid.numberOf(end) ? copyFile : linkOrCopy;
      await copies(files, source.pathOf(number), target.pathOf(number), Infinity);
      await progress.report(i + 1, numbers.length);
    }
    await files.syncDirectory(directory);
  } finally {
    await source.close();
  }
}
