import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Bytes that a directory takes on the disk. */
export function diskBytesOf(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? diskBytesOf(path) : statSync(path).blocks * 512;
  }
  return bytes;
}
