import { defaultModule } from "../src/core/module.ts";
import { assert, assertEquals } from "@std/assert";
import { MemoryStore, type StorageError } from "@ferrite/storage";
import { pattern, sameBytes, sleep } from "./support/bytes.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { Space } from "../src/memory/space.ts";
import { SyncStore } from "../src/types/sync_store.ts";
import { test } from "./support/harness.ts";
import { World } from "./support/hybridlog/world.ts";
import { seeded } from "./support/random.ts";

/** Sets keys until the store is full, and returns how many there are. */
function fill(store: MemoryStore, length: number): number {
  for (let i = 0;; i++) {
    try {
      store.sync.set(`key:${i}`, pattern(length, i));
    } catch (error) {
      assertEquals((error as StorageError).code, "OUT_OF_MEMORY");
      return i;
    }
  }
}

function assertIntact(store: MemoryStore, count: number, length: number): void {
  for (let i = 0; i < count; i++) assert(sameBytes(store.sync.get(`key:${i}`), pattern(length, i)), `key:${i}`);
}

for (const length of [0, 100, 3000, 16_352, 200_000]) {
  test(`a store full of values of ${length} bytes refuses more, keeps what it has, and goes on`, async () => {
    // By chance of its hash an index may take one frame more with the very last keys, and go past the limit by that.
    using _ = new World();
    await using store = new MemoryStore({ maxSize: "8MB" });
    const count = fill(store, length);
    const stats = store.stats();
    assert(stats.memoryBytes <= stats.maxBytes, "memory stays within maxSize");
    assert(stats.liveBytes + stats.indexBytes > stats.maxBytes * 0.8, "most of the memory is used before it is full");
    assertIntact(store, count, length);
    assertEquals(store.sync.size(), count);
    assertEquals(store.sync.exists(`key:${count}`), false);

    // Overwriting in the same size, and deleting, need no more room.
    for (let i = 0; i < Math.min(count, 2000); i++) {
      if (length <= 16_352) store.sync.set(`key:${i}`, pattern(length, i));
    }
    for (let i = 0; i < count; i += 2) store.sync.del(`key:${i}`);
    for (let i = 0; i < count; i += 2) store.sync.set(`key:${i}`, pattern(length, i));
    assertIntact(store, count, length);
    assertEquals(store.sync.size(), count);
  });
}

test("every write that finds no room says so and changes nothing", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const count = fill(store, 1000);
  for (let i = count;; i++) { // to the last bytes
    try {
      store.sync.set(`key:${i}`, "");
    } catch {
      break;
    }
  }
  const before = store.stats();
  await assertFails(() => store.set("new", pattern(1000)), "OUT_OF_MEMORY", "raise maxSize");
  await assertFails(() => store.set("new", pattern(100_000)), "OUT_OF_MEMORY");
  await assertFails(() => store.set("key:1", pattern(4000)), "OUT_OF_MEMORY");
  await assertFails(() => store.append("key:1", pattern(4000)), "OUT_OF_MEMORY");
  await assertFails(() => store.append("key:1", pattern(30_000)), "OUT_OF_MEMORY");
  await assertFails(() => store.mset([["key:1", "changed"], ["new", pattern(2000)]]), "OUT_OF_MEMORY");
  await assertFails(() => store.update("key:1", () => pattern(4000)), "OUT_OF_MEMORY");
  await assertFails(() => store.incrBy("n".repeat(200)), "OUT_OF_MEMORY");
  assertIntact(store, count, 1000);
  const { keys, liveBytes } = store.stats();
  assertEquals([keys, liveBytes], [before.keys, before.liveBytes]);
});

test("a value that could never fit is TOO_LARGE, one over 512 MiB too", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  await assertFails(() => store.set("k", new Uint8Array(9_000_000)), "TOO_LARGE", "raise maxSize");
  await assertFails(() => store.set("k", new Uint8Array(512 * 2 ** 20 + 1)), "TOO_LARGE", "512 MiB");
  assertEquals(store.sync.size(), 0);
});

test("a value of 512 MiB is kept and read back", async () => {
  await using store = new MemoryStore({ maxSize: "1GB" });
  const value = new Uint8Array(512 * 2 ** 20);
  for (let i = 0; i < value.length; i += 4096) value[i] = i >>> 12;
  store.sync.set("k", value);
  const read = store.sync.get("k")!;
  for (let i = 0; i < value.length; i += 2048) if (read[i] !== value[i]) throw new Error(`byte ${i}`);
  assertEquals(store.sync.del("k"), true);
  await store.compact(); // its chunks are reclaimed in slices
  assertEquals(store.stats().liveBytes, 0);
});

