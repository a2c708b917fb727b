import { assertEquals } from "@std/assert";
import { conformance, RECORD_STORE } from "@ferrite/storage/conformance";
import { RecordStore } from "@ferrite/storage/kernel";
import { SqliteTable } from "../examples/sqlite/sqlite_table.ts";
import { inDirectory } from "./support/directory.ts";
import { test } from "./support/harness.ts";

// Node has SQLite from 22.5 on.
if ("Bun" in globalThis || process.getBuiltinModule("node:sqlite") !== undefined) {
  conformance({
    test,
    name: "RecordStore over SQLite",
    open: async () => new RecordStore({ table: await SqliteTable.open(":memory:"), cacheSize: "8MB" }),
    capabilities: RECORD_STORE,
    effort: 0.1,
  });

  test("a store over SQLite finds everything again", () =>
    inDirectory(async (pathOf) => {
      const path = pathOf("records.sqlite");
      {
        await using store = new RecordStore({ table: await SqliteTable.open(path) });
        await store.zadd("scores", Array.from({ length: 2000 }, (_, i) => [i, `player ${i}`]));
        await store.set("large", new Uint8Array(300_000).fill(7));
      }
      await using store = new RecordStore({ table: await SqliteTable.open(path) });
      assertEquals(await store.zrank("scores", "player 1500"), 1500);
      assertEquals(await store.strlen("large"), 300_000);
      assertEquals(await store.size(), 2);
    }));
}
