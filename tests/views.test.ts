import { assert, assertEquals } from "@std/assert";
import {
  type Bytes,
  CloudStore,
  type Codec,
  json,
  type ListOps,
  memoryObjects,
  MemoryStore,
  type StorageEngine,
  type StorageError,
  supportsLists,
  supportsTransactions,
  text,
  type View,
  withCodec,
} from "@ferrite/storage";
import { CALLS, COMBINING } from "../src/conformance/calls.ts";
import type { Face } from "../src/conformance/face.ts";
import { KINDS } from "../src/conformance/kinds.ts";
import { bytes, textOf } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const open = () => new MemoryStore({ maxSize: "8MB" });

test("text reads and writes strings, of any script and length", async () => {
  await using store = open();
  const names = text(store);
  const values = ["", "Ada", "Жанна", "🗝", "\u0000", "\ufeffbom", "é".repeat(30_000)];
  for (const value of values) {
    await names.set("k", value);
    assertEquals(await names.get("k"), value);
  }
  await names.mset([["a", "1"], ["b", "2"]]);
  assertEquals(await names.mget(["b", "none", "a"]), ["2", null, "1"]);
  assertEquals(await names.update("a", (value) => value + "!"), "1!");
  assertEquals(await names.update("a", () => undefined), "1!");
  assertEquals(await names.update("a", () => null), null);
  assertEquals(await names.incrBy("n", 5n), 5n);
  assertEquals([await names.exists("b"), await names.del("b"), await names.exists("b")], [true, true, false]);
});

test("views list keys as strings and pass expiry on", async () => {
  await using store = open();
  const names = text(store);
  await names.set("ключ", "v", { ttl: 60_000 });
  assert((await names.ttl("ключ"))! > 50_000);
  assertEquals(await names.expire("ключ", 1000), true);
  assertEquals((await names.scan({ match: "к*" })).keys, ["ключ"]);
  const keys: string[] = [];
  for await (const key of names.keys()) keys.push(key);
  assertEquals(keys, ["ключ"]);
});

test("json reads and writes what JSON can say", async () => {
  await using store = open();
  const things = json<unknown>(store);
  for (const value of [{ a: [1, null, "x"] }, [], 0, "", false, "__proto__"]) {
    await things.set("k", value);
    assertEquals(await things.get("k"), value);
  }
  await json<{ n: number }>(store).update("counter", (value) => ({ n: (value?.n ?? 0) + 1 }));
  assertEquals(await things.get("counter"), { n: 1 });
});

test("what does not have the form of a view is WRONG_TYPE, and left as it is", async () => {
  await using store = open();
  await store.set("bytes", new Uint8Array([0xff, 0xfe]));
  await store.set("text", "not json");
  await assertFails(() => text(store).get("bytes"), "WRONG_TYPE", '"bytes"');
  await assertFails(() => json(store).get("text"), "WRONG_TYPE", '"text"');
  await assertFails(() => json(store).update("text", () => 1), "WRONG_TYPE");
  await assertFails(() => json(store).set("k", undefined), "WRONG_TYPE", "undefined");
  await assertFails(() => json(store).set("k", 5n), "WRONG_TYPE", '"k"');
  await assertFails(() => text(store).set("k", 5 as never), "WRONG_TYPE", "number 5");
  await store.set(new Uint8Array([0xff]), "v");
  await assertFails(() => text(store).scan({ count: 100 }), "WRONG_TYPE");
  assertEquals(textOf(await store.get("text")), "not json");
  assertEquals(await store.exists("k"), false);
});

test("withCodec takes any codec", async () => {
  await using store = open();
  const dates = withCodec(store, {
    encode: (date: Date) => bytes(date.toISOString()),
    decode: (value) => new Date(textOf(value)!),
  });
  await dates.set("day", new Date(0));
  assertEquals((await dates.get("day"))!.getTime(), 0);
});

/** Values in angle brackets, whose order is that of what is in them. */
const BRACKETS: Codec<string> = {
  encode: (value) => `<${value}>`,
  decode(value: Bytes) {
    const text = textOf(value)!;
    if (!/^<.*>$/s.test(text)) throw new TypeError(`${text} has no brackets`);
    return text.slice(1, -1);
  },
};

/** Results with text in place of bytes. */
function readable(result: unknown): unknown {
  if (result instanceof Uint8Array) return textOf(result);
  if (Array.isArray(result)) return result.map(readable);
  if (typeof result !== "object" || result === null) return result;
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, readable(value)]));
}