test("options of an impossible store are CONFIG", () => {
  for (const maxSize of ["1MB", "5GB", "lots", -1, NaN, 0, 1.5, "", "12 QB"]) {
    assertFailsSync(() => new MemoryStore({ maxSize }), "CONFIG", "8 MB to 4 GB");
  }
});

test("garbage is recycled: overwriting for ever keeps the memory bounded", () =>
  seeded(async (random) => {
    await using store = new MemoryStore({ maxSize: "16MB" });
    const lengths = new Map<string, number>();
    for (let i = 0; i < 300_000; i++) {
      const key = `key:${random.below(8000)}`;
      const length = random.below(1200);
      store.sync.set(key, pattern(length, length));
      lengths.set(key, length);
    }
    const stats = store.stats();
    assert(stats.recycledPages > 50);
    assert(stats.memoryBytes <= 16 * 2 ** 20);
    for (const [key, length] of lengths) assert(sameBytes(store.sync.get(key), pattern(length, length)), key);
  }));

test("memory grows with the data, not with what was overwritten", async () => {
  await using store = new MemoryStore({ maxSize: "1GB" });
  for (let i = 0; i < 400_000; i++) store.sync.set(`key:${i % 1000}`, pattern(200 + i % 7 * 16));
  const { memoryBytes } = store.stats();
  assert(memoryBytes < 40 * 2 ** 20, `${memoryBytes} bytes for 300 KB of data`);
  for (let i = 0; i < 300; i++) store.sync.set("big", pattern(1_000_000, i));
  for (let i = 0; i < 200; i++) {
    store.sync.mset(
      Array.from({ length: 1000 }, (_, key): [string, Uint8Array] => [`m:${key}`, pattern(1000 + i % 5 * 16)]),
    );
  }
  assert(store.stats().memoryBytes < 48 * 2 ** 20, `${store.stats().memoryBytes} bytes for 2.3 MB of data`);
});

test("expired keys make room before a write is refused", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  for (let i = 0; i < 5000; i++) store.sync.set(`session:${i}`, pattern(1000), { ttl: i % 2 === 0 ? 20 : 60_000 });
  await sleep(30);
  for (let i = 0; i < 3000; i++) store.sync.set(`new:${i}`, pattern(1000, i));
  assert(store.stats().expirations >= 400, `${store.stats().expirations} expired`);
  for (let i = 1; i < 5000; i += 2) assert(store.sync.exists(`session:${i}`));
});

test("recycling drops what has expired", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  for (let i = 0; i < 2000; i++) store.sync.set(`session:${i}`, pattern(1000), { ttl: 10 });
  await sleep(20);
  await store.compact();
  const { keys, expirations } = store.stats();
  assertEquals(keys + expirations, 2000);
  assert(expirations > 1700, "all but the page being filled");
});

test("eviction: the store never refuses, and what is read stays", () =>
  seeded(async (random) => {
    await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
    const hot = Array.from({ length: 200 }, (_, i) => `hot:${i}`);
    for (const key of hot) store.sync.set(key, pattern(500));
    for (let i = 0; i < 100_000; i++) {
      store.sync.set(`cold:${i}`, pattern(500));
      store.sync.get(random.pick(hot));
      store.sync.get(random.pick(hot));
    }
    const stats = store.stats();
    assert(stats.evictions > 50_000, `${stats.evictions}`);
    assert(stats.memoryBytes <= stats.maxBytes);
    assert(stats.keys > 7000, `${stats.keys} of about 11,000 keys that fit are there`);
    const spared = hot.filter((key) => store.sync.exists(key)).length;
    assert(spared > 190, `${spared} of 200 keys that are read all the time are there`);
    assertEquals(store.sync.exists("cold:0"), false);
    assertEquals(store.sync.exists("cold:99999"), true);
  }));

test("eviction: a cache in which everything is read still makes room", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  for (let i = 0; i < 30_000; i++) {
    store.sync.set(`key:${i}`, pattern(1000));
    for (let j = 0; j < 3; j++) store.sync.get(`key:${Math.max(0, i - j * 1000)}`);
  }
  assert(store.stats().keys > 4000);
});

test("eviction drops a value of many records whole", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  for (let i = 0; i < 200; i++) {
    store.sync.set(`big:${i}`, pattern(300_000, i));
    if (i > 2) assert(sameBytes(store.sync.get(`big:${i - 1}`), pattern(300_000, i - 1)));
  }
  const { keys, liveBytes } = store.stats();
  assert(keys >= 10 && keys <= 25, `${keys} keys`);
  assert(liveBytes < keys * 310_000, "no chunk is left behind");
  for (let i = 0; i < 200; i++) store.sync.del(`big:${i}`);
  assertEquals(store.stats().liveBytes, 0);
});

