import { MemoryStore } from "../../mod.ts";
import type { Contender } from "./contender.ts";

export function openFerrite(): Contender {
  const store = new MemoryStore({ maxSize: "2GB" });
  const { sync } = store;
  return {
    faces: [
      {
        label: "ferrite",
        isAsync: false,
        get: (key) => sync.get(key),
        set: (key, value) => void sync.set(key, value),
        getMany: (keys) => sync.mget(keys),
      },
      {
        label: "ferrite",
        isAsync: true,
        get: (key) => store.get(key),
        set: (key, value) => store.set(key, value),
        getMany: (keys) => store.mget(keys),
      },
    ],
    close: () => store.close(),
  };
}
