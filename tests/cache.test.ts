import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { CloudStore, memoryObjects, MemoryStore, StorageError, withCache, wrap } from "@ferrite/storage";
import { bytes, pattern, sameBytes, textOf } from "./support/bytes.ts";
import { VirtualClock } from "./support/cloud/virtual_clock.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { datesFrom, lateStore } from "./support/middleware/late_store.ts";
import { Random } from "./support/random.ts";

const FOREVER = { maxStalenessMs: Infinity, maxSize: "8MB" } as const;

const memory = () => new MemoryStore({ maxSize: "8MB" });

/** A memory store, and the names of the calls that have reached it, but those for expiries. */
function watched(): { inner: MemoryStore; calls: string[] } {
  const calls: string[] = [];
  const inner = wrap(memory(), ({ name }, call) => (...args) => {
    if (name !== "ttl") calls.push(name);
    return call(...args);
  });
  return { inner, calls };
}

test("what was read or written is answered without the store", async () => {
  const { inner, calls } = watched();
  await inner.set("read", "1");
  await using store = withCache(inner, FOREVER);
  assertEquals(textOf(await store.get("read")), "1");
  await store.set("set", "22");
  await store.mset([["mset", "333"]]);
  await store.get("none");
  calls.length = 0;
  for (let i = 0; i < 2; i++) {
    assertEquals((await store.mget(["read", "set", "mset", "none"])).map(textOf), ["1", "22", "333", null]);
    assertEquals(textOf(await store.get(bytes("set"))), "22");
    assertEquals(await store.get("none"), null);
    assertEquals([store.sync.exists("set"), await store.exists("none")], [true, false]);
    assertEquals([store.sync.strlen("mset"), await store.strlen("none")], [3, 0]);
    assertEquals([textOf(await store.getRange("mset", 1, -1)), textOf(store.sync.get("read"))], ["33", "1"]);
  }
  assertEquals(calls, []);
  assertEquals((await store.mget(["set", "other", "set"])).map(textOf), ["22", null, "22"]);
  assertEquals(calls, ["mget"]);
});

test("values are copies, and have a buffer of their own when that is asked for", async () => {
  await using store = withCache(memory(), FOREVER);
  const value = pattern(100);
  await store.set("k", value);
  value.fill(0);
  const read = (await store.get("k"))!;
  assert(sameBytes(read, pattern(100)));
  read.fill(1);
  assert(sameBytes(store.sync.get("k"), pattern(100)));
  assertEquals((await store.get("k", { own: true }))!.buffer.byteLength, 100);
});

test("what others write is seen when what is kept is too old", async () => {
  let now = 1_700_000_000_000;
  using _ = datesFrom(() => now);
  await using inner = memory();
  const store = withCache(inner, { maxStalenessMs: 100, maxSize: "8MB" });
  await store.set("k", "1");
  assertEquals(await store.get("none"), null);
  inner.sync.set("k", "2");
  inner.sync.set("none", "2");
  now += 99;
  assertEquals([textOf(await store.get("k")), await store.get("none")], ["1", null]);
  now += 1;
  assertEquals([textOf(await store.get("k")), textOf(await store.get("none"))], ["2", "2"]);
});

test("how old it is counts from when it was asked for, not from when the answer came", async () => {
  const clock = new VirtualClock(new Random(1));
  using _ = datesFrom(() => 1_700_000_000_000 + clock.now());
  await clock.run(async () => {
    const inner = memory();
    await inner.set("k", "1");
    const store = withCache(lateStore(inner, () => clock.sleep(40)), { maxStalenessMs: 100, maxSize: "8MB" });
    const read = store.get("k"); // takes effect after 40 ms, and is answered after 80
    await clock.sleep(50);
    inner.sync.set("k", "2");
    assertEquals(textOf(await read), "1");
    await clock.sleep(30); // more than 100 ms since the question
    assertEquals(textOf(await store.get("k")), "2");
    await store.close();
  });
});

