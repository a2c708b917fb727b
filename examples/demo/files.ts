import { readdir, rm, stat } from "node:fs/promises";
import { createStorage, HybridLogStore, type StorageConfig } from "@ferrite/storage";
import { check } from "./terminal.ts";

/** Where the demo leaves what, until it is over. */
export interface DemoFiles {
  /** The directory of the log. */
  log: string;
  checkpoint: string;
  /** What the process that is killed has said. */
  acknowledged: string;
}

/** The files beside the log that `ferrite.toml` names. */
export function filesOf(config: StorageConfig): DemoFiles {
  const log = config.hybridlog?.dataDir;
  check(log !== undefined, "ferrite.toml does not say where the log is: set data_dir in [storage.hybridlog]");
  return { log, checkpoint: `${log}-checkpoint`, acknowledged: `${log}-acknowledged.txt` };
}

/** Removes everything that the demo leaves. */
export async function cleanUp(files: DemoFiles): Promise<void> {
  for (const path of Object.values(files)) await rm(path, { recursive: true, force: true });
}

/** Opens the store of a configuration, which must be on files. */
export async function openStore(config: StorageConfig): Promise<HybridLogStore> {
  const store = await createStorage(config);
  check(
    store instanceof HybridLogStore,
    'the demo is about a store on files: set backend = "hybridlog" in ferrite.toml',
  );
  return store;
}

/** What the files of a log take. */
export async function bytesOnDisk(files: DemoFiles): Promise<number> {
  const sizes = (await readdir(files.log)).map(async (name) => (await stat(`${files.log}/${name}`)).size);
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}
