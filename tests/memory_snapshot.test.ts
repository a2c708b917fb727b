import { defaultModule } from "../src/core/module.ts";
import { assert, assertEquals } from "@std/assert";
import { open, readdir, readFile, writeFile } from "node:fs/promises";
import { MemoryStore, type SyncStorageEngine } from "@ferrite/storage";
import { writeSnapshot } from "../src/memory/snapshot.ts";
import { Space } from "../src/memory/space.ts";
import { SyncStore } from "../src/types/sync_store.ts";
import { requireFileSystem } from "../src/runtime/detect.ts";
import type { FileSystem } from "../src/runtime/files.ts";
import { pattern, sameBytes, sleep, textOf } from "./support/bytes.ts";
import { inDirectory, interposed } from "./support/directory.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

test("a snapshot holds every key, value and expiry, and nothing else is left beside it", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "64MB", snapshotPath: path("a.snapshot") });
    for (let i = 0; i < 20_000; i++) store.sync.set(`key:${i}`, pattern(i % 300, i));
    for (let i = 0; i < 20_000; i += 3) store.sync.del(`key:${i}`);
    store.sync.set("", "");
    store.sync.set("big", pattern(1_000_000));
    store.sync.set("later", "v", { ttl: 60_000 });
    store.sync.set("soon", "v", { ttl: 20 });
    assertEquals(await store.checkpoint(), path("a.snapshot"));
    assertEquals(await readdir(path(".")), ["a.snapshot"]);
    await sleep(30);

    // A store of another size, with something in it already.
    await using other = new MemoryStore({ maxSize: "16MB", snapshotPath: path("a.snapshot") });
    other.sync.set("gone", "v");
    await other.restore();
    assertEquals(other.sync.get("gone"), null);
    assertEquals(other.sync.get("soon"), null);
    assertEquals(textOf(other.sync.get("")), "");
    assert(sameBytes(other.sync.get("big"), pattern(1_000_000)));
    const ttl = other.sync.ttl("later")!;
    assert(ttl > 50_000 && ttl <= 60_000);
    for (let i = 0; i < 20_000; i++) {
      assert(sameBytes(other.sync.get(`key:${i}`), i % 3 === 0 ? null : pattern(i % 300, i)), `key:${i}`);
    }
    // What comes next does not meet what came along.
    other.sync.set("big2", pattern(900_000, 5));
    assert(sameBytes(other.sync.get("big"), pattern(1_000_000)));
    other.sync.del("big2");
    assert(sameBytes(other.sync.get("big"), pattern(1_000_000)));
  }));

test("a checkpoint shows one moment, whatever is written, removed or recycled between its blocks", () =>
  inDirectory((path) =>
    seeded(async (random) => {
      const space = new Space({ maxBytes: 8 * 2 ** 20, evicts: false, tracksReads: false, module: defaultModule });
      const store = new SyncStore(space);
      const model = new Map<string, Uint8Array>();
      for (let i = 0; i < 12_000; i++) change(store, model, random);

      for (let round = 0; round < 4; round++) {
        let moment: Map<string, Uint8Array> | undefined;
        let drained = 0;
        const files = interposed({
          // The header is written once the checkpoint has begun; each later write comes between two blocks.
          write() {
            moment ??= new Map(model);
            for (let i = random.below(2000); i > 0; i--) change(store, model, random);
          },
          writeSync: () => drained++,
        });
        await writeSnapshot(space, files, path("s"));
        if (round > 0) assert(drained > 0, "writes needed room that the checkpoint still held");
        await using copy = new MemoryStore({ maxSize: "32MB" });
        await copy.restore(path("s"));
        assertHolds(copy.sync, moment!);
        assertHolds(store, model);
      }
    })
  ));

function change(store: SyncStore, model: Map<string, Uint8Array>, random: Random): void {
  const key = `key:${random.below(7000)}`;
  const old = model.get(key);
  switch (random.below(7)) {
    case 0:
      store.del(key);
      model.delete(key);
      break;
    case 1:
      store.expire(key, 100_000);
      break;
    case 2:
      if (old === undefined || old.length > 60_000) break;
      store.append(key, "+");
      model.set(key, new Uint8Array([...old, 43]));
      break;
    case 3:
      if (old === undefined) break;
      // The same size: in place, were it not for the checkpoint.
      store.set(key, pattern(old.length, 77), { keepTtl: true });
      model.set(key, pattern(old.length, 77));
      break;
    default: {
      const length = random.below(100) === 0 ? 16_000 + random.below(20_000) : random.below(1000);
      const value = pattern(length, random.below(256));
      store.set(key, value);
      model.set(key, value);
    }
  }
}

