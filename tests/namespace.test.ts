import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  CloudStore,
  type Key,
  memoryObjects,
  MemoryStore,
  type StorageEngine,
  StorageError,
  withNamespace,
  wrap,
} from "@ferrite/storage";
import { CALLS, COMBINING } from "../src/conformance/calls.ts";
import { contentOf } from "../src/conformance/contents.ts";
import type { Face } from "../src/conformance/face.ts";
import { KINDS } from "../src/conformance/kinds.ts";
import { HybridLogStore } from "../src/hybridlog/store.ts";
import { bytes, pattern, textOf } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

const memory = () => new MemoryStore({ maxSize: "16MB" });

async function keysOf(store: Face | StorageEngine): Promise<(string | null)[]> {
  const keys = [];
  for await (const key of store.keys()) keys.push(textOf(key));
  return keys.sort();
}

/** Prefixes that mean something elsewhere: in globs, in text, in bytes. None is the beginning of another. */
const HOSTILE: Key[] = [
  "*",
  "?",
  "[a-z]",
  "[^x",
  "\\",
  "a*b?",
  "(\\*:",
  "\u0000",
  "é",
  "\ud83d", // half a character, which becomes U+FFFD
  "🦊:",
  "../",
  "{tag}",
  "__proto__",
  new Uint8Array([0xff]),
  new Uint8Array([0xf0, 0x9f, 0x97]), // the beginning of 🗝, which is no text
  new Uint8Array([0x61, 0x5b, 0x00, 0x2a]),
];

const KEYS: Key[] = [
  "",
  "k",
  "*",
  "?",
  "[a-z]",
  "\\",
  "\udddd",
  "é",
  new Uint8Array([0x9d]),
  "x".repeat(300),
];

test("namespaces with hostile prefixes keep to themselves, on every face", async () => {
  await using store = memory();
  const faces = (namespace: MemoryStore): [string, Face][] => [["store", namespace], ["sync", namespace.sync]];
  const namespaces = HOSTILE.map((prefix) => withNamespace(store, prefix));
  for (const [i, namespace] of namespaces.entries()) {
    for (const key of KEYS) await namespace.set(key, `${i}`);
  }
  assertEquals(await store.size(), HOSTILE.length * KEYS.length);
  const expected = KEYS.map((key) => textOf(typeof key === "string" ? bytes(key) : key)).sort();
  for (const [i, namespace] of namespaces.entries()) {
    for (const [name, face] of faces(namespace)) {
      assertEquals(await keysOf(face), expected, `${name} of ${String(HOSTILE[i])}`);
      assertEquals(await face.size(), KEYS.length);
      assertEquals((await face.mget(KEYS)).map(textOf), KEYS.map(() => `${i}`));
      assertEquals((await face.scan({ count: 10_000, match: "\\*" })).keys.map(textOf), ["*"]);
    }
  }
  for (const [i, namespace] of namespaces.entries()) {
    await (i % 2 === 0 ? namespace : namespace.sync).clear();
    assertEquals(await store.size(), (HOSTILE.length - i - 1) * KEYS.length);
  }
});

test("the keys of the store are the prefix and the key, whatever form they are given in", async () => {
  const cases: [prefix: Key, key: Key, expected: Uint8Array][] = [
    ["p:", "k", bytes("p:k")],
    [bytes("p:"), bytes("k"), bytes("p:k")],
    ["p:", new Uint8Array([0xff]), new Uint8Array([0x70, 0x3a, 0xff])],
    [new Uint8Array([0xff]), "é", new Uint8Array([0xff, 0xc3, 0xa9])],
    ["\ud83d", "\udddd", bytes("\ufffd\ufffd")], // two halves do not become one character
    ["🗝", "🗝", bytes("🗝🗝")],
    ["\ufeff", "\ufeffk", bytes("\ufeff\ufeffk")],
  ];
  for (const [prefix, key, expected] of cases) {
    await using store = memory();
    await withNamespace(store, prefix).set(key, "v");
    assertEquals(Array.from(store.sync.keys(), (key) => [...key]), [[...expected]]);
  }
});

