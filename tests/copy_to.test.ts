import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  CloudStore,
  type CopyProgress,
  copyTo,
  type Key,
  memoryObjects,
  MemoryStore,
  type StorageEngine,
  StorageError,
  withNamespace,
  wrap,
} from "@ferrite/storage";
import { contentOf } from "../src/conformance/contents.ts";
import { numbered } from "../src/conformance/texts.ts";
import { PART_BYTES } from "../src/copy/movers.ts";
import { HybridLogStore } from "../src/hybridlog/store.ts";
import { bytes, pattern, sleep, textOf } from "./support/bytes.ts";
import { VirtualClock } from "./support/cloud/virtual_clock.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { share, test } from "./support/harness.ts";
import { datesFrom, lateStore } from "./support/middleware/late_store.ts";
import { seeded } from "./support/random.ts";

const memory = () => new MemoryStore({ maxSize: "64MB" });
const onFiles = () =>
  HybridLogStore.open({ dataDir: "data", mutableSize: "4MB", readonlySize: "28MB", segmentSize: "1MB" }, {
    files: new FaultyFiles(),
  });
const inBucket = () => new CloudStore({ storage: memoryObjects() });

type Store = MemoryStore;

/** Values of each type, short ones, long ones and those that fill parts to the last byte, with and without expiry. */
async function fill(store: StorageEngine): Promise<void> {
  const filled = store as Store;
  await filled.set("text", "v");
  await filled.set("", "the empty key");
  await filled.set("empty", "");
  await filled.set(new Uint8Array([0xff, 0, 0x2a]), pattern(100));
  await filled.set("k".repeat(65_532), "the longest key in a namespace");
  await filled.set("expiring", "v", { ttl: 600_000 });
  for (const [i, length] of [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES].entries()) {
    await filled.set(`long ${i}`, pattern(length, i), i === 1 ? { ttl: 700_000 } : {});
  }
  for (
    const [name, names] of Object.entries({
      few: ["a", "", "c"],
      many: numbered(3000),
      large: numbered(9, "x".repeat(60_000)),
    })
  ) {
    await filled.rpush(`list of ${name}`, names);
    await filled.hmset(`hash of ${name}`, names.map((field): [string, string] => [field, `v${field}`]));
    await filled.sadd(`set of ${name}`, names);
    await filled.zadd(
      `zset of ${name}`,
      names.map((member, i): [number, string] => [i === 1 ? -Infinity : i / 3, member]),
    );
  }
  for (const type of ["list", "hash", "set", "zset"]) {
    await filled.expire(`${type} of few`, 800_000);
    await filled.expire(`${type} of large`, 900_000);
  }
}

/** All that a store holds, with expiries to within some seconds. */
async function dump(store: StorageEngine): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const key of store.keys()) {
    const ttl = (await store.ttl(key))!;
    const name = [...key.subarray(0, 50)].join() + key.length;
    const value = await store.type(key) === "string"
      ? digestOf((await store.get(key))!)
      : await contentOf(store as Store, textOf(key)!);
    found.set(name, `${value}, expires in ${ttl === Infinity ? "no time" : Math.round(ttl / 20_000)}`);
  }
  return new Map([...found].sort());
}

