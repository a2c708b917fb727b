import { StorageError } from "../errors.ts";
import type { FileSystem } from "./files.ts";
import { nodeFileSystem } from "./node.ts";

interface HostProcess {
  getBuiltinModule?(id: "node:fs"): typeof import("node:fs") | undefined;
}

let files: FileSystem | null | undefined;

/**
 * The files of this runtime, or `null` where there are none: at the edge, in a browser. Asked for at run time, so that
 * bundles for those carry no import of a module that is not there.
 */
export function detectFileSystem(): FileSystem | null {
  if (files === undefined) {
    const host = (globalThis as { process?: HostProcess }).process;
    const fs = host?.getBuiltinModule?.("node:fs");
    // Cloudflare's workerd has a node:fs in memory, which is gone with the request.
    const isEdge = (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
    files = fs === undefined || isEdge ? null : nodeFileSystem(fs);
  }
  return files;
}

/** The files of this runtime, for an operation that cannot do without. */
export function requireFileSystem(operation: string): FileSystem {
  const found = detectFileSystem();
  if (found === null) throw new StorageError("UNSUPPORTED", `Cannot ${operation}: this runtime has no files`);
  return found;
}
