import { assert, assertEquals, assertThrows } from "@std/assert";
import { rm, writeFile } from "node:fs/promises";
import { BLOCK_BYTES, BlockCache } from "../src/runtime/block_cache.ts";
import { requireFileSystem } from "../src/runtime/detect.ts";
import type { MappedFile, OpenFile } from "../src/runtime/files.ts";
import { mapBlocks } from "../src/runtime/mapped.ts";
import { pause } from "../src/runtime/pause.ts";
import { pattern, sameBytes, sleep } from "./support/bytes.ts";
import { inDirectory } from "./support/directory.ts";
import { test } from "./support/harness.ts";
import { seeded } from "./support/random.ts";

const files = requireFileSystem("test");

/** Reads of a file, counted; those that are awaited can be held up. */
interface Watched {
  file: OpenFile;
  reads: number;
  bytesRead: number;
  gate: Promise<void>;
  failing: boolean;
}

async function watch(path: string): Promise<Watched> {
  const file = await files.open(path);
  const watched: Watched = { file, reads: 0, bytesRead: 0, gate: Promise.resolve(), failing: false };
  const count = (into: Uint8Array) => {
    watched.reads++;
    watched.bytesRead += into.length;
    if (watched.failing) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
  };
  watched.file = {
    ...file,
    async read(into, position) {
      count(into);
      await watched.gate;
      return file.read(into, position);
    },
    readSync(into, position) {
      count(into);
      return file.readSync(into, position);
    },
  };
  return watched;
}

/** Runs on what this runtime maps, and on the emulation. */
async function onBoth(path: string, run: (mapped: MappedFile) => Promise<void> | void): Promise<void> {
  for (const map of [files.map(path), mapBlocks(await files.open(path), new BlockCache(3 * BLOCK_BYTES))]) {
    const mapped = await map;
    await run(mapped);
    mapped.close();
  }
}

test("a mapped file gives its bytes anywhere, fewer only at its end, loaded before or not", () =>
  inDirectory((path) =>
    seeded(async (random) => {
      const whole = pattern(7 * BLOCK_BYTES + 1234);
      await writeFile(path("f"), whole);
      await onBoth(path("f"), async (mapped) => {
        assertEquals(mapped.size, whole.length);
        for (let i = 0; i < 400; i++) {
          const position = random.below(whole.length + 100);
          const length = random.below([10, 3000, 100_000, 600_000][i % 4]);
          if (random.below(4) === 0) await mapped.load(position, length);
          const expected = whole.subarray(position, position + length);
          assert(sameBytes(mapped.bytes(position, length), expected), `${length} bytes at ${position}`);
        }
        for (const position of [0, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES * 7, whole.length - 1, whole.length]) {
          for (const length of [0, 1, 2, BLOCK_BYTES, BLOCK_BYTES + 1, 2 ** 31]) {
            const expected = whole.subarray(position, position + length);
            assert(sameBytes(mapped.bytes(position, length), expected), `${length} bytes at ${position}`);
          }
        }
      });
    })
  ));

test("an empty file, and one of exactly a block, are mapped", () =>
  inDirectory(async (path) => {
    await writeFile(path("empty"), "");
    await onBoth(path("empty"), async (mapped) => {
      assertEquals(mapped.size, 0);
      await mapped.load(0, 100);
      assertEquals(mapped.bytes(0, 100).length, 0);
    });
    await writeFile(path("block"), pattern(BLOCK_BYTES));
    await onBoth(path("block"), async (mapped) => {
      await mapped.load(0, 2 ** 40);
      assert(sameBytes(mapped.bytes(0, BLOCK_BYTES + 1), pattern(BLOCK_BYTES)));
    });
  }));

test("a mapped file stays readable when its name is gone", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(200_000));
    const mapped = await files.map(path("f"));
    await rm(path("f"));
    await mapped.load(0, 200_000);
    assert(sameBytes(mapped.bytes(0, 200_000), pattern(200_000)));
    mapped.close();
  }));

test("after close nothing is read, and close comes twice without harm", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(100));
    await onBoth(path("f"), (mapped) => {
      mapped.bytes(0, 10);
      mapped.close();
      mapped.close();
      assertThrows(() => mapped.bytes(0, 10), Error, "closed");
    });
  }));

test("mappings are gone with close, without a garbage collection", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(100_000));
    const regions = async () => (await files.readText("/proc/self/maps")).split(path("f")).length - 1;
    if (!("Bun" in globalThis)) return;
    const all = await Promise.all(Array.from({ length: 100 }, () => files.map(path("f"))));
    assertEquals(await regions(), 100);
    const view = all[0].bytes(0, 10);
    for (const mapped of all) mapped.close();
    assertEquals(await regions(), 0);
    assertEquals(view.length, 0); // and does not point anywhere
  }));

test("a walk from start to end reads each block once", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(10 * BLOCK_BYTES + 5));
    const watched = await watch(path("f"));
    const mapped = await mapBlocks(watched.file, new BlockCache(4 * BLOCK_BYTES));
    for (let at = 0; at < mapped.size; at += 777) mapped.bytes(at, 777);
    assertEquals(watched.reads, 11);
    mapped.close();
  }));

test("what is used again stays in the cache while other blocks go through", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(40 * BLOCK_BYTES));
    const watched = await watch(path("f"));
    const mapped = await mapBlocks(watched.file, new BlockCache(4 * BLOCK_BYTES));
    mapped.bytes(0, 100);
    for (let block = 1; block < 40; block++) {
      await mapped.load(block * BLOCK_BYTES, 1);
      mapped.bytes(5, 100);
    }
    assertEquals(watched.reads, 40);
    mapped.close();
  }));

