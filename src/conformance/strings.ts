import type { Key } from "../engine.ts";
import { assert, assertBytes, assertEquals } from "./assert.ts";
import { bytes, pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";

/** What `set`, `get`, `exists` and `del` do with keys and values of any length. */
export function checkStrings(check: Check): void {
  const { assertFails, longestKey } = check;

  check("gives back what was set, and null for what was not", async (store) => {
    assertEquals(await store.set("k", "v"), true);
    assertEquals(await store.get("k"), bytes("v"));
    assertEquals(await store.get(bytes("k")), bytes("v"));
    assertEquals(await store.get("other"), null);
    assertEquals([await store.exists("k"), await store.exists("other")], [true, false]);
  });

  check("takes any bytes as key and value, none included", async (store) => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const cases: [Key, Uint8Array][] = [
      ["", bytes("")],
      [new Uint8Array([0]), new Uint8Array([0, 0])],
      [all, all.slice().reverse()],
      ["ключ 🗝", bytes("значение 🪙")],
      ["x".repeat(64), bytes("é".repeat(33))],
      ["x".repeat(63) + "é", new Uint8Array(64)],
    ];
    for (const [key, value] of cases) await store.set(key, value);
    for (const [key, value] of cases) assertEquals(await store.get(key), value);
    assertEquals(await store.size(), cases.length);
    assertEquals(await store.get(bytes("ключ 🗝")), bytes("значение 🪙"));
  });

  check("takes values of every length around the limits of a record, as text and as bytes", async (store) => {
    for (const length of [0, 1, 7, 8, 9, 63, 64, 65, 191, 192, 193, 1023, 1024, 1025, 16351, 16352, 16353, 40000]) {
      const value = pattern(length, length);
      await store.set("bytes", value);
      assertBytes(await store.get("bytes"), value, `bytes of length ${length}`);
      const text = "añ".repeat(length).slice(0, length);
      await store.set("text", text);
      assertEquals(textOf(await store.get("text")), text);
    }
  });

  check("takes values of megabytes, and drops them whole", async (store) => {
    const value = pattern(3_000_001);
    await store.set("big", value);
    await store.set("small", "s");
    assertBytes(await store.get("big"), value);
    assertEquals(await store.size(), 2);
    const other = pattern(2_000_000, 9);
    await store.set("big", other);
    assertBytes((await store.mget(["small", "big"]))[1], other);
    await store.set("big", "tiny");
    assertEquals(textOf(await store.get("big")), "tiny");
    assertEquals(await store.del("big"), true);
    assertEquals(await store.size(), 1);
  });

  check(`takes keys of up to ${longestKey} bytes`, async (store) => {
    const longest = "k".repeat(longestKey);
    await store.set(longest, "v");
    await store.set(longest.slice(1), "w");
    assertEquals(textOf(await store.get(longest)), "v");
    assertEquals((await store.mget([longest, "a", longest.slice(1)])).map(textOf), ["v", null, "w"]);
    await assertFails(() => store.set(longest + "k", "v"), "TOO_LARGE", String(longestKey));
    await assertFails(() => store.get("é".repeat(32_768)), "TOO_LARGE", "65536 bytes");
    await assertFails(() => store.get(new Uint8Array(65_536)), "TOO_LARGE");
  });

  check("gives copies: neither side's changes reach the other", async (store) => {
    const value = pattern(100);
    await store.set("k", value);
    value.fill(0);
    const read = (await store.get("k"))!;
    assertBytes(read, pattern(100), "the value, when what was set had been changed,");
    read.fill(1);
    assertBytes(await store.get("k"), pattern(100), "the value, when what was read had been changed,");
    const kept: Uint8Array[] = [];
    for (let i = 0; i < check.some(1000); i++) {
      await store.set("k", pattern(i, i));
      kept.push((await store.get("k"))!);
    }
    kept.forEach((value, i) => assertBytes(value, pattern(i, i), `value ${i}`));
  });

  check("gives a value a buffer of its own when asked, or when it is long", async (store) => {
    await store.set("short", pattern(10));
    await store.set("long", pattern(2000));
    assertEquals((await store.get("short", { own: true }))!.buffer.byteLength, 10);
    assertEquals((await store.mget(["short"], { own: true }))[0]!.buffer.byteLength, 10);
    assertEquals((await store.get("long"))!.buffer.byteLength, 2000);
    const { byteLength } = (await store.get("short"))!.buffer;
    assert(byteLength <= 16_384, `a value of 10 bytes is in a buffer of ${byteLength}`);
    assertEquals((await store.get("short"))!.byteOffset % 8, 0);
  });

  check("set: ifAbsent and ifPresent decide whether to write", async (store) => {
    assertEquals(await store.set("k", "1", { ifPresent: true }), false);
    assertEquals(await store.get("k"), null);
    assertEquals(await store.set("k", "2", { ifAbsent: true }), true);
    assertEquals(await store.set("k", "3", { ifAbsent: true }), false);
    assertEquals(textOf(await store.get("k")), "2");
    assertEquals(await store.set("k", pattern(50_000), { ifAbsent: true }), false);
    assertEquals(await store.set("k", pattern(50_000), { ifPresent: true }), true);
    assertEquals((await store.get("k"))!.length, 50_000);
    await assertFails(() => store.set("k", "v", { ifAbsent: true, ifPresent: true }), "OUT_OF_RANGE");
  });

  check("del removes, and tells what was there", async (store) => {
    await store.set("k", "v");
    assertEquals(await store.del("k"), true, "del of a key that is there");
    assertEquals(await store.del("k"), false, "del of a key that is not there");
    assertEquals(await store.get("k"), null, "get after del");
    assertEquals(await store.size(), 0);
  });
}
