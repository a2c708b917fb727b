import type { Contender } from "./contender.ts";
import { importRival } from "./import_rival.ts";

interface Keyv {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array): Promise<boolean>;
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>;
  serialize: undefined;
  deserialize: undefined;
  clear(): Promise<void>;
}

/** Over its `Map`, without its JSON, which would turn bytes into base64, and without a prefix on each key. */
export async function openKeyv(): Promise<Contender> {
  const { default: Keyv } = await importRival<
    { default: new (options: object) => Keyv }
  >("keyv");
  const keyv = new Keyv({ useKeyPrefix: false });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return {
    faces: [{
      label: "keyv",
      isAsync: true,
      get: (key) => keyv.get(key),
      set: (key, value) => keyv.set(key, value),
      getMany: (keys) => keyv.getMany(keys),
    }],
    close: () => keyv.clear(),
  };
}
