import { StorageError } from "../errors.ts";
import { type OnProgress, Progress } from "./progress.ts";
import { copyFile, linkOrCopy } from "./checkpoint.ts";
import { Log } from "./log.ts";
import { readManifest, writeManifest } from "./manifest.ts";
import { Segments } from "./segments.ts";

/**
 * Replaces a log that is open by a checkpoint, whose files are linked, the last one copied, under names of a new generation. It
 * counts from the moment at which the manifest is replaced. Returns the log that is open then.
 */
export async function restoreLog(log: Log, path: string, onProgress?: OnProgress): Promise<Log> {
  const { files, directory } = log.options;
  const manifest = await readManifest(files, path);
  if (manifest === null) {
    throw new StorageError("UNAVAILABLE", `Cannot restore: there is no checkpoint at ${JSON.stringify(path)}`);
  }
  await Log.verify({ ...log.options, directory: path, onProgress });
  const generation = log.generation + 1;
  const source = new Segments(files, path, manifest.segmentBytes, manifest.generation);
  const target = new Segments(files, directory, manifest.segmentBytes, generation);
  await source.openAll(false);
  try {
    const numbers = source.numbers();
    const last = manifest.epochs.at(-1)!.until!;
    const progress = new Progress("restore", onProgress);
    for (const [i, number] of numbers.entries()) {
      await files.remove(target.pathOf(number));
      // The last one goes on being written.
      const copies = number === source.grid.numberOf(last) ? copyFile : linkOrCopy;
      await copies(files, source.pathOf(number), target.pathOf(number), Infinity);
      await progress.report(i + 1, numbers.length);
    }
    await files.syncDirectory(directory);
  } finally {
    await source.close();
  }
  return await log.replaceBy({ ...manifest, generation, index: null }, (next) => writeManifest(files, directory, next));
}
