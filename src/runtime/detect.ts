import { StorageError } from "../errors.ts";
import type { FileSystem } from "./files.ts";
import { nodeFileSystem } from "./node.ts";
import type { HostProcess } from "./owner.ts";

interface Process extends HostProcess {
  getBuiltinModule?<Id extends keyof Modules>(id: Id): Modules[Id] | undefined;
}

interface Modules {
  "node:fs": typeof import("node:fs");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
}

let files: FileSystem | null | undefined;

/**
 * The files of this runtime, or `null` where there are none: at the edge, in a browser. Asked for at run time, so that
 * bundles for those carry no import of a module that is not there.
 */
export function detectFileSystem(): FileSystem | null {
  if (files === undefined) {
    const { process } = globalThis as { process?: Process };
    const fs = process?.getBuiltinModule?.("node:fs");
    const os = process?.getBuiltinModule?.("node:os");
    const path = process?.getBuiltinModule?.("node:path");
    // Cloudflare's workerd has a node:fs in memory, which is gone with the request.
    const isEdge = (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
    const isWhole = process !== undefined && fs !== undefined && os !== undefined && path !== undefined;
    files = isWhole && !isEdge ? nodeFileSystem({ fs, os, path, process }) : null;
  }
  return files;
}

/** The files of this runtime, for an operation that cannot do without. */
export function requireFileSystem(operation: string): FileSystem {
  const found = detectFileSystem();
  if (found === null) throw new StorageError("UNSUPPORTED", `Cannot ${operation}: this runtime has no files`);
  return found;
}
