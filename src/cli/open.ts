import { loadConfig } from "../config.ts";
import { createStorage } from "../create.ts";
import type { StorageEngine } from "../engine.ts";
import { StorageError } from "../errors.ts";

/** Opens the store of a configuration file. `CONFIG` for one in memory, of which nothing would be left. */
export async function openKept(path: string): Promise<StorageEngine> {
  const config = await loadConfig(path);
  if (config.backend !== "memory") return await createStorage(config);
  throw new StorageError("CONFIG", "Cannot open storage: what is in memory is gone when the command has ended");
}