test("eviction makes room for a value of any size that fits the store", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  for (const length of [100_000, 690_000, 1_000_000, 3_000_000, 5_000_000, 6_000_000]) {
    for (let i = 0; i < 8000; i++) store.sync.set(`key:${i}`, pattern(1000));
    for (let i = 0; i < 3; i++) {
      store.sync.set("big", pattern(length, i));
      assert(sameBytes(store.sync.get("big"), pattern(length, i)), `${length} bytes`);
    }
  }
  await assertFails(() => store.set("huge", pattern(8_000_000)), "TOO_LARGE");
});

test("eviction: what is written is what is read, also right after room was made", async () => {
  for (const length of [100, 500, 3000, 16_000]) {
    await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
    for (let i = 0; i < 60_000_000 / (length + 400); i++) {
      store.sync.set(`key:${i}`, pattern(length, i));
      assert(sameBytes(store.sync.get(`key:${i}`), pattern(length, i)), `key:${i} of ${length} bytes`);
    }
    assert(store.stats().evictions > 0);
  }
});

test("eviction makes room where pages pack badly", async () => {
  for (const keyLength of [6000, 17_000, 60_000]) {
    await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
    for (let i = 0; i < 1500; i++) store.sync.set("k".repeat(keyLength) + i, pattern(16_000, i));
    assert(store.stats().evictions > 900);
  }
});

test("eviction: what is written again and again is as hot as what is read", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  for (let i = 1; i <= 100_000; i++) {
    store.sync.set(`cold:${i}`, pattern(200));
    assertEquals(store.sync.incrBy("counter", 1000), i * 1000);
    store.sync.set("setting", "on");
    assert(i < 10 || store.sync.exists("setting"));
  }
});

test("a cache whose runtime has less memory than maxSize evicts", async () => {
  const space = new Space({ maxBytes: 64 * 2 ** 20, evicts: true, tracksReads: true, module: defaultModule });
  const { memory } = space.core.calls;
  const limited = Object.create(memory, {
    buffer: { get: () => memory.buffer },
    grow: {
      value: (pages: number) => {
        if (memory.buffer.byteLength + pages * 65_536 > 20 * 2 ** 20) throw new RangeError("no more memory");
        return memory.grow(pages);
      },
    },
  });
  Object.defineProperty(space.core, "calls", { value: Object.assign({}, space.core.calls, { memory: limited }) });
  const store = new SyncStore(space);
  for (let i = 0; i < 100_000; i++) store.set(`key:${i}`, pattern(500));
  assert(store.stats().evictions > 50_000);
  assert(store.stats().keys > 20_000, `${store.stats().keys}`);
});

test("mset is all or nothing, also with the longest keys and where the index grows in the middle of it", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const entries = Array.from({ length: 90 }, (_, i): [string, Uint8Array] => ["k".repeat(65_000) + i, pattern(10_000)]);
  for (let count = 90; count > 0; count -= 5) {
    try {
      store.sync.mset(entries.slice(0, count));
      assertEquals(store.sync.size(), count);
      break;
    } catch (error) {
      assertEquals((error as StorageError).code, "OUT_OF_MEMORY");
      assertEquals(store.sync.size(), 0);
    }
  }
});

test("what was reserved is not refused when the index takes a frame in the middle of it", () => {
  // A frame has 2,048 buckets, which are split at 4.5 entries each: entry 18,433 brings the index its next frame, after
  // which live data and index are over the limit.
  const nextFrameAt = 2 * 2048 * 4.5;
  const nearlyFull = (): SyncStore => {
    // By chance of its hash an index may take a frame for overflow buckets on the way, which no room was left for.
    const hashKey = new Uint8Array(16).fill(7);
    const space = new Space({
      maxBytes: 32 * 2 ** 20,
      evicts: false,
      tracksReads: false,
      hashKey,
      module: defaultModule,
    });
    const store = new SyncStore(space);
    const room = () => {
      const { liveBytes, indexBytes } = store.stats();
      return space.core.calls.limitBytes() - liveBytes - indexBytes;
    };
    let fillers = 0;
    while (room() > 1_200_000) store.set(`filler:${fillers++}`, pattern(16_000));
    for (let i = 0; store.size() < nextFrameAt - 20; i++) store.set(`key:${i}`, "");
    for (let i = 0; room() > 80_000; i++) store.set(`filler:${i % fillers}`, pattern(16_352));
    assert(room() > 70_000, "less than a frame, but enough for what follows");
    return store;
  };
  const store = nearlyFull();
  const before = store.stats();
  store.mset(Array.from({ length: 100 }, (_, i): [string, Uint8Array] => [`batch:${i}`, pattern(50, i)]));
  assertEquals(store.size(), before.keys + 100);
  assert(store.stats().indexBytes > before.indexBytes, "the index took a frame");
  for (let i = 0; i < 100; i++) assert(sameBytes(store.get(`batch:${i}`), pattern(50, i)));

  const other = nearlyFull();
  for (let i = 0; i < 19; i++) other.set(`last:${i}`, "");
  other.set("big", pattern(40_000));
  assert(sameBytes(other.get("big"), pattern(40_000)));
});

