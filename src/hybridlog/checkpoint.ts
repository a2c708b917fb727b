import type { FileSystem } from "../runtime/files.ts";
import { isOlder } from "./addresses.ts";
import type { Progress } from "./progress.ts";
import { COPY_BYTES, type Segments } from "./segments.ts";

/**
 * Puts the segments of a log up to `end`, which is on the disk, into a directory of their own: the sealed ones, which are never
 * written again, as links, or as copies where links cannot be; the last one as a copy that is cut at `end`.
 */
export async function copySegments(
  files: FileSystem,
  segments: Segments,
  directory: string,
  end: number,
  progress: Progress,
): Promise<void> {
  await files.makeDirectory(directory);
  const { grid } = segments;
  const numbers = segments.numbers().filter((number) => isOlder(grid.startOfNumber(number), end));
  for (const [i, number] of numbers.entries()) {
    const target = `${directory}/${segments.nameOf(number)}`;
    const isLast = grid.startOfNumber(number) === grid.startOf(end);
    if (isLast) await copyFile(files, segments.pathOf(number), target, grid.offsetOf(end));
    else await linkOrCopy(files, segments.pathOf(number), target);
    await progress.report(i + 1, numbers.length);
  }
}

export async function linkOrCopy(files: FileSystem, from: string, to: string): Promise<void> {
  try {
    await files.link(from, to);
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") throw error;
    await copyFile(files, from, to, Infinity);
  }
}

/** Copies the first `length` bytes of a file to a new one, and has them on the disk. */
export async function copyFile(files: FileSystem, from: string, to: string, length: number): Promise<void> {
  const source = await files.open(from);
  try {
    const target = await files.create(to);
    try {
      const buffer = new Uint8Array(COPY_BYTES);
      for (let at = 0; at < length;) {
        const done = await source.read(buffer.subarray(0, Math.min(COPY_BYTES, length - at)), at);
        if (done === 0) break;
        await target.write(buffer.subarray(0, done), at);
        at += done;
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
