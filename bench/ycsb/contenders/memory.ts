import { MemoryStore } from "../../../mod.ts";
import type { TableContender } from "./contender.ts";

/** The store in memory, with room for all that a table may become. */
export function openMemory(): TableContender {
  const store = new MemoryStore({ maxSize: "2GB" });
  const { sync } = store;
  return {
    faces: [
      {
        label: "ferrite memory",
        isAwaited: false,
        get: (key) => sync.get(key),
        set: (key, value) => void sync.set(key, value),
        update: (key, change) => void sync.update(key, (value) => change(value!)),
      },
      {
        label: "ferrite memory awaited",
        isAwaited: true,
        lanes: 1,
        get: (key) => store.get(key),
        set: (key, value) => store.set(key, value),
        update: (key, change) => store.update(key, (value) => change(value!)),
      },
    ],
    close: () => store.close(),
  };
}