function assertHolds(store: SyncStorageEngine, model: Map<string, Uint8Array>): void {
  assertEquals(store.size(), model.size);
  for (const [key, value] of model) assert(sameBytes(store.get(key), value), key);
}

test("a snapshot that is cut anywhere is CORRUPT, and the store keeps what it had", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "8MB" });
    for (let i = 0; i < 3000; i++) store.sync.set(`key:${i}`, pattern(100, i));
    await store.checkpoint(path("whole"));
    const whole = await readFile(path("whole"));
    await using other = new MemoryStore({ maxSize: "8MB" });
    other.sync.set("k", "v");
    for (const length of [0, 1, 31, 32, 40, 47, 48, 100, 70_000, 131_100, whole.length - 17, whole.length - 1]) {
      await writeFile(path("cut"), whole.subarray(0, length));
      await assertFails(() => other.restore(path("cut")), "CORRUPT", path("cut"));
    }
    await writeFile(path("long"), new Uint8Array([...whole, 0]));
    await assertFails(() => other.restore(path("long")), "CORRUPT", "bytes follow");
    assertEquals([other.sync.size(), textOf(other.sync.get("k"))], [1, "v"]);
  }));

test("a snapshot with any bit flipped is CORRUPT, and the store keeps what it had", () =>
  inDirectory((path) =>
    seeded(async (random) => {
      await using store = new MemoryStore({ maxSize: "8MB" });
      for (let i = 0; i < 60; i++) store.sync.set(`key:${i}`, pattern(i, i), i % 2 === 0 ? {} : { ttl: 1e6 });
      store.sync.set("big", pattern(40_000));
      await store.checkpoint(path("whole"));
      const whole = await readFile(path("whole"));
      await using other = new MemoryStore({ maxSize: "8MB" });
      other.sync.set("k", "v");
      // Each byte of the headers and of the first records, and many of the rest.
      const places = [...Array(400).keys(), ...Array.from({ length: 300 }, () => random.below(whole.length))];
      for (const place of places) {
        const flipped = new Uint8Array(whole);
        flipped[place] ^= 1 << random.below(8);
        await writeFile(path("flipped"), flipped);
        // A version that is not 1 would be its own answer, were the header not damaged too.
        await assertFails(() => other.restore(path("flipped")), "CORRUPT", "at byte");
      }
      assertEquals([other.sync.size(), textOf(other.sync.get("k"))], [1, "v"]);
    })
  ));

test("blocks that were swapped, repeated or dropped are CORRUPT", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "8MB" });
    for (let i = 0; i < 3000; i++) store.sync.set(`key:${i}`, pattern(100, i));
    await store.checkpoint(path("whole"));
    const whole = await readFile(path("whole"));
    const first = 16 + whole.readUInt32LE(32);
    const block = (number: number) => whole.subarray(32 + number * first, 32 + (number + 1) * first);
    const rest = whole.subarray(32 + 2 * first);
    for (const parts of [[block(1), block(0), rest], [block(0), block(0), rest], [block(1), rest], [block(0), rest]]) {
      await writeFile(path("mixed"), Buffer.concat([whole.subarray(0, 32), ...parts]));
      await assertFails(() => store.restore(path("mixed")), "CORRUPT");
    }
    assertEquals(store.sync.size(), 3000);
  }));

test("a snapshot that does not fit is OUT_OF_MEMORY, and the store keeps what it had", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "32MB" });
    for (let i = 0; i < 20_000; i++) store.sync.set(`key:${i}`, pattern(1000, i));
    await store.checkpoint(path("large"));
    await using small = new MemoryStore({ maxSize: "8MB" });
    small.sync.set("k", "v");
    await assertFails(() => small.restore(path("large")), "OUT_OF_MEMORY", "raise maxSize");
    assertEquals(small.sync.size(), 1);
  }));

