import { assert, assertEquals } from "@std/assert";
import { readdir, rm } from "node:fs/promises";
import { HybridLogStore } from "@ferrite/storage";
import { assertSameContents, contentsOf } from "./support/contents.ts";
import { inDirectory } from "./support/directory.ts";
import { FIXTURE_OPTIONS, unpackFixture } from "./support/fixture.ts";
import { test } from "./support/harness.ts";

// Logs that earlier versions have written: see tests/support/write_fixture.ts.

for (const name of ["hybridlog-v1"]) {
  test(`${name}: everything is there, by its index and by the log alone, and can be changed and compacted`, () =>
    inDirectory(async (path) => {
      const options = { ...FIXTURE_OPTIONS, dataDir: path("log") };
      const contents = await unpackFixture(name, options.dataDir);
      {
        await using store = await HybridLogStore.open(options);
        assert(store.recovery.usedIndexFile);
        assertSameContents(contentsOf(store.sync), contents);
      }

      await rm(options.dataDir, { recursive: true });
      await unpackFixture(name, options.dataDir);
      const isIndex = (file: string) => file.endsWith(".idx");
      for (const file of (await readdir(options.dataDir)).filter(isIndex)) await rm(path(`log/${file}`));
      await using store = await HybridLogStore.open(options);
      assert(!store.recovery.usedIndexFile);
      assertEquals(store.recovery.cutBytes, 0);
      assertSameContents(contentsOf(store.sync), contents);

      const [key, other] = Object.keys(contents);
      await store.set(key, "of this version");
      await store.del(other);
      await store.compact();
      const expected = { ...contents, [key]: ["string", null, "of this version"] as const };
      delete expected[other];
      assertSameContents(contentsOf(store.sync), expected);
    }));
}
