import { assert, assertEquals } from "@std/assert";
import { json, MemoryStore, text, view } from "@ferrite/storage";
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

test("view takes any codec", async () => {
  await using store = open();
  const dates = view<Date>(store, {
    encode: (date) => bytes(date.toISOString()),
    decode: (value) => new Date(textOf(value)!),
  });
  await dates.set("day", new Date(0));
  assertEquals((await dates.get("day"))!.getTime(), 0);
});
