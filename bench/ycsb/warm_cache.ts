import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

const BLOCK = new Uint8Array(2 ** 20);

/**
 * Reads all files in a directory through, so that the system has them in its page cache: some systems drop what was not read
 * for a minute, however much memory is free.
 */
export function warmCache(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) warmCache(path);
    else {
      const file = openSync(path, "r");
      for (let at = 0, read = 1; read > 0; at += read) read = readSync(file, BLOCK, 0, BLOCK.length, at);
      closeSync(file);
    }
  }
}
