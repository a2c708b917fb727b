import { MemoryStore, withCache, withNamespace, withReadOnly, wrap } from "../../mod.ts";
import { withMetrics, withTracing } from "../../src/middleware/otel/mod.ts";
import { prometheus } from "../../src/middleware/prometheus.ts";
import type { Contender, Open } from "../rivals/contender.ts";

type Wrapper = (store: MemoryStore) => MemoryStore;

const through: Wrapper = (store) => wrap(store, (_, call) => (...args) => call(...args));

/** A memory store without and in each wrapper, by what it is called in the table. "ferrite" is the one without. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  "ferrite": (store) => store,
  "wrap": through,
  "wrap, 3 deep": (store) => through(through(through(store))),
  "withReadOnly": withReadOnly,
  "withNamespace": (store) => withNamespace(store, "user:"),
  "withMetrics": (store) => withMetrics(store, { meter: prometheus().meter }),
  "withMetrics, every call": (store) => withMetrics(store, { meter: prometheus().meter, timeOneIn: 1 }),
  "withTracing, nobody listens": (store) => withTracing(store),
  "withCache": (store) => withCache(store, { maxStalenessMs: Infinity, maxSize: "1GB" }),
};

export const WRAPPED: Readonly<Record<string, Open>> = Object.fromEntries(
  Object.entries(WRAPPERS).map(([label, wrapped]) => [label, () => open(label, wrapped)]),
);

function open(label: string, wrapped: Wrapper): Contender {
  const inner = new MemoryStore({ maxSize: "1GB" });
  const store = wrapped(inner);
  // What may only be read is filled past its wrapper.
  const writing = label === "withReadOnly" ? inner : store;
  const [sync, syncWriting] = [store.sync, writing.sync];
  return {
    faces: [
      {
        label,
        isAsync: false,
        get: (key) => sync.get(key),
        set: (key, value) => void syncWriting.set(key, value),
        getMany: (keys) => sync.mget(keys),
      },
      {
        label,
        isAsync: true,
        get: (key) => store.get(key),
        set: (key, value) => writing.set(key, value),
        getMany: (keys) => store.mget(keys),
      },
    ],
    close: () => store.close(),
  };
}
