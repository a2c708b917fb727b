// Writes that reach a real server long after their callers gave up, and writers that stand still for longer than what they replaced is
// kept: what conditional writes are for, which a fake may see otherwise than a server.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { StorageError } from "@ferrite/storage";
import { type CloudOptions, CloudStore } from "@ferrite/storage/cloud";
import { sleep, textOf } from "../support/bytes.ts";
import { follow, startCrew } from "../support/cloud/crew.ts";
import { Proxy } from "../support/cloud/proxy.ts";
import { bucketOf } from "../support/cloud/target.ts";
import { type KindName, Ledger } from "../support/cloud/writers.ts";
import { test } from "../support/harness.ts";
import { RUNTIMES } from "../support/processes.ts";
import { Random, seeded } from "../support/random.ts";
import { newBucket } from "./buckets.ts";

const target = await newBucket();
const SMALL = { cutLimits: { rootBytes: 600, partBytes: 3000, chunks: 2 } };

/** Two stores, of which one has a proxy in front of it. */
interface Stage {
  readonly proxy: Proxy;
  readonly store: CloudStore;
  readonly other: CloudStore;
  /** Has a write of this key arrive when the function that this resolves to is called, long after it is unknown what became of it. */
  holdWrite(key: string, write: () => Promise<unknown>): Promise<() => Promise<void>>;
}

async function onStage(options: Partial<CloudOptions>, play: (stage: Stage) => Promise<void>): Promise<void> {
  const proxy = new Proxy(target, new Random(), 0);
  await proxy.start();
  const prefix = `${crypto.randomUUID()}/`;
  try {
    await using store = new CloudStore(
      { storage: bucketOf({ ...target, endpoint: proxy.endpoint }), prefix, ...options },
      SMALL,
    );
    await using other = new CloudStore({ storage: bucketOf(target), prefix, graceMs: 0 }, SMALL);
    await play({
      proxy,
      store,
      other,
      async holdWrite(key, write) {
        const held = proxy.hold((method, path) => method === "PUT" && path.includes(`/k/${key}`), { cuts: true });
        const error = await assertRejects(write, StorageError);
        assertEquals([error.code, error.outcome], ["UNAVAILABLE", "unknown"], error.message);
        await held.arrived;
        return async () => {
          held.release();
          await proxy.rest();
        };
      },
    });
  } finally {
    await proxy.close();
  }
}

const IMPATIENT: Partial<CloudOptions> = { attempts: 1 };

test("a write that arrives after its caller gave up does not undo what was written since", () =>
  onStage(IMPATIENT, async ({ store, other, holdWrite }) => {
    await store.set("key", "first");
    const arrive = await holdWrite("key", () => store.set("key", "late"));
    await other.set("key", "other");
    await arrive();
    assertEquals(textOf(await store.get("key")), "other");
    assertEquals(await store.append("key", "s"), 6);
  }));

test("a write that arrives after its caller gave up counts, once, when nothing was written since", () =>
  onStage(IMPATIENT, async ({ store, other, holdWrite }) => {
    await store.set("count", "1");
    const arrive = await holdWrite("count", () => store.incrBy("count"));
    assertEquals(textOf(await other.get("count")), "1");
    await arrive();
    assertEquals(textOf(await other.get("count")), "2");
    assertEquals(await store.incrBy("count"), 3);
  }));

test("what was made late does not bring back what was deleted", () =>
  onStage(IMPATIENT, async ({ store, other, holdWrite }) => {
    await store.set("something", "else"); // so that it is known what the bucket can do
    const arrive = await holdWrite("key", () => store.set("key", "late"));
    await other.set("key", "other");
    assertEquals(await other.del("key"), true);
    await arrive();
    assertEquals(await store.get("key"), null);
    assertEquals(await other.size(), 1);
  }));

test("a writer that stands still between its parts and the object that refers to them begins anew after compact", () =>
  onStage({ timeoutMs: 60_000 }, async ({ proxy, store, other }) => {
    const marks = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix} ${i}`);
    await other.rpush("list", marks(500, "first"));
    const held = proxy.hold((method, path) => method === "PUT" && path.includes("/k/list"));
    const pushed = store.rpush("list", marks(300, "late"));
    await held.arrived;
    await other.compact();
    held.release();
    assertEquals(await pushed, 800);
    assertEquals(
      (await other.lrange("list", 0, -1)).map(textOf),
      [...marks(500, "first"), ...marks(300, "late")],
    );
  }));

test("processes that stand still for longer than what they replaced is kept go on as if nothing had been", () =>
  seeded(async (random) => {
    const kinds: KindName[] = ["counter", "longList", "members", "value"];
    const prefix = `${crypto.randomUUID()}/`;
    const options = { graceMs: 50, timeoutMs: 500, attempts: 20 };
    const ledger = new Ledger(kinds);
    const crew = await startCrew(
      RUNTIMES.map((writer) => ({ target, prefix, writer, kinds, options, inParts: true })),
    );
    const bucket = bucketOf(target);
    const countParts = async () => (await bucket.list(`${prefix}n/`)).objects.length;
    await using store = new CloudStore({ storage: bucket, prefix, graceMs: 0 });
    let orphans = 0;
    try {
      let steps = 0;
      const ends = crew.map((child) => follow(child, ledger, () => steps++));
      // Where it happens is drawn, and not always between parts and what refers to them.
      for (let round = 0; round < 10 || orphans === 0 && round < 50; round++) {
        const next = steps + 1 + random.below(12);
        while (steps < next) await sleep(1);
        for (const child of crew) child.signal("SIGSTOP");
        // Now and then for longer than a request may take.
        await sleep(round % 3 === 0 ? 700 : 70);
        const before = await countParts();
        await store.compact();
        orphans += before - await countParts();
        for (const child of crew) child.signal("SIGCONT");
      }
      for (const child of crew) child.say("stop");
      assertEquals(await Promise.all(ends), ["done", "done", "done"]);
    } finally {
      await Promise.all(crew.map((child) => child.kill()));
    }
    await ledger.judge(store);
    const { acknowledged, unknown, failed } = ledger.counts();
    console.log(`${orphans} orphans, ${JSON.stringify(ledger.counts())}`);
    assert(orphans > 0 && acknowledged > 10 * (unknown + failed), JSON.stringify(ledger.counts()));
  }));
