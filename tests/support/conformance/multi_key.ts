import { assertEquals } from "@std/assert";
import { assertFails } from "../errors.ts";
import type { Check } from "./face.ts";
import { contentOf, KINDS } from "./kinds.ts";

/** What stores must do that cannot write to several keys at once: refuse it, with nothing changed. */
export function multiKeyConformance(check: Check): void {
  check("what would write to two keys at once is refused, and changes neither", async (store) => {
    for (const { type, add } of KINDS) await add(store, type, ["a", "b"]);
    const before = await Promise.all(KINDS.map(({ type }) => contentOf(store, type)));
    const calls = [
      ...KINDS.map(({ type }) => () => store.rename(type, "new")),
      ...KINDS.map(({ type }) => () => store.rename(type, type === "list" ? "set" : "list")),
      () => store.lmove("list", "new", "left", "left"),
      () => store.smove("set", "new", "a"),
    ];
    for (const call of calls) await assertFails(call, "UNSUPPORTED", "several keys");
    assertEquals(await Promise.all(KINDS.map(({ type }) => contentOf(store, type))), before);
    assertEquals(await store.exists("new"), false);
  });

  check("what concerns two keys and writes to one or to none is done", async (store) => {
    await store.sadd("set", ["a"]);
    await store.rpush("list", ["a", "b"]);
    assertEquals([await store.rename("none", "new"), await store.rename("list", "set", { ifAbsent: true })], [
      false,
      false,
    ]);
    assertEquals(await store.smove("set", "new", "none"), false);
    assertEquals(await store.lmove("none", "list", "left", "left"), null);
    await store.lmove("list", "list", "left", "right");
    assertEquals(await contentOf(store, "list"), "list b,a");
    assertEquals(await store.sunionStore("union", ["set", "none"]), 1);
    assertEquals(await store.copy("list", "copy"), true);
  });
}
