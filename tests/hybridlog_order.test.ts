import { assertEquals } from "@std/assert";
import { pause } from "../src/runtime/pause.ts";
import type { Transaction } from "@ferrite/storage";
import { pattern, textOf } from "./support/bytes.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { share, test } from "./support/harness.ts";
import { CallOrder, inTime } from "./support/hybridlog/call_order.ts";
import { CHAINS } from "./support/hybridlog/chain_mates.ts";
import { MATES } from "./support/hybridlog/draw_deeds.ts";
import { type Focus, orderRun } from "./support/hybridlog/order_run.ts";
import { scanRun } from "./support/hybridlog/scan_run.ts";
import { openSmall, PAGES, QUIET, type Setting } from "./support/hybridlog/small_store.ts";
import { World } from "./support/hybridlog/world.ts";
import { SEED } from "./support/random.ts";

// Calls that nobody waits for, through both faces, in transactions and out of them, on files that take their time, give what the
// same calls would give one after another. FERRITE_SEED repeats runs: the first of each test is the one of that seed.

async function orderRuns(count: number, focus: Focus): Promise<void> {
  for (let i = 0; i < share(count); i++) await orderRun(SEED + i, focus);
}

const SETTINGS: Partial<Setting>[] = [
  { io: "async", durability: "manual" },
  { io: "async", durability: "always" },
  { io: "adaptive", durability: "interval" },
  { io: "blocking", durability: "always" },
];

for (const setting of SETTINGS) {
  test(`calls that nobody waits for happen in their order: ${setting.io}, ${setting.durability}`, () =>
    orderRuns(6, { setting }));
}

test("they do where addresses wrap, and where keys share chains", () =>
  orderRuns(6, { keys: MATES, setting: { firstPage: PAGES - 1 } }));

test("a key that is there all the time is given by every way to go over keys, while others write", async () => {
  for (let i = 0; i < 8; i++) await scanRun(SEED + i);
});

const ASYNC: Setting = { ...QUIET, io: "async" };

/** Operations on several keys, by the type that these hold. */
const OF_SEVERAL: Record<string, readonly [method: string, ...args: unknown[]][]> = {
  string: [
    ["mget", ["one", "two"]],
    ["mset", [["one", "1"], ["two", "2"]]],
    ["rename", "two", "one"],
    ["rename", "one", "two", { ifAbsent: true }],
    ["copy", "two", "one", { replace: true }],
    ["copy", "one", "two"],
  ],
  list: [["lmove", "one", "two", "left", "right"], ["lmove", "two", "one", "left", "right"]],
  set: [
    ["smove", "one", "two", "m1"],
    ["smove", "two", "one", "m2"],
    ...["sinter", "sunion", "sdiff", "sinterCard"].map((method) => [method, ["one", "two"]] as [string, string[]]),
    ...["sinterStore", "sunionStore", "sdiffStore"].map((method) =>
      [method, "to", ["one", "two"]] as [string, string, string[]]
    ),
  ],
  zset: [
    ["zrangeStore", "to", "two", { by: "rank", start: 0, stop: -1 }],
    ...["zinter", "zinterWithScores", "zunion", "zunionWithScores", "zdiff", "zdiffWithScores", "zinterCard"].map((
      method,
    ) => [method, ["one", "two"]] as [string, string[]]),
    ...["zinterStore", "zunionStore", "zdiffStore"].map((method) =>
      [method, "to", ["one", "two"]] as [string, string, string[]]
    ),
  ],
};

test("a call on several keys waits for earlier ones on any of them", async () => {
  using world = new World();
  const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
  for (const [type, calls] of Object.entries(OF_SEVERAL)) {
    for (const [method, ...args] of calls) {
      const order = new CallOrder(world);
      const call = (method: string, ...args: unknown[]) =>
        order.call(store, { calls: [{ method, args }], transaction: "none" }, { face: "async" });
      const fill = (key: string, members: readonly string[]) => {
        if (type === "string") return call("set", key, members.join());
        if (type === "zset") return call("zadd", key, members.map((member, i) => [i, member]));
        return call(type === "list" ? "rpush" : "sadd", key, members);
      };
      call("clear");
      await fill("cold", ["m1", "m2", "m4"]);
      log.space.dropAll();
      fill("one", ["m1", "m2", "m3"]);
      fill("two", ["m2", "m3", "m4"]);
      call("rename", "cold", "two"); // waits, while all that the next one needs is there
      call(method, ...args);
      await order.settle();
      order.compare(store, method);
    }
  }
});

test("a scan ends, though its user changes every key that it gives", async () => {
  const { store } = await openSmall(new FaultyFiles(), QUIET);
  for (let i = 0; i < 2500; i++) store.sync.set(`key:${i}`, "");
  let given = 0;
  for await (const key of store.keys()) {
    await store.append(key, "longer and longer ");
    if (++given > 100_000) throw new Error("the scan does not end");
  }
});