test("a snapshot of another version, or of another kind, is refused", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "8MB" });
    await writeFile(path("text"), "this is not a snapshot, but it is longer than the header of one");
    await assertFails(() => store.restore(path("text")), "CORRUPT", "does not start like a snapshot");
  }));

test("a path that cannot be read or written is UNAVAILABLE, and leaves nothing behind", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "8MB" });
    await assertFails(() => store.restore(path("none")), "UNAVAILABLE", "ENOENT");
    await assertFails(() => store.restore(path(".")), "UNAVAILABLE", "EISDIR");
    await assertFails(() => store.checkpoint(path("no/such/directory")), "UNAVAILABLE", "ENOENT");
    await assertFails(() => store.checkpoint(), "CONFIG", "snapshotPath");
    await assertFails(() => store.restore(), "CONFIG", "snapshotPath");
    await assertFails(() => store.checkpoint(path(".")), "UNAVAILABLE"); // a directory cannot be replaced
    assertEquals(await readdir(path(".")), []);
    store.sync.set("k", "v"); // and the store goes on
    await store.checkpoint(path("fine"));
  }));

test("a disk that is full fails the checkpoint and keeps the snapshot before", async () => {
  await inDirectory(async (path) => {
    const files = requireFileSystem("test");
    const space = new Space({ maxBytes: 8 * 2 ** 20, evicts: false, tracksReads: false, module: defaultModule });
    await writeFile(path("s"), "the snapshot before");
    for (const failing of ["write", "sync", "replace"]) {
      const noSpace = () => Promise.reject(Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }));
      const full = {
        ...files,
        create: async (draft: string) => {
          const file = await files.create(draft);
          return failing === "replace" ? file : { ...file, [failing]: noSpace };
        },
        replace: failing === "replace" ? noSpace : files.replace,
      };
      await assertFails(() => writeSnapshot(space, full, path("s")), "UNAVAILABLE", "ENOSPC");
      assertEquals(await readFile(path("s"), "utf8"), "the snapshot before");
      assertEquals(await readdir(path(".")), ["s"]);
      assertEquals(space.drain, null);
    }
  });
});

test("a store full to the last byte can be loaded from its snapshot into one of its size", () =>
  inDirectory(async (path) => {
    for (const [keyLength, length] of [[8, 100], [8, 2148], [8, 2730], [8, 14_639], [20_000, 1000], [60_000, 10]]) {
      await using store = new MemoryStore({ maxSize: "8MB", snapshotPath: path("s") });
      let count = 0;
      try {
        for (;; count++) store.sync.set(`${count}`.padStart(keyLength, "k"), pattern(length, count));
      } catch {
        await store.checkpoint();
      }
      await using copy = new MemoryStore({ maxSize: "8MB", snapshotPath: path("s") });
      await copy.restore();
      assertEquals(copy.sync.size(), count);
    }
  }));

test("a checkpoint that failed leaves nothing behind in the store that the next one could save", () =>
  inDirectory(async (path) => {
    const space = new Space({ maxBytes: 8 * 2 ** 20, evicts: false, tracksReads: false, module: defaultModule });
    const store = new SyncStore(space);
    const model = new Map<string, Uint8Array>();
    for (let i = 0; i < 3000; i++) {
      model.set(`key:${i}`, pattern(1000, i));
      store.set(`key:${i}`, pattern(1000, i));
    }
    const files = requireFileSystem("test");
    const noSpace = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
    for (const failAt of ["write", "writeSync"]) {
      let writes = 0;
      const failing: FileSystem = {
        ...files,
        create: async (draft) => {
          const file = await files.create(draft);
          return {
            ...file,
            async write(bytes, position) {
              // While the checkpoint waits, keys it has yet to save are removed and others take their room.
              for (let i = writes * 40; i < writes * 40 + 40; i++) {
                store.del(`key:${i}`);
                model.delete(`key:${i}`);
              }
              for (let i = 0; i < 1500; i++) {
                store.set(`other:${i}`, pattern(1000 + writes * 8, writes));
                model.set(`other:${i}`, pattern(1000 + writes * 8, writes));
              }
              if (++writes === 5 && failAt === "write") throw noSpace;
              await file.write(bytes, position);
            },
            writeSync() {
              throw noSpace;
            },
          };
        },
      };
      await assertFails(() => writeSnapshot(space, failing, path("s")), "UNAVAILABLE", "ENOSPC");
      assertEquals(await readdir(path(".")).then((names) => names.filter((name) => name.includes("tmp"))), []);
      assertHolds(store, model);
      await writeSnapshot(space, files, path("s"));
      await using copy = new MemoryStore({ maxSize: "32MB" });
      await copy.restore(path("s"));
      assertHolds(copy.sync, model);
    }
  }));