test("a prefix is taken as it was when the namespace was made", async () => {
  await using store = memory();
  const prefix = bytes("a:");
  const namespace = withNamespace(store, prefix);
  prefix[0] = 0x62;
  await namespace.set("k", "v");
  assertEquals(await keysOf(store), ["a:k"]);
});

/** One call of what works on any type. */
const ON_ANY: Record<string, (store: Face, key: string) => unknown> = {
  set: (store, key) => store.set(key, "v"),
  mset: (store, key) => store.mset([[key, "v"], ["new", "v"]]),
  del: (store, key) => store.del(key),
  exists: (store, key) => store.exists(key),
  expire: (store, key) => store.expire(key, 1000),
  persist: (store, key) => store.persist(key),
  ttl: (store, key) => store.ttl(key),
  type: (store, key) => store.type(key),
  rename: (store, key) => store.rename(key, "new"),
  copy: (store, key) => store.copy(key, "new"),
};

test("no operation reaches a key outside, on any face", async () => {
  await using store = memory();
  const namespace = withNamespace(store, "mine:");
  // Everything that the calls below name, so that whatever went past the prefix would find it, and mostly be refused its type.
  const outside = ["string", "list", "hash", "set", "zset", "a list", "a set", "a zset", "a string", "new", "none"];
  for (const key of outside) await store.set(key, "outside");
  const before = await Promise.all(outside.map((key) => contentOf(store, key)));
  const calls = Object.entries({ ...CALLS, zset: { ...CALLS.zset, ...COMBINING } }).flatMap(([type, calls]) =>
    Object.entries({ ...calls, ...ON_ANY }).map(([name, call]) => ({ type, name, call }))
  );
  for (const { type, name, call } of calls.filter(({ name }) => name !== "update")) {
    for (const face of ["store", "sync", "transaction"]) {
      await namespace.clear();
      for (const { type, add } of KINDS) {
        await add(namespace, type, ["a", "b"]);
        await add(namespace, `a ${type}`, ["a", "b"]);
      }
      const run = async () => {
        if (face === "transaction") await namespace.transact((tx) => void call(tx as never, type));
        else await call(face === "sync" ? namespace.sync : namespace, type);
      };
      if (/^h?incrBy/.test(name)) await assertRejects(run, StorageError, "Cannot add"); // it has met the text there
      else await run();
      assertEquals(await Promise.all(outside.map((key) => contentOf(store, key))), before, `${face} ${name}`);
    }
  }
  for (const key of await keysOf(store)) assert(outside.includes(key!) || key!.startsWith("mine:"), key!);
});

test("types, transactions and views of each type stay within", async () => {
  await using store = memory();
  const namespace = withNamespace(withNamespace(store, "a:"), "b:");
  for (const { type, add } of KINDS) await add(namespace, type, ["x", "y"]);
  await namespace.transact((tx) => {
    tx.rename("list", "moved");
    tx.copy("set", "copied");
    assertEquals(tx.size(), KINDS.length + 1);
    assertEquals(Array.from(tx.keys({ match: "*ed" }), textOf).sort(), ["copied", "moved"]);
    assertEquals(tx.scan({ count: 100, type: "hash" }).keys.map(textOf), ["hash"]);
  });
  assertEquals(await keysOf(store), ["a:b:copied", "a:b:hash", "a:b:moved", "a:b:set", "a:b:string", "a:b:zset"]);
  assertEquals(await contentOf(namespace, "copied"), "set x,y");
});