test("loads of one block at once are one read, and the blocking read needs none after them", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(10 * BLOCK_BYTES));
    const watched = await watch(path("f"));
    const mapped = await mapBlocks(watched.file, new BlockCache(8 * BLOCK_BYTES));
    const at = 2 * BLOCK_BYTES - 50;
    await Promise.all(Array.from({ length: 20 }, () => mapped.load(at, 100)));
    assertEquals(watched.reads, 2);
    assert(sameBytes(mapped.bytes(at, 100), pattern(10 * BLOCK_BYTES).subarray(at, at + 100)));
    assertEquals(watched.reads, 2);
    mapped.close();
  }));

test("a blocking read does not wait for the load of its block, and both give the same", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(2 * BLOCK_BYTES));
    const watched = await watch(path("f"));
    const mapped = await mapBlocks(watched.file, new BlockCache(2 * BLOCK_BYTES));
    let open = () => {};
    watched.gate = new Promise((resolve) => open = resolve);
    const loads = [mapped.load(0, 1), mapped.load(BLOCK_BYTES, 1)]; // these take all the room there is
    await sleep(1);
    const whole = pattern(2 * BLOCK_BYTES);
    assert(sameBytes(mapped.bytes(7, 100), whole.subarray(7, 107)));
    assert(sameBytes(mapped.bytes(BLOCK_BYTES - 50, 100), whole.subarray(BLOCK_BYTES - 50, BLOCK_BYTES + 50)));
    open();
    await Promise.all(loads);
    assert(sameBytes(mapped.bytes(0, 2 * BLOCK_BYTES), whole));
    mapped.close();
  }));

test("more loads at once than there is room for wait for each other", () =>
  inDirectory(async (path) => {
    const whole = pattern(50 * BLOCK_BYTES);
    await writeFile(path("f"), whole);
    const file = await files.open(path("f"));
    let now = 0;
    let most = 0;
    const slow: OpenFile = {
      ...file,
      async read(into, position) {
        most = Math.max(most, ++now);
        await pause();
        const count = await file.read(into, position);
        now--;
        return count;
      },
    };
    const mapped = await mapBlocks(slow, new BlockCache(4 * BLOCK_BYTES));
    await Promise.all(Array.from({ length: 50 }, async (_, block) => {
      await mapped.load(block * BLOCK_BYTES, 1);
      assertEquals(mapped.bytes(block * BLOCK_BYTES, 1)[0], whole[block * BLOCK_BYTES]);
    }));
    assertEquals(most, 4);
    mapped.close();
  }));

test("files that share a cache do not get each other's blocks, and a closed one leaves its room to others", () =>
  inDirectory((path) =>
    seeded(async (random) => {
      const cache = new BlockCache(5 * BLOCK_BYTES);
      const length = 4 * BLOCK_BYTES + 99;
      for (let seed = 1; seed <= 4; seed++) await writeFile(path(`${seed}`), pattern(length, seed));
      const open = async (seed: number) => ({
        seed,
        mapped: await mapBlocks(await files.open(path(`${seed}`)), cache),
      });
      const all = await Promise.all([1, 2, 3, 4].map(open));
      for (let i = 0; i < 500; i++) {
        const one = random.pick(all);
        const at = random.below(length);
        const count = random.below(100_000);
        if (random.below(3) === 0) await one.mapped.load(at, count);
        assert(sameBytes(one.mapped.bytes(at, count), pattern(length, one.seed).subarray(at, at + count)));
        if (random.below(50) > 0) continue;
        const loading = one.mapped.load(0, length);
        one.mapped.close(); // in the middle
        await loading;
        Object.assign(one, await open(one.seed));
      }
      for (const { mapped } of all) mapped.close();
    })
  ));

test("a read that fails is an error for all who wait for it, and the next one tries again", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(3 * BLOCK_BYTES));
    const watched = await watch(path("f"));
    const mapped = await mapBlocks(watched.file, new BlockCache(2 * BLOCK_BYTES));
    watched.failing = true;
    // More often than there are buffers: a failure gives its buffer back.
    for (let i = 0; i < 5; i++) {
      const loads = await Promise.allSettled([mapped.load(0, 1), mapped.load(5, 1), mapped.load(BLOCK_BYTES, 1)]);
      assertEquals(loads.map((load) => load.status), ["rejected", "rejected", "rejected"]);
      assertThrows(() => mapped.bytes(0, 1), Error, "EIO");
    }
    watched.failing = false;
    await mapped.load(0, 1);
    assert(sameBytes(mapped.bytes(0, 3 * BLOCK_BYTES), pattern(3 * BLOCK_BYTES)));
    mapped.close();
  }));

test("a file that was cut since ends where it does now, where it is not really mapped", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(3 * BLOCK_BYTES));
    const mapped = await mapBlocks(await files.open(path("f")), new BlockCache(16 * BLOCK_BYTES));
    await writeFile(path("f"), pattern(BLOCK_BYTES + 100));
    assert(sameBytes(mapped.bytes(BLOCK_BYTES - 10, 1000), pattern(BLOCK_BYTES + 100).subarray(BLOCK_BYTES - 10)));
    assertEquals(mapped.bytes(BLOCK_BYTES + 90, 100).length, 10);
    assertEquals(mapped.bytes(2 * BLOCK_BYTES + 90, 100).length, 0);
    mapped.close();
  }));
