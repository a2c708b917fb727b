import { assertEquals, assertRejects } from "@std/assert";
import { StorageError } from "@ferrite/storage";
import { textOf } from "./support/bytes.ts";
import type { Fate } from "./support/cloud/faulty_bucket.ts";
import { onStage, type Stage } from "./support/cloud/stage.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const LATE: Fate = { what: "late", lateMs: 60_000 };
const GONE: Fate = { what: "cut before" };

async function assertUnknown(call: Promise<unknown>): Promise<void> {
  const error = await assertRejects(() => call, StorageError);
  assertEquals([error.code, error.outcome], ["UNAVAILABLE", "unknown"], error.message);
}

async function withStore<S extends AsyncDisposable, T>(store: S, run: (store: S) => Promise<T>): Promise<T> {
  await using open = store;
  return await run(open);
}

/** Asks when everything has arrived. */
async function read(stage: Stage, key: string): Promise<string | null> {
  await stage.bucket.rest();
  await using store = stage.other();
  return textOf(await store.get(key));
}

test("a write that arrives after its caller gave up does not undo what was written since", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await using other = stage.other();
    await store.set("key", "first");
    stage.next("put", LATE, GONE, GONE);
    await assertUnknown(store.set("key", "late"));
    await other.set("key", "other");
    assertEquals(await read(stage, "key"), "other");
  }));

test("a write that arrives after its caller gave up counts when nothing was written since", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "first");
    stage.next("put", LATE, GONE, GONE);
    await assertUnknown(store.set("key", "late"));
    assertEquals(textOf(await store.get("key")), "first");
    assertEquals(await read(stage, "key"), "late");
    assertEquals(await store.append("key", "r"), 5);
  }));

test("what was made late does not bring back what was deleted", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await using other = stage.other();
    stage.next("put", LATE, GONE, GONE);
    await assertUnknown(store.set("key", "late"));
    await other.set("key", "other");
    assertEquals(await other.del("key"), true);
    assertEquals(await read(stage, "key"), null);
    assertEquals(await store.size(), 0);
  }));

test("a write whose first attempt arrives after the second one takes place once", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    stage.next("put", LATE);
    assertEquals(await store.incrBy("count"), 1);
    stage.next("put", { what: "late", lateMs: 1000 });
    assertEquals(await store.incrBy("count"), 2);
    assertEquals(await store.incrBy("count"), 3);
    assertEquals(await read(stage, "count"), "3");
  }));

test("a write whose answers are all lost is recognised", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    for (const fate of [{ what: "cut after" }, { what: "fails after" }, { what: "served", answerMs: 1000 }] as Fate[]) {
      stage.next("put", fate, fate, fate);
      await store.incrBy("count");
    }
    assertEquals(await read(stage, "count"), "3");
  }));

test("a write whose answer is lost is recognised however often another has written since", () =>
  onStage(async (stage) => {
    await using store = stage.store({ attempts: 2 });
    await using other = stage.other();
    await store.set("count", "1");
    stage.next("put", { what: "cut after" }, { what: "served", delayMs: 150 });
    const sum = store.incrBy("count");
    await stage.clock.sleep(20);
    for (let i = 0; i < 200; i++) await other.incrBy("count");
    assertEquals(await sum, 2);
    assertEquals(await read(stage, "count"), "202");
  }));

test("a write whose answer is lost is unknown when too many others have written since", () =>
  onStage(async (stage) => {
    await using store = stage.store({ attempts: 2 });
    await store.set("count", "1");
    for (const fate of ["cut after", "cut before"] as const) {
      stage.next("put", { what: fate }, { what: "served", delayMs: 150 });
      const check = assertUnknown(store.incrBy("count"));
      await stage.clock.sleep(20);
      for (let i = 0; i < 80; i++) {
        await withStore(stage.other({ cache: { size: "8MB" } }), (other) => other.incrBy("count"));
      }
      await check;
    }
    assertEquals(await read(stage, "count"), "162");
  }));