test("a transaction that throws, and clear within one, change nothing", async () => {
  await using store = memory();
  const namespace = withNamespace(store, "a:");
  await namespace.set("k", "v");
  await assertFails(() =>
    namespace.transact((tx) => {
      tx.del("k");
      (tx as unknown as MemoryStore["sync"]).clear();
    }), "UNSUPPORTED");
  assertEquals(await keysOf(store), ["a:k"]);
});

test("a prefix that makes no sense is refused", async () => {
  await using store = memory();
  for (const wrong of ["", new Uint8Array(0), "x".repeat(32_768), undefined, null, 5, {}]) {
    const error = assertThrows(() => withNamespace(store, wrong as never), StorageError, "namespace");
    assertEquals(error.code, "CONFIG");
  }
});

test("a key that is too long with its prefix is refused, with what is allowed", async () => {
  await using store = memory();
  const namespace = withNamespace(store, "tenant:");
  const most = 65_535 - 7;
  for (const key of ["k".repeat(most), new Uint8Array(most)]) await namespace.set(key, "v");
  const tooLong: Key[] = ["k".repeat(most + 1), "é".repeat(most / 2 + 1), new Uint8Array(most + 1)];
  for (const key of tooLong) {
    await assertFails(() => namespace.get(key), "TOO_LARGE", `${most} are the limit in a namespace with a prefix of 7`);
    await assertFails(() => namespace.sync.mset([["k", "v"], [key, "v"]]), "TOO_LARGE");
    await assertFails(() => namespace.sync.sinter(["k", key]), "TOO_LARGE");
  }
  const nested = withNamespace(namespace, "x");
  await assertFails(() => nested.get("k".repeat(most)), "TOO_LARGE");
  assertEquals(await namespace.size(), 2);
});

test("restore is refused, as it would replace what others have", async () => {
  await using store = memory();
  await assertFails(() => withNamespace(store, "a:").restore("somewhere"), "UNSUPPORTED", "namespace");
});

test("clear takes effect where it was called, between calls that are not awaited", async () => {
  const slow = { dataDir: "data", mutableSize: "2MB", readonlySize: "8MB", segmentSize: "1MB", io: "async" } as const;
  const stores = [memory(), await HybridLogStore.open(slow, { files: new FaultyFiles() })];
  for (const store of stores) {
    const namespace = withNamespace(store, "a:");
    for (let i = 0; i < 3000; i++) store.sync.set(`a:old${i}`, pattern(100 + i)); // more than is in memory
    await store.set("outside", "v");
    const results = await Promise.all([
      namespace.set("k", "1"),
      namespace.clear(),
      namespace.incrBy("k"),
      namespace.size(),
      namespace.get("old7"),
      namespace.clear(),
      namespace.append("k", "x"),
      namespace.transact((tx) => tx.append("k", "y")),
      keysOf(namespace),
    ]);
    assertEquals(results, [true, undefined, 1, 1, null, undefined, 1, 2, ["k"]]);
    assertEquals(await keysOf(store), ["a:k", "outside"]);
    await store.close();
  }
});

test("a call that is answered at once comes after a clear that is under way", async () => {
  await using store = memory();
  const namespace = withNamespace(store, "a:");
  for (let i = 0; i < 1000; i++) namespace.sync.set(`old${i}`, "v");
  const cleared = namespace.clear();
  const waiting = namespace.incrBy("n", 5);
  assertEquals(store.sync.size(), 1000);
  assertEquals(namespace.sync.incrBy("n"), 6);
  assertEquals(namespace.sync.size(), 1);
  await cleared;
  assertEquals([await waiting, await namespace.incrBy("n")], [5, 7]);
});

