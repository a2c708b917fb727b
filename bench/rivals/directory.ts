import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Those that are there still. */
const paths = new Set<string>();

process.once("exit", () => {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
});

/** A fresh directory for a store with files, removed at the end of the process at the latest. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "ferrite-bench-"));
  paths.add(path);
  return {
    path,
    remove() {
      paths.delete(path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
