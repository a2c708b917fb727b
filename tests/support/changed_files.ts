import type { FileSystem } from "../../src/runtime/files.ts";
import type { FaultyFiles } from "./faulty_files.ts";

/** The same files, some of whose methods are others. */
export function changed(files: FaultyFiles, methods: Partial<FileSystem>): FaultyFiles {
  return new Proxy(files, {
    get(target, name) {
      const own = (methods as Record<string | symbol, unknown>)[name];
      const value = own ?? (target as unknown as Record<string | symbol, unknown>)[name];
      return typeof value === "function" && own === undefined ? value.bind(target) : value;
    },
  });
}

/** An error as a file system gives it. */
export function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}
