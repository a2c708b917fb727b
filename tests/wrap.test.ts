import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  asListOps,
  asPersistenceOps,
  type Bytes,
  type Call,
  CloudStore,
  HybridLogStore,
  type Interceptor,
  memoryObjects,
  MemoryStore,
  type StorageEngine,
  StorageError,
  supportsLists,
  supportsTransactions,
  type Transaction,
  wrap,
} from "@ferrite/storage";
import { textOf } from "./support/bytes.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";

const memory = () => new MemoryStore({ maxSize: "8MB" });
const onFiles = () =>
  HybridLogStore.open({ dataDir: "data", mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB" }, {
    files: new FaultyFiles(),
  });

/** Does nothing, by calls of its own. */
const through: Interceptor = (_, call) => (...args) => call(...args);

/** Notes the calls that go through it, under a name. */
const noting = (log: string[], who: string): Interceptor => ({ name, face }, call) => (...args) => {
  log.push(`${who} ${face} ${name}`);
  return call(...args);
};

test("a wrapped store has every method and property of the store, and of its sync face", async () => {
  const stores: StorageEngine[] = [memory(), await onFiles(), new CloudStore({ storage: memoryObjects() })];
  for (const inner of stores) {
    for (const outer of [wrap(inner, through), wrap(wrap(inner, through), through)]) {
      assertStrictEquals(outer.supports, inner.supports);
      assertEquals(namesOf(outer), namesOf(inner));
      assertEquals(outer.sync === undefined, inner.sync === undefined);
      if (inner.sync !== undefined) assertEquals(namesOf(outer.sync!), namesOf(inner.sync));
      assert(outer instanceof inner.constructor);
    }
    await inner.close();
  }
});

function namesOf(object: object): string[] {
  const names = new Set<string>();
  for (let from = object; from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const name of Reflect.ownKeys(from)) names.add(String(name));
  }
  return [...names].sort();
}

test("what a store has beyond the interface is there, with its type", async () => {
  await using store: HybridLogStore = wrap(wrap(await onFiles(), through), through);
  await store.set("k", "v");
  await store.commit();
  assertEquals(store.stats().commits, 1); // HybridLogStats
  await store.compact();
  await store.saveIndex();
  assertEquals(typeof store.recovery, "object"); // a getter over private fields
  assertStrictEquals(store.maintenanceError, null);
  assertEquals(await store.checkpoint("copy"), "copy");
  await store.restore("copy");
  assertEquals(textOf(await store.get("k")), "v");
});

test("capabilities narrow the type of a wrapped store", async () => {
  await using engine: StorageEngine = wrap(memory() as StorageEngine, through);
  assert(supportsLists(engine) && supportsTransactions(engine));
  const length: number | undefined = engine.sync?.rpush("k", ["v"]);
  assertEquals(length, 1);
  assertEquals(await engine.transact((tx) => tx.llen("k")), 1);
  assertEquals(await asListOps(engine)?.llen("k"), 1);
  await asPersistenceOps(engine)!.compact();

  await using cloud: CloudStore = wrap(new CloudStore({ storage: memoryObjects() }), through);
  const sync: undefined = cloud.sync;
  assertEquals([sync, supportsTransactions(cloud), asPersistenceOps(cloud)], [undefined, false, null]);
  assertEquals(await cloud.rpush("k", ["v"]), 1);
  await cloud.compact();
});

test("a property that is set is set on the store within", async () => {
  const inner = Object.assign(memory(), { label: "a" });
  await using outer = wrap(inner, through);
  outer.label = "b";
  assertEquals([inner.label, outer.label], ["b", "b"]);
});

test("calls go through wrappers from the outermost on, on every face, and are called on the store itself", async () => {
  const log: string[] = [];
  await using store = wrap(wrap(memory(), noting(log, "inner")), noting(log, "outer"));
  await store.set("k", "1");
  store.sync.get("k");
  await store.transact((tx) => tx.incrBy("k"));
  store.sync.transact((tx) => Array.from(tx.keys()));
  for await (const key of store.keys()) assertEquals(textOf(key), "k");
  assertEquals(log, [
    "outer store set",
    "inner store set",
    "outer sync get",
    "inner sync get",
    "outer store transact",
    "inner store transact",
    "outer transaction incrBy",
    "inner transaction incrBy",
    "outer sync transact",
    "inner sync transact",
    "outer transaction keys",
    "inner transaction keys",
    "outer store keys",
    "inner store keys",
  ]);
});