test("a scan whose read fails says so as all calls do", async () => {
  for (const io of ["async", "blocking"] as const) {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, { ...QUIET, io });
    for (let i = 0; i < 200; i++) store.sync.set(`key:${i}`, pattern(20_000));
    log.space.dropAll();
    // Afterwards files that are not written any more are looked at in another way.
    for (let i = 0; i < 3; i++) assertEquals(Array.from(store.sync.keys()).length, 200);
    for (const scan of [() => store.scan(), () => store.sync.scan()]) {
      let failures = 1;
      files.fail = ({ kind }) => kind === "read" && failures-- > 0 ? new Error("EIO") : undefined;
      await assertFails(scan, "UNAVAILABLE", "EIO");
      await scan();
    }
  }
});

test("a call that was finished for another's sake does not take a third one with it when its reads come to nothing", async () => {
  for (let turns = 0; turns < 40; turns++) {
    const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
    store.sync.rpush("list", Array.from({ length: 300 }, (_, i) => `element ${i}`));
    store.sync.set("a", "1");
    log.space.dropAll();
    const calls: Promise<unknown>[] = [store.lindex("list", 150), store.del("list")];
    for (let i = 0; i < turns; i++) await null;
    // Finishes both, and frees the nodes of which the first may still wait for one.
    for (let i = 0; i < 3; i++) store.sync.set("b", "1");
    calls.push(store.append("a", "2"), store.get("a"));
    const [element, isDeleted, length, value] = await inTime(Promise.all(calls), "a call");
    assertEquals(textOf(element as Uint8Array), "element 150");
    assertEquals([isDeleted, length, textOf(value as Uint8Array)], [true, 2, "12"]);
  }
});

test("an mset() that is given up has written all or nothing, also to keys that share a chain", async () => {
  using _world = new World();
  const [one, two, cold] = CHAINS[0];
  for (let turns = 0; turns < 60; turns++) {
    const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
    store.sync.rpush(cold, ["on disk"]);
    log.space.dropAll();
    const controller = new AbortController();
    const ends = store.mset([[one, "1"], [two, "2"]], { signal: controller.signal }).then(() => true, () => false);
    for (let i = 0; i < turns; i++) await (i % 8 === 7 ? pause() : null);
    controller.abort();
    const isDone = await inTime(ends, "mset");
    assertEquals([one, two].map((key) => store.sync.exists(key)), [isDone, isDone]);
  }
});

test("a function that reads its store makes no other call fail, and shows nobody what is not committed", async () => {
  const open = async () => {
    const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
    store.sync.set("cold", "1");
    log.space.dropAll();
    store.sync.set("warm", "1");
    return store;
  };
  for (const way of ["update", "transact"] as const) {
    const store = await open();
    const reads = () => {
      store.sync.get("cold");
      throw new Error("never mind");
    };
    const calls: Promise<unknown>[] = [
      store.append("cold", "2"),
      way === "update" ? store.update("warm", reads) : store.transact((tx) => (tx.set("warm", "3"), reads())),
      store.get("warm"),
      store.get("cold"),
    ];
    const [length, , warm, cold] = await inTime(Promise.allSettled(calls), "a call");
    const valueOf = (result: PromiseSettledResult<unknown>) =>
      result.status === "fulfilled" ? result.value : result.reason;
    assertEquals(valueOf(length), 2, way);
    assertEquals(textOf(valueOf(warm) as Uint8Array), "1", way);
    assertEquals(textOf(valueOf(cold) as Uint8Array), "12", way);
  }
});

for (const way of ["commit", "checkpoint", "close"] as const) {
  for (const outer of ["update", "transact"] as const) {
    test(`${way}() within ${outer}() makes no other call fail, and does not reject what takes effect`, async () => {
      const { store, log } = await openSmall(new FaultyFiles(), ASYNC);
      store.sync.set("cold", "1");
      log.space.dropAll();
      store.sync.set("warm", "1");
      const settled = (call: Promise<unknown>) => call.then(() => "done", (error) => error.code);
      const inner: Promise<string>[] = [];
      const change = () => {
        inner.push(settled(way === "checkpoint" ? store.checkpoint("checkpoint") : store[way]()));
        return "2";
      };
      const append = store.append("cold", "2");
      const transaction = (tx: Transaction) => void (tx.set("warm", "2"), change());
      const isDone = settled(outer === "update" ? store.update("warm", change) : store.transact(transaction));
      assertEquals(await inTime(append, "append"), 2);
      const outcome = await inTime(isDone, outer);
      const found = await store.get("warm").catch((error) => error.code);
      if (found !== "CLOSED") assertEquals(textOf(found), outcome === "done" ? "2" : "1");
      await inTime(Promise.all(inner), way);
      await store.close();
    });
  }
}

test("what is called before a commit or a checkpoint is in it, whether it had to wait or not", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, ASYNC);
  for (const what of ["commit", "checkpoint"] as const) {
    const key = `for a ${what}`;
    store.sync.set(key, pattern(100));
    log.space.dropAll();
    const waits = store.append(key, "x");
    const ends = what === "commit" ? store.commit() : store.checkpoint("checkpoint");
    await ends;
    assertEquals(await waits, 101);
    const found = what === "commit" ? files.crash("nothing") : files;
    const { store: copy } = await openSmall(found, ASYNC, what === "commit" ? "data" : "checkpoint");
    assertEquals(copy.sync.strlen(key), 101, what);
    await copy.close();
  }
});