async function outcomeOf(run: () => unknown): Promise<unknown> {
  try {
    return readable(await run());
  } catch (error) {
    return (error as StorageError).code ?? (error as Error).message;
  }
}

test("every operation of every type does through a codec what it does without, on every face", async () => {
  const bytesOnly = ["append", "getRange", "setRange", "strlen", "hstrlen", "incrBy", "hincrBy", "hincrByFloat"];
  const byChance = [
    "spop",
    "srandMember",
    "hrandField",
    "hrandFieldWithValues",
    "zrandMember",
    "zrandMemberWithScores",
  ];
  const calls = Object.entries({ ...CALLS, zset: { ...CALLS.zset, ...COMBINING } }).flatMap(([type, calls]) =>
    Object.entries(calls).map(([name, call]) => ({ type, name, call }))
  ).filter(({ name }) => !bytesOnly.includes(name) && !byChance.includes(name));
  calls.push(
    { type: "string", name: "set", call: (store, key) => store.set(key, "x") },
    { type: "string", name: "mset", call: (store, key) => store.mset(new Map([[key, "x"], ["none", "y"]]).entries()) },
    { type: "string", name: "update", call: (store, key) => store.update(key, (old) => `${readable(old)}!`) },
    { type: "none", name: "update", call: (store, key) => store.update(key, (old) => old === null ? "x" : null) },
    { type: "string", name: "update", call: (store, key) => store.update(key, () => undefined) },
    { type: "string", name: "update", call: (store, key) => store.update(key, (async () => "x") as never) },
    { type: "string", name: "rename", call: (store, key) => store.rename(key, "new") },
    { type: "string", name: "keys", call: (store) => collect(store.keys()) },
    {
      type: "string",
      name: "scan",
      call: async (store) => (await store.scan({ count: 1000 })).keys.map(readable).sort(),
    },
    { type: "list", name: "lpush wrong", call: (store, key) => store.lpush(key, "x" as never) },
    { type: "hash", name: "hmset wrong", call: (store, key) => store.hmset(key, ["x"] as never) },
  );
  for (const { type, name, call } of calls) {
    for (const face of ["store", "sync", "transaction"]) {
      if (face === "transaction" && ["keys", "scan"].includes(name)) continue;
      await using plain = open();
      await using inner = open();
      const view = withCodec(inner, BRACKETS) as unknown as MemoryStore;
      const outcomes = await Promise.all([plain, view].map(async (store) => {
        for (const { type, add } of KINDS) {
          for (const key of [type, `a ${type}`]) {
            if (type === "string") await store.set(key, "a,b");
            else await add(store, key, ["a", "b"]);
          }
        }
        const outcome = await outcomeOf(() => {
          if (face === "transaction") return store.transact((tx) => call(tx as never, type));
          return call(face === "sync" ? store.sync : store, type);
        });
        return [outcome, await contentsOf(store)];
      }));
      assertEquals(outcomes[1], outcomes[0], `${face} ${name}`);
    }
  }
});

async function collect(keys: AsyncIterable<unknown> | Iterable<unknown>): Promise<unknown[]> {
  const found = [];
  for await (const key of keys) found.push(readable(key));
  return found.sort();
}

/** All that a store holds, by its own methods. */
async function contentsOf(store: Face): Promise<unknown> {
  const found = [];
  for (const key of await collect(store.keys()) as string[]) {
    const type = (await store.type(key))!;
    const read: Record<typeof type, () => unknown> = {
      string: () => store.get(key),
      list: () => store.lrange(key, 0, -1),
      hash: () => store.hgetall(key),
      set: async () => (await store.smembers(key)).map(readable).sort(),
      zset: () => store.zrangeWithScores(key, 0, -1),
    };
    found.push([key, readable(await read[type]())]);
  }
  return found;
}

test("elements drawn at random come through the codec too", async () => {
  await using store = open();
  const view = withCodec(store, BRACKETS);
  await view.sadd("set", ["a"]);
  await view.hset("hash", "f", "a");
  await view.zadd("zset", [[1, "a"]]);
  assertEquals([await view.srandMember("set"), view.sync.srandMember("set", -2)], [["a"], ["a", "a"]]);
  assertEquals([await view.hrandField("hash"), view.sync.hrandFieldWithValues("hash")], [["f"], [["f", "a"]]]);
  assertEquals([await view.zrandMember("zset"), view.sync.zrandMemberWithScores("zset")], [["a"], [["a", 1]]]);
  assertEquals([await view.spop("set"), textOf(await store.hget("hash", "f"))], [["a"], "<a>"]);
});