test("an operation says what it does, and is the same object each time", async () => {
  const seen = new Map<string, Set<unknown>>();
  await using store = wrap(await onFiles(), (operation, call) => (...args) => {
    const key = `${operation.face} ${operation.name} ${operation.kind}`;
    seen.set(key, (seen.get(key) ?? new Set()).add(operation));
    return call(...args);
  });
  for (let i = 0; i < 2; i++) {
    await store.get("k");
    store.sync.set("k", "v");
    await store.transact((tx) => tx.lpush("l", ["v"]));
    await store.commit();
  }
  assertEquals([...seen.keys()], [
    "store get read",
    "sync set write",
    "store transact write",
    "transaction lpush write",
    "store commit upkeep",
  ]);
  for (const operations of seen.values()) assertEquals(operations.size, 1);
});

test("a method of a backend that no interface has is of an unknown kind", async () => {
  class Special extends MemoryStore {
    readonly #secret = 7;
    special(): number {
      return this.#secret;
    }
  }
  const kinds: string[] = [];
  await using store = wrap(new Special({ maxSize: "8MB" }), ({ name, kind }, call) => {
    if (name === "special") kinds.push(kind);
    return call;
  });
  assertEquals([store.special(), kinds], [7, ["unknown"]]);
});

test("dispose and close are the same operation", async () => {
  const log: string[] = [];
  {
    await using _store = wrap(memory(), noting(log, "it"));
  }
  const inner = memory();
  await wrap(inner, noting(log, "it")).close();
  assertEquals(log, ["it store close", "it store close"]);
  assertThrows(() => inner.sync.get("k"), StorageError, "closed");
});

test("what an interceptor throws comes where the caller waits for it", async () => {
  const stop = new Error("stop");
  await using inner = memory();
  const store = wrap(inner, ({ name }, call) =>
    name === "close" ? call : () => {
      throw stop;
    });
  const promised = [store.get("k"), store.transact(() => {}), store.clear(), store.checkpoint("x")];
  for (const promise of promised) assertStrictEquals(await promise.catch((error) => error), stop);
  const keys = store.keys();
  assertStrictEquals(await keys.next().catch((error) => error), stop);
  assertThrows(() => store.stats(), Error, "stop");
  assertThrows(() => store.sync.get("k"), Error, "stop");
  assertThrows(() => store.sync.keys(), Error, "stop");
});

test("what an interceptor throws in a transaction undoes it", async () => {
  await using inner = memory();
  const store = wrap(inner, ({ name, face }, call) =>
    face === "transaction" && name === "del"
      ? () => {
        throw new Error("not allowed");
      }
      : call);
  const change = (tx: Transaction) => {
    tx.set("a", "1");
    tx.del("a");
  };
  await assertRejects(() => store.transact(change), Error, "not allowed");
  assertThrows(() => store.sync.transact(change), Error, "not allowed");
  assertEquals(inner.sync.size(), 0);
});

test("an interceptor may answer itself, call twice, or change arguments and results", async () => {
  await using inner = memory();
  const store = wrap(inner, ({ name }, call): Call => {
    if (name === "size") return () => 42;
    if (name === "incrBy") return (...args) => (call(...args), call(...args));
    if (name === "get") return async (key, ...rest) => (await call(`${key}!`, ...rest) as Bytes | null) ?? "none";
    return call;
  });
  await store.set("k!", "v");
  assertEquals([await store.size(), store.sync.incrBy("n"), textOf(await store.get("k"))], [42, 2, "v"]);
  assertEquals(await store.get("other") as unknown, "none");
});

test("arguments arrive as they were given, no more and no fewer", async () => {
  const received: unknown[][] = [];
  await using store = wrap(memory(), (_, call) => (...args) => {
    received.push(args);
    return call(...args);
  });
  await store.get("k");
  await store.get("k", undefined);
  store.sync.hincrBy("h", "f");
  assertEquals(received, [["k"], ["k", undefined], ["h", "f"]]);
});