test("clear is refused in a function given to update, and fails as the store does", async () => {
  const store = memory();
  const namespace = withNamespace(store, "a:");
  await namespace.set("k", "v");
  const cleared: Promise<void>[] = [];
  await namespace.update("k", () => {
    cleared.push(namespace.clear());
    assertThrows(() => namespace.sync.clear(), StorageError, "Cannot write");
    return "w";
  });
  await assertFails(() => cleared[0], "CONFLICT");
  assertEquals(textOf(await namespace.get("k")), "w");
  const reason = new Error("enough");
  assertStrictEquals(await namespace.clear({ signal: AbortSignal.abort(reason) }).catch((error) => error), reason);
  assertEquals(await namespace.size(), 1);
  await store.close();
  await assertFails(() => namespace.clear(), "CLOSED");
  await assertFails(() => namespace.size(), "CLOSED");
});

test("clear at once also works where no transaction has room", async () => {
  await using inner = memory();
  const store = wrap(inner, ({ name }, call) =>
    name === "transact"
      ? () => {
        throw new StorageError("TOO_LARGE", "Cannot write so much in one step");
      }
      : call);
  for (let i = 0; i < 500; i++) store.sync.set(`a:${i}`, "v");
  await store.set("outside", "v");
  withNamespace(store, "a:").sync.clear();
  assertEquals(await keysOf(store), ["outside"]);
});

test("clear of a store without transactions goes key after key", async () => {
  const storage = memoryObjects();
  await using store = new CloudStore({ storage });
  const namespace = withNamespace(store, "a[:");
  for (let i = 0; i < 50; i++) await namespace.set(`k${i}`, "v");
  await namespace.rpush("list", ["x"]);
  await store.set("a[", "outside");
  assertEquals(await namespace.size(), 51);
  await namespace.clear();
  assertEquals(await keysOf(store), ["a["]);
});

/** The same steps on a namespace and on a store of its own must give the same. */
test("random operations on a namespace do what they do on a store of its own", () =>
  seeded(async (random) => {
    await using shared = memory();
    const others = ["a", "ab:", "*", "A:"].map((prefix) => withNamespace(shared, prefix));
    for (const [i, other] of others.entries()) for (const key of ["k0", "k1", ""]) await other.set(key, `${i}`);
    const before = await shared.size();
    await using alone = memory();
    const namespace = withNamespace(shared, "a:"); // which "a" sees keys of, and not the other way round
    for (let step = 0; step < 2000; step++) {
      const call = draw(random);
      const [a, b] = [namespace, alone].map((store) => outcomeOf(() => call(store.sync)));
      assertEquals(a, b);
    }
    assertEquals(await keysOf(namespace), await keysOf(alone));
    assertEquals(await namespace.size(), await alone.size());
    await namespace.clear();
    assertEquals(await shared.size(), before);
  }));

function outcomeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as StorageError).code;
  }
}

function draw(random: Random): (store: MemoryStore["sync"]) => unknown {
  const [a, b, c] = [0, 1, 2].map(() => `k${random.below(6)}`);
  const value = pattern(random.below(50), random.below(9));
  return random.pick<(store: MemoryStore["sync"]) => unknown>([
    (store) => store.set(a, value),
    (store) => store.get(a),
    (store) => store.mset([[a, value], [b, "x"]]),
    (store) => store.mget([a, b, c]),
    (store) => store.del(a),
    (store) => store.rename(a, b),
    (store) => store.copy(a, b, { replace: true }),
    (store) => store.sadd(a, ["x", value]),
    (store) => store.smove(a, b, "x"),
    (store) => store.sunionStore(a, [b, c]),
    (store) => store.sinter([a, b]).length,
    (store) => store.zadd(a, [[1, value]]),
    (store) => store.zrangeStore(a, b, { by: "rank", start: 0, stop: -1 }),
    (store) => store.zunionStore(a, [b, c], { weights: [1, 2] }),
    (store) => store.rpush(a, ["x", value]),
    (store) => store.lmove(a, b, "left", "right"),
    (store) => store.type(a),
    (store) => store.update(a, (old) => old === null ? "new" : null),
    (store) =>
      store.transact((tx) => {
        tx.set(a, "x");
        tx.rename(a, b);
        return tx.exists(a);
      }),
  ]);
}
