import { defaultModule } from "../src/core/module.ts";
import { assert } from "@std/assert";
import { MemoryStore } from "@ferrite/storage";
import { Space } from "../src/memory/space.ts";
import { SyncStore } from "../src/types/sync_store.ts";
import { test } from "./support/harness.ts";
import { compareAll, Model, step } from "./support/model.ts";
import { seeded } from "./support/random.ts";

test("a million random operations do what a Map would do, in a store that recycles all the time", () =>
  seeded(async (random) => {
    await using store = new MemoryStore({ maxSize: "12MB" });
    const model = new Model();
    for (let i = 0; i < 1_000_000; i++) step(store.sync, model, random);
    compareAll(store.sync, model);
    const { recycledPages } = store.stats();
    assert(recycledPages > 100, `${recycledPages} pages were recycled`);
    await store.compact();
    compareAll(store.sync, model);
  }));

test("log addresses that wrap are ordered by their distance from the tail", () =>
  seeded((random) => {
    // Addresses are 40 bits of 8 bytes and pages 128 KiB here: the log starts two pages before the wrap.
    const space = new Space({
      maxBytes: 12 * 2 ** 20,
      evicts: false,
      tracksReads: false,
      firstPage: 2 ** 26 - 2,
      module: defaultModule,
    });
    const store = new SyncStore(space);
    const model = new Model();
    for (let i = 0; i < 300_000; i++) step(store, model, random);
    assert(store.stats().recycledPages > 2, "the oldest page has wrapped too");
    compareAll(store, model);
  }));
