import { spawnSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Has the system forget what it holds of the files in a directory, so that who reads them next pays for that. */
export function dropCache(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) dropCache(path);
    else dropFile(path);
  }
}

/** `posix_fadvise(POSIX_FADV_DONTNEED)`, which no runtime has a call for, but GNU's `dd`. */
function dropFile(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file); // only pages that are on the disk are dropped
  closeSync(file);
  const { status, error } = spawnSync("dd", [`if=${path}`, "iflag=nocache", "count=0"], { stdio: "ignore" });
  if (error !== undefined || status !== 0) {
    throw new Error(`dd cannot drop ${path} from the page cache: ${error?.message ?? `it ended with ${status}`}`);
  }
}