test("a write that takes longer than what it writes may be kept leaves nothing old behind", async () => {
  let now = 1_700_000_000_000;
  using _ = datesFrom(() => now);
  let takesMs = 0;
  const slow = wrap(memory(), ({ name }, call) =>
    name !== "set" ? call : (...args) => {
      now += takesMs;
      return call(...args);
    });
  await using store = withCache(slow, { maxStalenessMs: 100, maxSize: "8MB" });
  store.sync.set("k", "old");
  takesMs = 99;
  store.sync.set("k", "new");
  assertEquals(textOf(store.sync.get("k")), "new");
  store.sync.set("k", "newer", { ttl: 50 });
  now -= 99; // what was kept before is not too old yet
  assertEquals(textOf(store.sync.get("k")), "newer");
});

test("a key that came or went between the questions for its value and its expiry is not kept", async () => {
  const inner = memory();
  let between = () => {};
  await using store = withCache(
    wrap(inner, ({ name }, call) =>
      name !== "ttl" ? call : (...args) => {
        between();
        return call(...args);
      }),
    FOREVER,
  );
  between = () => inner.sync.set("k", "1");
  assertEquals([store.sync.get("k"), textOf(store.sync.get("k"))], [null, "1"]);
  between = () => inner.sync.del("k");
  await store.set("other", "v"); // which leaves what is known of k as it is
  inner.sync.set("l", "1");
  between = () => inner.sync.del("l");
  assertEquals([textOf(await store.get("l")), await store.get("l")], ["1", null]);
});

test("reads in a function given to update or transact do not leave behind what was there before", async () => {
  await using store = withCache(memory(), FOREVER);
  const reads: unknown[] = [];
  const readAll = (key: string) => {
    reads.push(textOf(store.sync.get(key)), store.sync.mget([key]).map(textOf), store.get(key), store.mget([key]));
  };
  const changes: ((key: string) => unknown)[] = [
    (key) => store.update(key, () => (readAll(key), "new")),
    (key) => store.sync.update(key, () => (readAll(key), "new")),
    (key) =>
      store.transact((tx) => {
        readAll(key);
        tx.set(key, "new");
        readAll(key);
      }),
    (key) =>
      store.sync.transact((tx) => {
        readAll(key);
        tx.set(key, "new");
      }),
  ];
  for (const [i, change] of changes.entries()) {
    const key = `k${i}`;
    await store.set(key, "old");
    const changed = change(key);
    assertEquals(textOf(store.sync.get(key)), "new", `change ${i}`);
    await changed;
    await Promise.all(reads);
    assertEquals(textOf(await store.get(key)), "new", `change ${i}`);
    assertEquals(store.sync.mget([key]).map(textOf), ["new"], `change ${i}`);
  }
});

test("a read in the function of a write that is answered late leaves nothing behind either", async () => {
  const clock = new VirtualClock(new Random(1));
  await clock.run(async () => {
    const slow = wrap(memory(), ({ name }, call) =>
      name !== "update" ? call : async (...args) => {
        const result = await call(...args); // as on a disk: it has taken effect, and is answered when it is durable
        await clock.sleep(10);
        return result;
      });
    const store = withCache(slow, FOREVER);
    await store.set("k", "old");
    let read: Promise<unknown> | undefined;
    const updated = store.update("k", () => {
      read = store.get("k");
      return "new";
    });
    assertEquals(textOf(await read as Uint8Array), "old");
    assertEquals([textOf(await store.get("k")), textOf(store.sync.get("k"))], ["new", "new"]);
    await updated;
    await store.close();
  });
});

