import { assert, assertEquals } from "@std/assert";
import { MemoryStore, type StorageError } from "@ferrite/storage";
import { pattern, sameBytes, sleep } from "./support/bytes.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";
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

test("eviction refuses what is over half of the store", async () => {
  await using store = new MemoryStore({ maxSize: "8MB", eviction: true });
  for (let i = 0; i < 5000; i++) store.sync.set(`key:${i}`, pattern(1000));
  await assertFails(() => store.set("big", pattern(5_000_000)), "OUT_OF_MEMORY");
  assertEquals(store.sync.size(), 5000);
});

test("clear gives the memory back", async () => {
  await using store = new MemoryStore({ maxSize: "64MB" });
  fill(store, 1000);
  assert(store.stats().memoryBytes > 60 * 2 ** 20);
  await store.clear();
  assert(store.stats().memoryBytes < 12 * 2 ** 20);
});
