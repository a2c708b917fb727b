import { MemoryStore } from "@ferrite/storage";
import type { Subject } from "./face.ts";

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
