import type { FaultyFiles } from "../faulty_files.ts";
import { type Opened, openSmall, QUIET, type Setting } from "./small_store.ts";

/** A store that has come back, and the files that it has come back from. */
export interface Returned extends Opened {
  files: FaultyFiles;
}

/** Opens what a power loss at this moment leaves for sure: what is synced, and nothing else. */
export async function openAfterCrash(files: FaultyFiles, setting: Setting = QUIET): Promise<Returned> {
  const found = files.crash("nothing");
  return { files: found, ...await openSmall(found, setting) };
}

/** Opens a directory that has been closed, as if its index had never been saved. */
export async function openWithoutIndex(files: FaultyFiles, setting: Setting = QUIET): Promise<Returned> {
  for (const path of files.paths()) if (path.startsWith("data/") && path.endsWith(".idx")) await files.remove(path);
  return { files, ...await openSmall(files, setting) };
}
