import type { Contender } from "./contender.ts";

/** No store, but what everybody has. It keeps and returns the very buffers it was given. */
export function openMap(): Contender {
  const map = new Map<string, Uint8Array>();
  return {
    faces: [{
      label: "Map",
      isAsync: false,
      get: (key) => map.get(key),
      set: (key, value) => void map.set(key, value),
    }],
    close: () => map.clear(),
  };
}
