import {
  type Capabilities,
  CloudStore,
  type CollectionOps,
  memoryObjects,
  MemoryStore,
  type StorageEngine,
  withCache,
  withNamespace,
  withReadOnly,
  wrap,
} from "@ferrite/storage";
import { withMetrics, withTracing } from "@ferrite/storage/otel";
import { prometheus } from "@ferrite/storage/prometheus";
import { HybridLogStore } from "../../../src/hybridlog/store.ts";
import { translating } from "../../../src/middleware/codec/translation.ts";
import { CLOUD, HYBRIDLOG, MEMORY } from "../capabilities.ts";
import { conformance } from "../conformance.ts";
import { FaultyFiles } from "../faulty_files.ts";

const PREFIX = "user:*[x]\\?:";
/** How long keys may be in `withNamespace`. */
export const LONGEST_KEY: number = 65_535 - PREFIX.length;
/** What the wrappers do is the same for few elements as for many. */
const EFFORT = 0.1;

export type Store = StorageEngine & CollectionOps;
export type Wrapper = <S extends Store>(store: S) => S;

/** A store whose reads go through `withReadOnly`, as nothing could be written through that. */
function readingOnly<S extends Store>(store: S): S {
  const faces = { store: withReadOnly(store), sync: withReadOnly(store).sync };
  return wrap(store, ({ name, face, kind }, call) => {
    if (kind !== "read" || face === "transaction") return call;
    const reading = faces[face] as unknown as Record<string, typeof call>;
    return (...args) => reading[name](...args);
  });
}

export const WRAPPERS: Record<string, Wrapper> = {
  "wrap": (store) => wrap(store, (_, call) => (...args) => call(...args)),
  "withReadOnly, for reads": readingOnly,
  "withNamespace": (store) => withNamespace(store, PREFIX),
  "withCache": (store) => withCache(store, { maxStalenessMs: Infinity, maxSize: "8MB" }),
  "withMetrics": (store) => withMetrics(store, { meter: prometheus().meter, timeOneIn: 3 }),
  "withTracing": (store) => withTracing(store),
  "a codec": (store) =>
    wrap(store, translating({ encode: (value) => value as never, decode: (bytes) => bytes }, (name) => name)),
};

/** Those that do not do quite the same on `sync`. */
export const BY_FACE: readonly string[] = ["wrap", "withNamespace", "withCache"];

export const BACKENDS: [name: string, open: () => Promise<Store>, capabilities: Capabilities][] = [
  ["MemoryStore", async () => new MemoryStore({ maxSize: "64MB" }), MEMORY],
  ["HybridLogStore", () => HybridLogStore.open({ dataDir: "data" }, { files: new FaultyFiles() }), HYBRIDLOG],
  ["CloudStore", async () => new CloudStore({ storage: memoryObjects() }), CLOUD],
];

/** The suite that every backend passes. */
export function suites(name: string, open: () => Promise<Store>, capabilities: Capabilities, longestKey: number): void {
  conformance({ name, open, capabilities, effort: EFFORT, longestKey });
}

/** The same without a sync face: there are such stores, and half of the suite is about that. */
export function withoutSync<S extends Store>(store: S): S {
  return Object.defineProperties(wrap(store, (_, call) => call), {
    sync: { value: undefined },
    supports: { value: Object.freeze({ ...store.supports, sync: false }) },
  });
}
