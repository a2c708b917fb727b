import { MemoryStore } from "@ferrite/storage";
import type { Open, Subject } from "./face.ts";

/** A memory store for each run, answering at once. */
export async function openSync(): Promise<Subject> {
  const store = new MemoryStore({ maxSize: "128MB" });
  return { face: store.sync, [Symbol.asyncDispose]: () => store.close() };
}

/** A memory store for each run, answering with promises. */
export async function openAsync(): Promise<Subject> {
  const store = new MemoryStore({ maxSize: "128MB" });
  return { face: store, [Symbol.asyncDispose]: () => store.close() };
}

/** One memory store for all runs, so small that it recycles: each run leaves it empty, or it is not used again. */
export function reopening(): Open {
  let store = new MemoryStore({ maxSize: "24MB" });
  return async () => {
    if (store.sync.size() > 0) store = new MemoryStore({ maxSize: "24MB" });
    return { face: store.sync, [Symbol.asyncDispose]: () => Promise.resolve() };
  };
}
