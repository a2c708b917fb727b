import { setImmediate } from "node:timers";

/** A turn of the event loop, in which what runs in the background comes to its results. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