test("a write that is refused because others have written since it last looked begins anew, however many they are", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    assertEquals(await store.incrBy("count"), 1);
    for (let i = 0; i < 80; i++) {
      await withStore(stage.other({ cache: { size: "8MB" } }), (other) => other.incrBy("count"));
    }
    assertEquals(await store.incrBy("count"), 82);
    await using late = stage.store();
    stage.next("put", GONE);
    assertEquals(await late.incrBy("count"), 83);
  }));

test("who finds a key made by others, after an attempt of which nothing is known, begins anew", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await using other = stage.other();
    for (let i = 0; i < 40; i++) await other.incrBy("count");
    stage.next("put", GONE);
    await store.set("count", "7");
    assertEquals(await read(stage, "count"), "7");
  }));

test("a refusal after an attempt of which nothing is known does not hide that", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "first");
    stage.next("put", { what: "cut after" }, { what: "conflict" });
    await store.append("key", "!");
    assertEquals(textOf(await store.get("key")), "first!");
    stage.next("put", GONE, { what: "conflict" });
    await store.append("key", "!");
    assertEquals(await read(stage, "key"), "first!!");
  }));

test("a write that the runtime has sent twice is not taken for that of another", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    for (let sum = 1; sum <= 3; sum++) {
      stage.next("put", { what: "resent" });
      assertEquals(
        await stage.requestsOf(async () => assertEquals(await store.incrBy("count"), sum)),
        sum === 1 ? 3 : 2,
      );
    }
    stage.next("put", { what: "resent" });
    assertEquals(await store.set("key", "value", { ifAbsent: true }), true);
    stage.next("put", { what: "resent" });
    assertEquals(await store.del("key"), true);
    assertEquals(await read(stage, "count"), "3");
  }));

test("a write that was sent and then refused for no reason is unknown as long as it may come", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "first");
    stage.next("put", LATE, ...Array.from({ length: 20 }, (): Fate => ({ what: "conflict" })));
    await assertUnknown(store.set("key", "late"));
    assertEquals(await read(stage, "key"), "late");
  }));

test("a refusal after an attempt that may come yet does not hide that", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "first");
    stage.next("put", LATE, { what: "conflict" }, { what: "busy" }, { what: "busy" }, { what: "busy" });
    await assertUnknown(store.set("key", "late"));
    assertEquals(await read(stage, "key"), "late");
  }));

test("a clear of which no answer comes is unknown", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "first");
    stage.next("put", LATE, GONE, GONE);
    await assertUnknown(store.clear());
    assertEquals(await read(stage, "key"), null);
  }));

test("a conflict that there is not is tried again", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    stage.next("put", { what: "conflict" }, { what: "conflict" });
    await store.set("key", "value");
    stage.next("put", { what: "conflict" }, { what: "conflict" });
    await store.append("key", "s");
    assertEquals(await read(stage, "key"), "values");
  }));

test("a bucket that is busy has done nothing, and that is what is said", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    stage.next("put", { what: "busy" }, { what: "busy" }, { what: "busy" });
    const error = await assertRejects(() => store.set("key", "value"), StorageError);
    assertEquals([error.code, error.outcome], ["UNAVAILABLE", undefined]);
    stage.next("get", GONE, GONE, GONE);
    const readError = await assertRejects(() => store.get("key"), StorageError);
    assertEquals([readError.code, readError.outcome], ["UNAVAILABLE", undefined]);
    assertEquals(await read(stage, "key"), null);
  }));

test("clear does not undo what was written after it, though it arrives late", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "first");
    stage.next("put", LATE);
    await store.clear();
    await store.set("key", "second");
    assertEquals(await read(stage, "key"), "second");
  }));

test("a key that others keep writing to is a CONFLICT in the end", () =>
  onStage(async (stage) => {
    await using store = stage.store();
    await store.set("key", "value");
    stage.next("put", ...Array.from({ length: 100 }, (): Fate => ({ what: "conflict" })));
    await assertFails(() => store.append("key", "!"), "CONFLICT");
    assertEquals(await store.append("key", "!"), 6);
  }));
