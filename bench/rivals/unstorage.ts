import type { Contender, Read } from "./contender.ts";
import { importRival } from "./import_rival.ts";

interface Storage {
  getItemRaw(key: string): Promise<Read>;
  setItemRaw(key: string, value: Uint8Array): Promise<void>;
  dispose(): Promise<void>;
}

/** Its memory driver, through the calls for raw values. There is no batch call for those. */
export async function openUnstorage(): Promise<Contender> {
  const { createStorage } = await importRival<{ createStorage: () => Storage }>("unstorage");
  const storage = createStorage();
  return {
    faces: [{
      label: "unstorage",
      isAsync: true,
      get: (key) => storage.getItemRaw(key),
      set: (key, value) => storage.setItemRaw(key, value),
    }],
    close: () => storage.dispose(),
  };
}