test("checkpoints, restores and compactions run one after another; close waits for them", () =>
  inDirectory(async (path) => {
    const store = new MemoryStore({ maxSize: "32MB" });
    for (let i = 0; i < 10_000; i++) store.sync.set(`key:${i}`, pattern(500, i));
    const all = Promise.all([store.checkpoint(path("a")), store.compact(), store.checkpoint(path("b"))]);
    const restored = store.restore(path("a"));
    await all;
    await restored;
    const last = store.checkpoint(path("c"));
    await sleep(0);
    await store.close();
    assertEquals(await last, path("c"));
    await assertFails(() => store.checkpoint(path("d")), "CLOSED");
    await assertFails(() => store.restore(path("a")), "CLOSED");
    await assertFails(() => store.compact(), "CLOSED");
    for (const name of ["a", "b", "c"]) {
      await using copy = new MemoryStore({ maxSize: "32MB", snapshotPath: path(name) });
      await copy.restore();
      assertEquals(copy.sync.size(), 10_000);
    }
  }));

test("close right after checkpoint lets it finish; a path that is none is refused", () =>
  inDirectory(async (path) => {
    const store = new MemoryStore({ maxSize: "8MB", snapshotPath: path("s") });
    store.sync.set("k", "v");
    for (const wrong of [5, {}, "", null] as never[]) {
      await assertFails(() => store.checkpoint(wrong), "WRONG_TYPE", "path");
      await assertFails(() => store.restore(wrong), "WRONG_TYPE", "path");
    }
    const done = store.checkpoint();
    await store.close();
    assertEquals(await done, path("s"));
    await using copy = new MemoryStore({ maxSize: "8MB", snapshotPath: path("s") });
    await copy.restore();
    assertEquals(copy.sync.size(), 1);
  }));

test("clear in the middle of a checkpoint leaves the checkpoint whole", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "32MB" });
    for (let i = 0; i < 10_000; i++) store.sync.set(`key:${i}`, pattern(500, i));
    const done = store.checkpoint(path("s"));
    for (let i = 0; i < 20; i++) await sleep(0);
    store.sync.clear();
    store.sync.set("k", "v");
    await done;
    assertEquals(store.sync.size(), 1);
    await store.restore(path("s"));
    assertEquals(store.sync.size(), 10_000);
  }));

test("a snapshot that this version's first release wrote is read", async () => {
  const path = new URL("fixtures/snapshot-v1.bin", import.meta.url).pathname;
  await using store = new MemoryStore({ maxSize: "8MB" });
  await store.restore(path);
  assertEquals(store.sync.size(), 4);
  assertEquals(textOf(store.sync.get("greeting")), "hello");
  assertEquals(store.sync.get(new Uint8Array([0, 255])), new Uint8Array([255, 0]));
  assert(sameBytes(store.sync.get("large"), pattern(40_000)));
  assertEquals(textOf(store.sync.get("expires in 2100")), "v");
  assert(store.sync.ttl("expires in 2100")! > 1e12);
});

test("the same content written on any runtime is the same file but for the time", () =>
  inDirectory(async (path) => {
    await using store = new MemoryStore({ maxSize: "8MB" });
    store.sync.set("k", "v");
    await store.checkpoint(path("a"));
    const file = await open(path("a"));
    const bytes = (await file.readFile()).subarray(32);
    await file.close();
    // docs/format.md shows this very block.
    assertEquals(bytes.toString("hex").replace(/(.{8})/g, "$1 ").trim(), EXAMPLE_BLOCK);
  }));

const EXAMPLE_BLOCK = "18000000 01000000 00000000 233efde1 00000000 00010100 01000000 1c90d122 6b000000 76000000 " +
  "00000000 00000000 01000000 47203713";