test("a read at once comes after writes that wait, whatever they are", async () => {
  const clock = new VirtualClock(new Random(1));
  await clock.run(async () => {
    const store = withCache(lateStore(memory(), () => clock.sleep(10)), FOREVER);
    const writes: (() => Promise<unknown>)[] = [
      () => store.set("k", "new"),
      () => store.transact((tx) => tx.set("k", "new")),
      () => store.update("k", () => "new"),
    ];
    for (const write of writes) {
      for (
        const read of [
          () => store.sync.get("k"),
          () => store.sync.mget(["k"])[0],
          () => store.sync.getRange("k", 0, -1),
        ]
      ) {
        await store.set("k", "old");
        assertEquals(textOf(store.sync.get("k")), "old");
        const written = write();
        assertEquals(textOf(read()), "new");
        await written;
        assertEquals(textOf(read()), "new");
      }
    }
    await store.close();
  });
});

test("collections go to the store, and what they were before is forgotten", async () => {
  await using store = withCache(memory(), FOREVER);
  for (const face of [store, store.sync]) {
    await face.set("k", "v");
    await store.transact((tx) => {
      tx.del("k");
      tx.rpush("k", ["a"]);
    });
    await assertFails(() => face.get("k"), "WRONG_TYPE");
    await assertFails(() => face.mget(["k"]), "WRONG_TYPE");
    await assertFails(() => face.strlen("k"), "WRONG_TYPE");
    assertEquals([await face.exists("k"), (await face.lpop("k")).length, await face.exists("k")], [true, 1, false]);
    assertEquals(await face.get("k"), null);
  }
});

test("clear, restore and what nobody knows forget everything", async () => {
  class Special extends MemoryStore {
    special(): void {
      this.sync.set("k", "special");
    }
  }
  const path = `${crypto.randomUUID()}.snapshot`;
  const inner = wrap(
    new Special({ maxSize: "8MB" }),
    ({ name }, call) => name === "restore" ? async () => void inner.sync.set("k", "restored") : call,
  );
  await using store = withCache(inner, FOREVER);
  await store.set("k", "v");
  await store.restore(path);
  assertEquals(textOf(await store.get("k")), "restored");
  store.special();
  assertEquals(textOf(await store.get("k")), "special");
  await store.clear();
  assertEquals(await store.get("k"), null);
});

test("a write that fails leaves nothing behind", async () => {
  let fails = false;
  const inner = memory();
  await using store = withCache(
    wrap(inner, ({ name }, call) =>
      name !== "set" ? call : (...args) => {
        if (fails) throw new StorageError("UNAVAILABLE", "Cannot reach it", { outcome: "unknown" });
        return call(...args);
      }),
    FOREVER,
  );
  await store.set("k", "1");
  fails = true;
  inner.sync.set("k", "2"); // it may have taken place
  await assertFails(() => store.set("k", "2"), "UNAVAILABLE");
  assertEquals(textOf(await store.get("k")), "2");
  inner.sync.set("k", "3");
  await assertFails(() => store.sync.set("k", "3"), "UNAVAILABLE");
  assertEquals(textOf(await store.get("k")), "3");
});

test("what the cache has no room for goes to the store", async () => {
  await using store = withCache(new MemoryStore({ maxSize: "64MB" }), FOREVER);
  const large = pattern(12_000_000);
  await store.set("large", large);
  for (let i = 0; i < 2; i++) assert(sameBytes(await store.get("large"), large));
  store.sync.set("grows", "small");
  store.sync.set("grows", large);
  assert(sameBytes(store.sync.get("grows"), large));
  await store.set("grows", "small");
  await store.set("grows", large);
  assert(sameBytes(await store.get("grows"), large));
  const longest = "k".repeat(65_535);
  await store.set(longest, "v");
  for (let i = 0; i < 2; i++) assertEquals(textOf(await store.get(longest)), "v");
  assertEquals([await store.exists(longest), await store.strlen(longest)], [true, 1]);
  for (let i = 0; i < 20_000; i++) store.sync.set(`k${i}`, pattern(1000, i));
  for (let i = 0; i < 20_000; i += 97) assert(sameBytes(store.sync.get(`k${i}`), pattern(1000, i)));
});

