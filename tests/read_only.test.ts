import { assertEquals } from "@std/assert";
import { CloudStore, memoryObjects, MemoryStore, type Transaction, withReadOnly } from "@ferrite/storage";
import { CALLS, COMBINING } from "../src/conformance/calls.ts";
import { contentOf } from "../src/conformance/contents.ts";
import type { Face } from "../src/conformance/face.ts";
import { KINDS } from "../src/conformance/kinds.ts";
import { SHAPES } from "../src/middleware/shapes.ts";
import { textOf } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

/** Calls on keys whatever they hold. */
const ON_KEYS: Record<string, (store: Face) => unknown> = {
  set: (store) => store.set("string", "x"),
  mset: (store) => store.mset([["string", "x"]]),
  del: (store) => store.del("string"),
  expire: (store) => store.expire("string", 1000),
  persist: (store) => store.persist("string"),
  rename: (store) => store.rename("string", "new"),
  copy: (store) => store.copy("string", "new"),
  clear: (store) => store.clear(),
};

const WRITES: [name: string, call: (store: Face) => unknown][] = [
  ...Object.entries(ON_KEYS),
  ...Object.entries({ ...CALLS, combining: COMBINING }).flatMap(([type, calls]) =>
    Object.entries(calls).map(([name, call]): [string, (store: Face) => unknown] => [
      name.replace(/To$/, ""),
      (store) => call(store, type === "combining" ? "zset" : type),
    ])
  ),
].filter(([name]) => SHAPES.get(name)!.kind === "write") as [string, (store: Face) => unknown][];

/** A store in which there is something of each type. */
async function filled(): Promise<MemoryStore> {
  const store = new MemoryStore({ maxSize: "8MB" });
  for (const { type, add } of KINDS) await add(store, type, ["a", "b"]);
  return store;
}

async function contents(store: Face): Promise<(string | null)[]> {
  return await Promise.all([...KINDS.map(({ type }) => type), "new"].map((key) => contentOf(store, key)));
}

test("each operation that writes is refused, on the store, on its sync face and in transactions", async () => {
  await using inner = await filled();
  const store = withReadOnly(inner);
  const before = await contents(inner);
  for (const [name, call] of WRITES) {
    await assertFails(() => call(store), "READ_ONLY", name);
    await assertFails(() => call(store.sync), "READ_ONLY", name);
    if (name === "clear") continue; // a transaction has none
    await assertFails(() => store.transact((tx) => void call(tx as never)), "READ_ONLY", name);
    await assertFails(() => store.sync.transact((tx) => void call(tx as never)), "READ_ONLY", name);
  }
  assertEquals(await contents(inner), before);
});

test("the refusals leave out no operation that writes", () => {
  const covered = new Set(WRITES.map(([name]) => name));
  const writes = [...SHAPES].filter(([, { kind }]) => kind === "write").map(([name]) => name);
  assertEquals(writes.filter((name) => !covered.has(name)), ["transact", "restore"]);
});

test("a transaction that is refused a write and goes on has written nothing", async () => {
  await using inner = await filled();
  const before = await contents(inner);
  const result = withReadOnly(inner).sync.transact((tx: Transaction) => {
    try {
      tx.set("new", "v");
    } catch {
      return textOf(tx.get("string"));
    }
  });
  assertEquals(result, "a,b");
  assertEquals(await contents(inner), before);
});

test("a checkpoint can be made, and none restored", async () => {
  await using inner = await filled();
  const store = withReadOnly(inner);
  await store.compact();
  await assertFails(() => store.restore("anywhere"), "READ_ONLY", "restore");
});

test("what nobody knows is refused", async () => {
  class Special extends MemoryStore {
    importAll(): void {
      this.sync.set("k", "v");
    }
  }
  await using inner = new Special({ maxSize: "8MB" });
  await assertFails(() => withReadOnly(inner).importAll(), "READ_ONLY", "importAll");
  assertEquals(inner.sync.size(), 0);
});

test("a store in a bucket is read", async () => {
  await using inner = new CloudStore({ storage: memoryObjects() });
  await inner.rpush("list", ["a"]);
  const store = withReadOnly(inner);
  assertEquals((await store.lrange("list", 0, -1)).map(textOf), ["a"]);
  await assertFails(() => store.lpush("list", ["b"]), "READ_ONLY");
  assertEquals(await inner.llen("list"), 1);
});
