import { assert, assertEquals, assertRejects } from "@std/assert";
import { MemoryStore } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { textOf } from "./support/bytes.ts";
import { contentOf } from "./support/cloud/content.ts";
import { FaultyBucket } from "./support/cloud/faulty_bucket.ts";
import { drawOperation, type Operation, perform, TYPE_NAMES } from "./support/cloud/operations.ts";
import { onStage } from "./support/cloud/stage.ts";
import { VirtualClock } from "./support/cloud/virtual_clock.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { difference } from "./support/models/plain.ts";
import { type Random, seeded } from "./support/random.ts";

/** Everything in one object, and all but the smallest in several. */
const LAYOUTS = {
  "": {},
  ", in parts": { cutLimits: { rootBytes: 200, partBytes: 400, chunks: 1 } },
};

for (const [name, layout] of Object.entries(LAYOUTS)) {
  test(`calls on a key are answered as if each had waited for those before it${name}`, () =>
    seeded(async (random) => {
      const clock = new VirtualClock(random);
      const fateOf = () => ({ what: "served", delayMs: random.below(30), answerMs: random.below(30) }) as const;
      const bucket = new FaultyBucket(memoryObjects(), clock, fateOf);
      const model = new MemoryStore();
      await clock.run(async () => {
        const cache = { maxStalenessMs: random.pick([0, 50]), negative: random.below(2) === 0 };
        await using store = new CloudStore({ storage: bucket, cache }, { clock, ...layout });
        const checks: Promise<void>[] = [];
        for (let i = 0; i < 600; i++) {
          const [key, operation] = drawCall(random);
          const answer = perform(store, key, operation);
          const expected = perform(model, key, operation);
          checks.push(
            Promise.all([answer, expected]).then(([actual, expected]) => {
              const wrong = difference(actual, expected);
              assert(wrong === null, `call ${i}, ${operation.method} on ${key}: ${wrong}`);
            }),
          );
          if (random.below(20) === 0) await clock.sleep(random.below(100));
        }
        await Promise.all(checks);
        for (const type of TYPE_NAMES) assertEquals(await contentOf(store, type), await contentOf(model, type));
      });
    }));
}

/** A call on one key, or one that reads several and writes one at most. */
function drawCall(random: Random): [key: string, operation: Operation] {
  const key = random.pick(TYPE_NAMES);
  switch (random.below(12)) {
    case 0:
      return [key, { method: "copy", args: [random.pick(TYPE_NAMES), { replace: random.below(3) > 0 }] }];
    case 1:
      return ["set", { method: "sunionStore", args: [["set", "set", "more"]] }];
    default:
      return [key, drawOperation(random, key)];
  }
}

test("calls of which some fail are answered together, each with its own error", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "0");
    const failure = new Error("of the function");
    const count = await stage.requestsOf(async () => {
      const results = await Promise.allSettled(Array.from({ length: 400 }, (_, i): Promise<unknown> => {
        if (i % 4 === 1) return store.hset("key", "field", "value");
        if (i % 4 === 2) {
          return store.update("key", () => {
            throw i % 8 === 2 ? failure : undefined;
          });
        }
        return i % 4 === 3 ? store.get("key") : store.incrBy("key");
      }));
      results.forEach((result, i) => {
        const sum = Math.floor(i / 4) + 1;
        if (i % 4 === 1) assertEquals(result.status === "rejected" && result.reason.code, "WRONG_TYPE");
        else if (i % 4 === 2) {
          assert(result.status === "rejected");
          assertEquals(result.reason, i % 8 === 2 ? failure : undefined);
        } else {
          assert(result.status === "fulfilled");
          const { value } = result;
          assertEquals(i % 4 === 3 ? Number(textOf(value as Uint8Array)) : value, sum);
        }
      });
    });
    assert(count <= 2, `${count} requests`);
  }));

test("calls that do not fit the cache together are answered nevertheless, and one that never can is an error of its own", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { size: "8MB" } });
    const value = (i: number) => new Uint8Array(1_500_000).fill(i);
    const calls = Array.from(
      { length: 20 },
      (_, i) => i === 9 ? store.set("key", new Uint8Array(9_000_000)) : store.set("key", value(i)).then(() => null),
    );
    const lengths = [store.strlen("key"), store.append("key", "!")];
    const results = await Promise.allSettled(calls);
    results.forEach((result, i) => assertEquals(result.status, i === 9 ? "rejected" : "fulfilled", `${i}`));
    await assertFails(() => calls[9], "TOO_LARGE");
    assertEquals(await Promise.all(lengths), [1_500_000, 1_500_001]);
    assertEquals((await store.get("key"))?.[0], 19);
  }));

test("a read that waits together with a write of which nothing is known fails, but has no outcome itself", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "0");
    stage.next("put", ...Array.from({ length: 3 }, () => ({ what: "cut before" }) as const));
    stage.next("get", { what: "cut before" }, { what: "cut before" }, { what: "cut before" });
    const [write, read] = await Promise.allSettled([store.append("key", "1"), store.get("key")]);
    assert(write.status === "rejected");
    assertEquals([write.reason.code, write.reason.outcome], ["UNAVAILABLE", "unknown"]);
    assert(read.status === "rejected");
    assertEquals([read.reason.code, read.reason.outcome], ["UNAVAILABLE", undefined]);
    assertEquals(textOf((await store.get("key"))!), "0");
  }));