test("arguments and signals are checked as without it, whatever is kept", async () => {
  await using store = withCache(memory(), FOREVER);
  await store.set("k", "v");
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  for (const key of ["k", "none"]) {
    const calls = [
      () => store.get(key, { signal }),
      () => store.mget([key], { signal }),
      () => store.exists(key, { signal }),
      () => store.getRange(key, 0, 1, { signal }),
    ];
    for (const call of calls) assertStrictEquals(await call().catch((error) => error), reason);
    await assertFails(() => store.getRange(key, 1.5, 2), "OUT_OF_RANGE");
    await assertFails(() => store.sync.getRange(key, "x" as never, 2), "WRONG_TYPE");
  }
  await store.get("none");
  await assertFails(() => store.getRange("none", 1.5, 2), "OUT_OF_RANGE");
  for (const wrong of [undefined, 5, null, {}]) {
    await assertFails(() => store.get(wrong as never), "WRONG_TYPE");
    await assertFails(() => store.sync.exists(wrong as never), "WRONG_TYPE");
    await assertFails(() => store.mset([[wrong as never, "v"]]), "WRONG_TYPE");
  }
});

test("stats count what is answered by the cache", async () => {
  await using inner = memory();
  const store = withCache(inner, FOREVER);
  await store.set("k", "v");
  for (let i = 0; i < 3; i++) await store.mget(["k", "none"]);
  assertEquals([store.stats().hits, store.stats().misses], [3, 3]);
  assertEquals([store.sync.stats().hits, inner.stats().hits, inner.stats().misses], [3, 0, 1]);
  assertEquals(store.stats().keys, 1);
});

test("nothing is answered after close, and close of a cache under way changes no answer", async () => {
  const clock = new VirtualClock(new Random(1));
  await clock.run(async () => {
    const inner = memory();
    const store = withCache(lateStore(inner, () => clock.sleep(10)), FOREVER);
    await store.set("k", "v");
    await store.set("kept", "v");
    const calls = [store.get("none"), store.set("k", "w"), store.transact((tx) => tx.set("k", "x"))];
    await clock.sleep(60); // they have taken effect, and are not answered yet
    await store.close();
    assertEquals(await Promise.all(calls), [null, true, true]);
    for (const key of ["k", "kept"]) {
      await assertFails(() => store.get(key), "CLOSED");
      await assertFails(() => store.sync.exists(key), "CLOSED");
    }
  });
});

test("requests to a bucket are saved", async () => {
  await using inner = new CloudStore({ storage: memoryObjects() });
  const store = withCache(inner, FOREVER);
  await store.set("k", "v");
  const requests = () => inner.stats().reads + inner.stats().writes + inner.stats().lists;
  const before = requests();
  for (let i = 0; i < 10; i++) assertEquals(textOf(await store.get("k")), "v");
  assertEquals(requests(), before);
  for (let i = 0; i < 3; i++) assertEquals(await store.get("none"), null);
  assertEquals(requests(), before + 1); // value and expiry together
});

test("options that make no sense are refused", async () => {
  for (const maxStalenessMs of [undefined, 0, -1, NaN, "1s"]) {
    const error = assertThrows(() => withCache(memory(), { maxStalenessMs: maxStalenessMs as never }), StorageError);
    assertEquals(error.code, "CONFIG");
    assert(error.message.includes("maxStalenessMs"), error.message);
  }
  assertThrows(() => withCache(memory(), { maxStalenessMs: 1, maxSize: "1KB" }), StorageError, "maxSize");
  for (const wrong of [undefined, null, 1000] as never[]) {
    assertFailsSync(() => withCache(memory(), wrong), "CONFIG", "expected an object of options");
  }
  const misspelled = { maxStalenessMs: 1, maxsize: "8MB" };
  assertFailsSync(() => withCache(memory(), misspelled), "CONFIG", "maxsize is not an option");
});