function digestOf(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${bytes.reduce((sum, byte) => Math.imul(sum, 31) + byte | 0, 0)}`;
}

const BACKENDS: Record<string, () => StorageEngine | Promise<StorageEngine>> = {
  "memory": memory,
  "files": onFiles,
  "a bucket": inBucket,
  "a namespace": () => withNamespace(memory(), "ns:"),
};

for (const [from, openSource] of Object.entries(BACKENDS)) {
  for (const [to, openTarget] of Object.entries(BACKENDS)) {
    test(`everything in ${from} is copied to ${to}, and a second copy has nothing to do`, async () => {
      await using source = await openSource();
      await using target = await openTarget();
      await fill(source);
      const expected = await dump(source);
      const done = await copyTo(source, target, { verify: from === "memory", concurrency: 5 });
      assertEquals(await dump(target), expected);
      const keys = expected.size;
      assertEquals([done.copied, done.equal, done.gone, done.total, done.cursor], [keys, 0, 0, keys, null]);
      assert(done.bytes > 5 * PART_BYTES);
      const again = await copyTo(source, target);
      assertEquals([again.copied, again.equal, again.gone, again.bytes], [0, keys, 0, 0]);
      assertEquals(await dump(target), expected);
    });
  }
}

test("what the target holds elsewhere stays, and what it holds otherwise ends the copy, unless it may be replaced", async () => {
  const values: [type: string, set: (store: Store, key: string, n: number) => Promise<unknown>][] = [
    ["text", (store, key, n) => store.set(key, `v${n}`)],
    ["long", (store, key, n) => store.set(key, pattern(PART_BYTES + 5, n))],
    ["list", (store, key, n) => store.rpush(key, ["a", `v${n}`])],
    ["hash", (store, key, n) => store.hmset(key, [["f", `v${n}`], ["g", "v"]])],
    ["set", (store, key, n) => store.sadd(key, ["a", `v${n}`])],
    ["zset", (store, key, n) => store.zadd(key, [[n, "a"], [5, "b"]])],
    ["many", (store, key, n) => store.rpush(key, [...numbered(2000), `v${n}`])],
  ];
  const others: ((store: Store, key: string) => Promise<unknown>)[] = [
    ...values.map(([, set]) => (store: Store, key: string) => set(store, key, 2)),
    (store, key) => store.set(key, "v1", { ttl: 60_000 }),
  ];
  /** The same, and more. */
  const more: Record<string, (store: Store) => Promise<unknown>> = {
    text: (store) => store.append("k", "more"),
    long: (store) => store.append("k", "more"),
    list: (store) => store.rpush("k", ["more"]),
    hash: (store) => store.hset("k", "more", "v"),
    set: (store) => store.sadd("k", ["more"]),
    zset: (store) => store.zadd("k", [[1, "more"]]),
    many: (store) => store.rpush("k", ["more"]),
  };
  for (const openTarget of [memory, inBucket]) {
    for (const [type, set] of values) {
      await using source = memory();
      await set(source, "k", 1);
      const superset = (store: Store) => set(store, "k", 1).then(() => more[type](store));
      for (const other of [...others, superset]) {
        await using target = openTarget() as Store;
        await target.set("elsewhere", "stays");
        await other(target, "k");
        const before = await dump(target);
        await assertFails(
          () => copyTo(source, target),
          "CONFLICT",
          'Cannot copy key "k": the target holds something else',
        );
        assertEquals(await dump(target), before);
        const { copied } = await copyTo(source, target, { replace: true, verify: true });
        assertEquals([copied, await contentOf(target, "k")], [1, await contentOf(source, "k")], type);
        assertEquals([await target.ttl("k"), textOf(await target.get("elsewhere"))], [Infinity, "stays"]);
        assertEquals(await target.size(), 2);
      }
    }
  }
});

test("a copy that is stopped leaves whole keys only, and goes on where it was", () =>
  seeded(async (random) => {
    for (let run = 0; run < share(9); run++) {
      const clock = new VirtualClock(random);
      using _ = datesFrom(() => 1_700_000_000_000 + clock.now());
      await clock.run(async () => {
        const source = memory();
        await fill(source);
        const expected = await dump(source);
        const inner = memory();
        const target = lateStore(inner, () => clock.pause(0, 3));
        const controller = new AbortController();
        let last: CopyProgress | undefined;
        const after = random.below(40);
        let reports = 0;
        const onProgress = (progress: CopyProgress) => {
          last = progress;
          if (++reports === after) controller.abort(new Error("enough"));
        };
        const stopped = copyTo(source, target, { signal: controller.signal, onProgress, concurrency: 4 });
        const reason = await stopped.then(() => null, (error) => error);
        assertEquals(reason === null ? null : reason.message, after === 0 || reports < after ? null : "enough");
        for (const [key, value] of await dump(inner)) assertEquals(value, expected.get(key));
        const cursor = random.below(2) === 0 ? last?.cursor : undefined;
        const done = await copyTo(source, target, { cursor, verify: true });
        assertEquals(await dump(inner), expected);
        assertEquals(done.copied + (last?.copied ?? 0) >= expected.size, true);
        await Promise.all([source.close(), target.close()]);
      });
    }
  }));

test("what a crash leaves behind expires", async () => {
  const inner = memory();
  // The process is gone: neither the rest is written nor anything cleaned up.
  let calls = 0;
  const target = wrap(inner, ({ kind }, call) =>
    kind !== "write" ? call : (...args) => {
      if (++calls > 3) throw new Error("gone");
      return call(...args);
    });
  await using source = memory();
  await source.set("long", pattern(3 * PART_BYTES));
  await assertRejects(() => copyTo(source, target), StorageError, "gone");
  const [staging] = Array.from(inner.sync.keys(), textOf);
  assert(staging!.startsWith("ferrite:copying:"), staging!);
  assert(inner.sync.ttl(staging!)! <= 3_600_000);
  await copyTo(source, inner);
  assertEquals(inner.sync.size(), 2);
  await inner.close();
});

test("keys that expire while they are copied are there until then, whole, or not at all", () =>
  seeded(async (random) => {
    for (let run = 0; run < share(9); run++) {
      const clock = new VirtualClock(random);
      const now = () => 1_700_000_000_000 + clock.now();
      using _ = datesFrom(now);
      await clock.run(async () => {
        const [from, to] = [memory(), memory()];
        const expiries = new Map<string, number>();
        for (let i = 0; i < 60; i++) {
          const key = `${i}`;
          if (i % 4 === 0) from.sync.set(key, `v${i}`);
          else if (i % 4 === 1) from.sync.set(key, pattern(PART_BYTES + i));
          else if (i % 4 === 2) from.sync.hmset(key, numbered(200).map((field): [string, string] => [field, "v"]));
          else from.sync.rpush(key, ["a", "b"]);
          if (i % 3 === 0) continue;
          const ttl = 1 + random.below(400);
          from.sync.expire(key, ttl);
          expiries.set(key, now() + ttl);
        }
        const reference = memory();
        for (let i = 0; i < 60; i++) {
          if (i % 4 === 0) reference.sync.set(`${i}`, `v${i}`);
          else if (i % 4 === 1) reference.sync.set(`${i}`, pattern(PART_BYTES + i));
          else if (i % 4 === 2) reference.sync.hmset(`${i}`, numbered(200).map((f): [string, string] => [f, "v"]));
          else reference.sync.rpush(`${i}`, ["a", "b"]);
        }
        const source = lateStore(from, () => clock.pause(0, 3));
        const target = lateStore(to, () => clock.pause(0, 3));
        const verify = random.below(2) === 0;
        const done = await copyTo(source, target, { concurrency: 4, verify });
        assertEquals(done.copied + done.equal + done.gone >= 20, true);
        for (const key of to.sync.keys()) {
          const name = textOf(key)!;
          assertEquals(await contentOf(to, name), await contentOf(reference, name));
          const expiry = expiries.get(name);
          const ttl = to.sync.ttl(key)!;
          assert(expiry === undefined ? ttl === Infinity : now() + ttl <= expiry + 1000, `${name}: ${ttl}`);
        }
        for (let i = 0; i < 60; i++) {
          const isThere = (expiries.get(`${i}`) ?? Infinity) > now();
          if (isThere) assert(to.sync.exists(`${i}`), `${i} has not been copied`);
        }
        await clock.sleep(2000);
        assertEquals([...to.sync.keys()].length, 20); // nothing but what never expires
        await Promise.all([from.close(), to.close(), reference.close()]);
      });
    }
  }));

test("what comes or goes while a key is copied is not mixed with it", async () => {
  const values: [name: string, set: (store: Store) => Promise<unknown>][] = [
    ["text", (store) => store.set("k", "v")],
    ["small", (store) => store.rpush("k", ["a"])],
    ["long", (store) => store.set("k", pattern(2 * PART_BYTES))],
    ["many", (store) => store.rpush("k", numbered(500))],
  ];
  /** Does something before the first of some calls on a store. */
  const before = (store: MemoryStore, names: string[], run: () => unknown) =>
    wrap(store, ({ name, face }, call) =>
      !names.includes(name) || face !== "store" ? call : async (...args) => {
        if (names.length > 0) await run();
        names.length = 0;
        return await call(...args);
      });
  for (const [name, set] of values) {
    await using source = memory();
    await set(source);
    const expected = await contentOf(source, "k");

    // Somebody else writes to the target when it has been found that nothing is there.
    const taken = memory();
    const writing = before(taken, ["transact", "rename"], () => taken.sync.sadd("k", ["x"]));
    if (name !== "text") await assertFails(() => copyTo(source, writing), "CONFLICT", "something else");
    if (name !== "text") assertEquals(await contentOf(taken, "k"), "set x");

    // What is in the way expires when it has been compared.
    const freed = memory();
    await freed.sadd("k", ["x"]);
    let looks = 0;
    const freeing = wrap(freed, ({ name: call_ }, call) =>
      call_ !== "exists" ? call : (...args) => {
        if (++looks === (name === "text" ? 1 : 2)) freed.sync.del("k");
        return call(...args);
      });
    assertEquals([(await copyTo(source, freeing)).copied, await contentOf(freed, "k")], [1, expected], name);

    // It goes from the source when some of it has been read.
    await using left = memory();
    let reads = 0;
    const leaving = wrap(
      source,
      ({ name: call_ }, call) =>
        call_ !== "lrange" && call_ !== "getRange" ? call : async (...args) => {
          const part = await call(...args);
          if (++reads === (name === "long" ? 2 : 1) && (name === "long" || name === "many")) source.sync.del("k");
          return part;
        },
    );
    const { copied, gone } = await copyTo(leaving, left);
    assertEquals([copied, gone, await left.size()], name === "long" || name === "many" ? [0, 1, 0] : [1, 0, 1], name);
  }
});

test("after a failure no other key is begun", async () => {
  await using source = memory();
  for (let i = 0; i < 200; i++) await source.set(`k${i}`, "v");
  let writes = 0;
  await using target = wrap(memory(), ({ name }, call) =>
    name !== "set" ? call : async (...args) => {
      if (++writes === 3) throw new StorageError("OUT_OF_MEMORY", "Cannot write: it is full");
      await sleep(1);
      return await call(...args);
    });
  await assertFails(() => copyTo(source, target, { concurrency: 4 }), "OUT_OF_MEMORY", "Cannot copy key");
  assert(writes <= 3 + 4, `${writes} writes`);
});

test("errors name the key, and keep their code, cause and outcome", async () => {
  const keys: [Key, string][] = [
    ["user:1", '"user:1"'],
    ["k".repeat(1000), `"${"k".repeat(200)}"…`],
    [new Uint8Array([0xff, 0x00, 0x0a]), "0xff000a"],
  ];
  for (const [key, shown] of keys) {
    await using source = memory();
    await source.set(key, "v");
    const cause = new StorageError("UNAVAILABLE", "Cannot reach the bucket", { outcome: "unknown" });
    await using target = wrap(memory(), ({ name }, call) => name === "set" ? () => Promise.reject(cause) : call);
    const error = await assertRejects(() => copyTo(source, target), StorageError);
    assertEquals(error.message, `Cannot copy key ${shown}: Cannot reach the bucket`);
    assertEquals([error.code, error.outcome], ["UNAVAILABLE", "unknown"]);
    assertStrictEquals(error.cause, cause);
  }
});

test("a target that lacks a type says so before anything is written there", async () => {
  await using source = memory();
  await source.zadd("z", [[1, "a"]]);
  await using inner = memory();
  const target = Object.defineProperty(wrap(inner, (_, call) => call), "supports", {
    value: Object.freeze({ ...inner.supports, sortedSets: false }),
  });
  await assertFails(() => copyTo(source, target), "UNSUPPORTED", 'Cannot copy key "z": the target has no sortedSets');
  assertEquals(inner.sync.size(), 0);
});

test("verify finds what the target has not kept, and copies again what the source has changed", async () => {
  await using source = memory();
  await source.set("k", "right");
  await source.rpush("l", numbered(100));
  const corrupting = wrap(
    memory(),
    ({ name }, call) => name === "set" ? (key, _value, options) => call(key, "wrong", options) : call,
  );
  assertEquals((await copyTo(source, corrupting)).copied, 2);
  await corrupting.clear();
  await assertFails(() => copyTo(source, corrupting, { verify: true }), "CONFLICT", 'Cannot copy key "k": it changes');

  let changes = 3;
  await using target = wrap(memory(), ({ name }, call) =>
    name !== "transact" ? call : async (...args) => {
      if (changes-- > 0) await source.lset("l", changes, "changed");
      return await call(...args);
    });
  const { copied } = await copyTo(source, target, { verify: true });
  assertEquals([copied, await contentOf(target, "l")], [2, await contentOf(source, "l")]);
});

test("keys that come twice, or change from one type to another, do not stop a copy that may replace", async () => {
  await using source = memory();
  for (let i = 0; i < 500; i++) source.sync.set(`k${i}`, "v");
  let turn = 0;
  const changing = wrap(source, ({ name }, call) =>
    name !== "scan" ? call : async (...args) => {
      const step = await call(...args) as { cursor: string | null; keys: Uint8Array[] };
      for (const key of step.keys.filter((_, i) => i % 7 === turn % 7)) {
        source.sync.del(key);
        if (turn++ % 2 === 0) source.sync.sadd(key, ["x"]);
      }
      return { ...step, keys: [...step.keys, ...step.keys.slice(0, 9)] };
    });
  await using target = memory();
  const done = await copyTo(changing, target, { replace: true });
  assertEquals(await dump(target), await dump(source));
  assert(done.gone > 0 && done.equal > 0 && done.copied === target.sync.size(), JSON.stringify(done));
});

test("no more is under way than is allowed, and no part is long", async () => {
  let underWay = 0;
  let most = 0;
  let longest = 0;
  const watched = (store: MemoryStore) =>
    wrap(store, ({ face }, call) =>
      face !== "store" ? call : async (...args) => {
        most = Math.max(most, ++underWay);
        const [, value] = args;
        const sizes = [value].flat(2).map((part) => (part as Uint8Array | string)?.length ?? 0);
        longest = Math.max(longest, sizes.reduce((sum, size) => sum + size, 0));
        await sleep(0);
        return await (call(...args) as Promise<unknown>).finally(() => underWay--);
      });
  await using source = memory();
  for (let i = 0; i < 30; i++) {
    await source.set(`text ${i}`, pattern(3 * PART_BYTES));
    await source.rpush(`list ${i}`, Array.from({ length: 3 * PART_BYTES / 1024 }, () => pattern(1024)));
  }
  await using target = memory();
  await copyTo(source, watched(target), { concurrency: 3 });
  assertEquals([await target.size(), most], [60, 3]);
  assert(longest >= PART_BYTES && longest <= PART_BYTES + 64 * 1024, `${longest} bytes`);
});

test("progress is told as it is made, and what is thrown there ends the copy", async () => {
  await using source = memory();
  for (let i = 0; i < 600; i++) await source.set(`k${i}`, "12345");
  await using target = memory();
  const told: CopyProgress[] = [];
  const done = await copyTo(source, target, { onProgress: (progress) => told.push(progress), concurrency: 7 });
  assertEquals(told.at(-1), done);
  assertEquals([done.copied, done.bytes, done.total], [600, 3000, 600]);
  for (let i = 1; i < told.length; i++) {
    assert(told[i].copied >= told[i - 1].copied && told[i].bytes >= told[i - 1].bytes);
  }
  assert(new Set(told.map(({ cursor }) => cursor)).size >= 3);
  const stop = new Error("stop");
  const thrown = copyTo(source, memory(), {
    onProgress: () => {
      throw stop;
    },
  });
  assertStrictEquals(await thrown.catch((error) => error), stop);
});

test("a signal that is aborted, and options that make no sense, are refused before anything is done", async () => {
  await using source = memory();
  await source.set("k", "v");
  await using target = memory();
  const reason = new Error("enough");
  const aborted = copyTo(source, target, { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await aborted.catch((error) => error), reason);
  for (const concurrency of [0, -1, 1.5, NaN, "4" as never]) {
    await assertFails(() => copyTo(source, target, { concurrency }), "CONFIG", "concurrency");
  }
  await assertFails(() => copyTo(source, target, { overwrite: true } as never), "CONFIG", "overwrite is not an option");
  for (const wrong of [null, 5] as never[]) await assertFails(() => copyTo(source, target, wrong), "CONFIG", "options");
  await assertFails(() => copyTo(source, target, { cursor: "nonsense" }), "OUT_OF_RANGE", "cursor");
  assertEquals(await target.size(), 0);
  await target.close();
  await assertFails(() => copyTo(source, target), "CLOSED");
  assertEquals(textOf(await source.get(bytes("k"))), "v");
});
