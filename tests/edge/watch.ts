// Sees which of these globals are looked at: those with which a module does work, or finds out where it is.

const GLOBALS = [
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "WebAssembly",
  "crypto",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "Date",
  "performance",
  "atob",
  "process",
  "Deno",
  "Bun",
  "Worker",
  "BroadcastChannel",
  "caches",
  "indexedDB",
  "localStorage",
];

/** Those of them that this runtime has, and lets others see to. */
export const watched: string[] = [];
const seen = new Set<string>();
let isWatching = true;

for (const name of GLOBALS) watch(globalThis, name);
watch(Math, "random");

function watch(object: object, name: string): void {
  let holder: object | null = object;
  while (holder !== null && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
  const { get, value, configurable } = Object.getOwnPropertyDescriptor(holder ?? {}, name) ?? {};
  if (holder === null || holder === object && !configurable) return;
  watched.push(name);
  Object.defineProperty(object, name, {
    configurable: true,
    get() {
      if (isWatching) seen.add(name);
      return get === undefined ? value : get.call(object);
    },
  });
}

/** Ends the watch that began with this module. What has been seen. */
export function endWatch(): string[] {
  isWatching = false;
  return [...seen];
}

/** What is seen while `task` runs. */
export function seenDuring(task: () => void): string[] {
  seen.clear();
  isWatching = true;
  task();
  return endWatch();
}