test("what cannot be decoded is not taken away", async () => {
  await using store = open();
  const view = withCodec(store, BRACKETS);
  await store.rpush("list", ["wrong"]);
  await store.sadd("set", ["wrong"]);
  await store.zadd("zset", [[1, "wrong"]]);
  for (const face of [view, view.sync]) {
    const calls = [
      () => face.lpop("list"),
      () => face.rpop("list", 5),
      () => face.lmove("list", "other", "left", "right"),
      () => face.spop("set"),
      () => face.zpopMin("zset"),
      () => face.zpopMax("zset"),
      () => face.update("list", () => "x"),
    ];
    for (const call of calls) await assertFails(call, "WRONG_TYPE");
  }
  assertEquals([await store.llen("list"), await store.scard("set"), await store.zcard("zset")], [1, 1, 1]);
  assertEquals(await store.size(), 3);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertEquals(await view.lpop("list", 1, { signal }).catch((error) => error), reason);
});

test("the type of a view has what its store has, and no more", async () => {
  await using store = open();
  const names = text(store);
  const list: string[] = await names.lrange("none", 0, -1);
  const fields: [string, string][] = names.sync.hgetall("none");
  const sum: bigint = names.sync.incrBy("n", 5n);
  const members: [string, number][] = await names.transact((tx) => tx.zrangeWithScores("none", 0, -1));
  assertEquals([list, fields, sum, members], [[], [], 5n, []]);
  const underneath: MemoryStore = names.store;
  assertEquals(underneath === store, true);

  const cloud = text(new CloudStore({ storage: memoryObjects() }));
  const sync: undefined = cloud.sync;
  assertEquals([sync, await cloud.lpop("none")], [undefined, []]);
  // @ts-expect-error: a bucket has no transactions
  cloud.transact;
  // @ts-expect-error: it is not text that is appended to, but bytes
  names.append;

  const engine: StorageEngine = store;
  const plain: View<string> = text(engine);
  // @ts-expect-error: nothing is known of lists
  plain.rpush;
  assert(supportsLists(engine) && supportsTransactions(engine));
  const lists: View<string> & ListOps<string, string> = text(engine);
  assertEquals([await lists.rpush("l", ["a"]), text(engine).sync?.lrange("l", 0, -1)], [1, ["a"]]);

  const typed = json<{ n: number }>(store);
  const value: { n: number } | null = await typed.get("none");
  const all = json<{ n: number }, MemoryStore>(store);
  await all.rpush("things", [{ n: 1 }]);
  assertEquals([value, (await all.lindex("things", 0))?.n], [null, 1]);
  // @ts-expect-error: a string is no { n: number }
  await assertFails(() => all.rpush("l", [5n]), "WRONG_TYPE");
});

test("the view of a store through a codec is the same each time", async () => {
  await using store = open();
  await using other = open();
  assert(text(store) === text(store) && json(store) === json<number>(store));
  assert((text(store) as unknown) !== json(store) && text(store) !== text(other));
});

test("a view works on a store that is wrapped, and says what key is wrong", async () => {
  await using store = open();
  const things = json<unknown, MemoryStore>(store);
  await store.rpush("list", ["not json"]);
  await store.set(new Uint8Array([0xff]), "not json");
  await assertFails(() => things.lrange("list", 0, -1), "WRONG_TYPE", 'Cannot read key "list"');
  await assertFails(() => things.sync.lpop("list"), "WRONG_TYPE", 'Cannot read key "list"');
  await assertFails(() => things.mget(["none", new Uint8Array([0xff])]), "WRONG_TYPE", "Cannot read key of 1 bytes");
  await assertFails(() => things.sync.mset([["a", 1], ["b", undefined]]), "WRONG_TYPE", 'Cannot write key "b"');
  await assertFails(
    () => things.transact((tx) => tx.sadd("set", [1, undefined])),
    "WRONG_TYPE",
    'Cannot write key "set"',
  );
  await store.hset("hash", new Uint8Array([0xff]), "1");
  await assertFails(() => things.hgetall("hash"), "WRONG_TYPE", "Cannot list key of 1 bytes");
  assertEquals(await store.size(), 2 + 1);
});