test("mset is all or nothing where what it would overwrite in place expires, is evicted, or changes size on the way", async () => {
  const attempt = (store: MemoryStore, entries: [string, Uint8Array][]) => {
    const last = new Map(entries);
    const before = store.sync.mget([...last.keys()]);
    try {
      store.sync.mset(entries);
    } catch (error) {
      assertEquals((error as StorageError).code, "OUT_OF_MEMORY");
      if (store.stats().evictions > 0) return;
      [...last.keys()].forEach((key, i) => assert(sameBytes(store.sync.get(key), before[i]), key));
      return;
    }
    for (const [key, value] of last) assert(sameBytes(store.sync.get(key), value), key);
  };
  for (const share of [0, 0.05, 0.3]) {
    await using expired = new MemoryStore({ maxSize: "8MB" });
    for (let i = 0; i < 6000; i++) expired.sync.set(`key:${i}`, pattern(1000), { ttl: 1 });
    await sleep(5);
    const names = Array.from({ length: 6000 * (1 + share) }, (_, i) => `key:${i}`);
    attempt(expired, names.map((key) => [key, pattern(1000, 5)]));
  }
  for (const length of [100_000, 600_000, 1_500_000]) {
    await using cache = new MemoryStore({ maxSize: "8MB", eviction: true });
    for (let i = 0; i < 6000; i++) cache.sync.set(`key:${i}`, pattern(1000));
    const oldest = Array.from({ length: 2000 }, (_, i): [string, Uint8Array] => [`key:${i}`, pattern(1000, 5)]);
    attempt(cache, [...oldest, ["big", pattern(length)]]);
  }
  for (const times of [10, 100, 300]) {
    await using store = new MemoryStore({ maxSize: "8MB" });
    store.sync.set("a", pattern(16_000));
    const changing = Array.from(
      { length: times },
      (_, i): [string, Uint8Array] => ["a", pattern(i % 2 ? 16_000 : 100)],
    );
    attempt(store, [...changing, ["big", pattern(2_000_000)]]);
  }
});

test("a write that can never fit is refused before a cache drops anything for it", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  for (let i = 0; i < 4000; i++) store.sync.set(`key:${i}`, pattern(1000));
  await assertFails(() => store.mset([["a", pattern(4_000_000)], ["b", pattern(4_000_000)]]), "OUT_OF_MEMORY");
  await assertFails(() => store.set("a", pattern(7_100_000)), "OUT_OF_MEMORY");
  assertEquals(store.sync.size(), 4000);
});

test("mset that only overwrites needs no room in a full store", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  fill(store, 1000);
  store.sync.mset(Array.from({ length: 50 }, (_, i): [string, Uint8Array] => [`key:${i}`, pattern(1000, i + 1)]));
  for (let i = 0; i < 50; i++) assert(sameBytes(store.sync.get(`key:${i}`), pattern(1000, i + 1)));
});

test("clear gives the memory back", async () => {
  await using store = new MemoryStore({ maxSize: "64MB" });
  fill(store, 1000);
  assert(store.stats().memoryBytes > 60 * 2 ** 20);
  await store.clear();
  assert(store.stats().memoryBytes < 12 * 2 ** 20);
});

test("options of a wrong kind, or that are none, are CONFIG", () => {
  const wrong: [options: unknown, words: string][] = [
    [null, "null"],
    ["1GB", '"1GB"'],
    [{ maxsize: "16MB" }, "maxsize is not an option; there are maxSize"],
    [{ maxSize: {} }, "an object"],
    [{ eviction: "no" }, '"no"'],
    [{ snapshotPath: 5 }, "number 5"],
    [{ module: new Uint8Array(5) }, "WebAssembly.Module"],
  ];
  for (const [options, words] of wrong) assertFailsSync(() => new MemoryStore(options as never), "CONFIG", words);
});