test("an aborted signal ends the call, and only that", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    const reason = new Error("enough");
    assertEquals(
      await stage.requestsOf(() => rejection(store.set("key", "1", { signal: AbortSignal.abort(reason) }))),
      0,
    );

    stage.next("put", { what: "served", delayMs: 100 });
    const controller = new AbortController();
    const first = store.set("key", "1");
    await stage.clock.sleep(1);
    const { signal } = controller;
    const aborted = [
      store.set("key", "2", { signal }),
      store.get("key", { signal }),
      store.append("key", "3", { signal }),
    ];
    const last = store.append("key", "4");
    controller.abort(reason);
    for (const call of aborted) assertEquals(await rejection(call), reason);
    await first;
    assertEquals(await last, 2);
    assertEquals(textOf(await store.get("key")), "14");
  }));

test("a call whose signal is aborted while it is written may take place, and those beside it do", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    stage.next("put", { what: "served", delayMs: 50 });
    const controller = new AbortController();
    const calls = [store.rpush("list", ["a"]), store.rpush("list", ["b"])];
    const aborted = store.set("key", "value", { signal: controller.signal });
    await stage.clock.sleep(10);
    controller.abort(new Error("enough"));
    assertEquals((await rejection(aborted) as Error).message, "enough");
    assertEquals(await Promise.all(calls), [1, 2]);
    await stage.bucket.rest();
    assertEquals(await store.get("key", { signal: new AbortController().signal }).then(textOf), "value");
  }));

test("scans, counts and clears end when their signal is aborted", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    for (const run of ["scan", "size", "clear"] as const) {
      stage.next("list", { what: "served", delayMs: 100 });
      const controller = new AbortController();
      const call = store[run]({ signal: controller.signal });
      controller.abort(new Error("enough"));
      assertEquals((await rejection(call as Promise<unknown>) as Error).message, "enough");
      await stage.bucket.rest();
    }
  }));

test("closing waits for what is under way, and refuses what comes after", () =>
  onStage(async (stage) => {
    const store = stage.store();
    await store.set("old", "1");
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 50 });
    const calls = [store.set("key", "value"), store.incrBy("key2"), store.incrBy("key2"), store.get("old")];
    const surveys = [store.size(), store.scan()] as const;
    const closed = store.close();
    await assertFails(() => store.get("key"), "CLOSED");
    await assertFails(() => store.scan(), "CLOSED");
    await assertFails(() => store.size(), "CLOSED");
    await assertFails(() => store.clear(), "CLOSED");
    await closed;
    assertEquals(stage.bucket.underWay, 0);
    await Promise.all([...calls, ...surveys]);
    await using other = stage.other();
    assertEquals(await other.size(), 3);
  }));

test("closing waits for lists that take longer than all else, and for clear and what comes after it", () =>
  onStage(async (stage) => {
    for (const run of ["scan", "size", "clear"] as const) {
      const store = stage.store();
      stage.next("list", { what: "served", delayMs: 100 }, { what: "served", delayMs: 100 });
      const survey = store[run]();
      const call = store.set(run, "value");
      await store.close();
      assertEquals(stage.bucket.underWay, 0);
      await Promise.all([survey, call]);
    }
    await using other = stage.other();
    assertEquals(await other.size(), 1);
  }));

test("clear is in its place among the calls of a store", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: 100_000, negative: true } });
    stage.bucket.fateOf = () => ({ what: "served", delayMs: 10, answerMs: 10 });
    const calls = [store.set("a", "1"), store.set("b", "1"), store.clear(), store.get("a"), store.set("b", "2")];
    calls.push(store.clear(), store.set("c", "3"), store.get("b"));
    const results = await Promise.all(calls);
    assertEquals([results[3], results[7]], [null, null]);
    assertEquals([...await store.mget(["a", "b", "c"])].map(textOf), [null, null, "3"]);
  }));

test("a read comes after the writes called before it, however sure the cache is of what was there before them", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: Infinity, negative: true } });
    await store.set("key", "1");
    assertEquals(textOf(await store.get("key")), "1"); // from the cache
    for (let round = 2; round < 20; round++) {
      const writing = store.set("key", `${round}`);
      assertEquals(textOf(await store.get("key")), `${round}`);
      await writing;
    }
    const [removed, read, size, added] = await Promise.all([
      store.del("key"),
      store.get("key"),
      store.strlen("key"),
      store.append("key", "ab"),
    ]);
    assertEquals([removed, read, size, added], [true, null, 0, 2]);
    const cleared = store.clear();
    assertEquals(await store.get("key"), null);
    await cleared;
  }));

async function rejection(call: Promise<unknown>): Promise<unknown> {
  return await assertRejects(() => call);
}
