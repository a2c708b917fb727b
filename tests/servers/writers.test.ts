// On a real server, with and without a proxy in front of it that breaks things: eight writers, each a process with a store of its own, on
// all runtimes; and random operations.

import { assert, assertEquals } from "@std/assert";
import { CloudStore } from "@ferrite/storage/cloud";
import { type Clock, realClock } from "../../src/cloud/clock.ts";
import { follow, startCrew } from "../support/cloud/crew.ts";
import { Proxy } from "../support/cloud/proxy.ts";
import { RandomRun } from "../support/cloud/random_run.ts";
import { bucketOf, type Target } from "../support/cloud/target.ts";
import type { Task } from "../support/cloud/writer.ts";
import { type KindName, Ledger } from "../support/cloud/writers.ts";
import { test } from "../support/harness.ts";
import { Random, SEED, seeded } from "../support/random.ts";
import { newBucket } from "./buckets.ts";

const WRITERS = 8;
const KINDS: readonly KindName[] = ["counter", "list"];
const target = await newBucket();
const newPrefix = () => `${crypto.randomUUID()}/`;

/** What all writers together were told. They begin at the same time. */
async function runWriters(target: Target, prefix: string, more: Pick<Task, "count" | "options">): Promise<Ledger> {
  const ledger = new Ledger(KINDS);
  const crew = await startCrew(
    Array.from({ length: WRITERS }, (_, i) => ({ target, prefix, writer: `${i}`, kinds: KINDS, ...more })),
  );
  try {
    const ends = await Promise.all(crew.map((child) => follow(child, ledger)));
    assert(ends.every((end) => end === "done"), `${ends}`);
  } finally {
    await Promise.all(crew.map((child) => child.kill()));
  }
  return ledger;
}

async function throughProxy(percent: number, run: (proxied: Target, proxy: Proxy) => Promise<void>): Promise<void> {
  const proxy = new Proxy(target, new Random(SEED), percent);
  await proxy.start();
  try {
    await run({ ...target, endpoint: proxy.endpoint }, proxy);
  } finally {
    await proxy.close();
    console.log(`seed ${SEED}; the proxy: ${JSON.stringify(proxy.counts)}`);
  }
}

test("eight writers on three runtimes lose nothing and do nothing twice", async () => {
  const prefix = newPrefix();
  const count = 40;
  const ledger = await runWriters(target, prefix, { count });
  await using store = new CloudStore({ storage: bucketOf(target), prefix });
  await ledger.judge(store);
  assertEquals(ledger.counts().acknowledged, KINDS.length * WRITERS * count);
  assertEquals(await store.incrBy("counter", 0), WRITERS * count);
  assertEquals(await store.llen("list"), WRITERS * count);
});

test("eight writers on three runtimes through a proxy that breaks things: acknowledged once, unknown at most once", () =>
  throughProxy(15, async (proxied, proxy) => {
    const prefix = newPrefix();
    const ledger = await runWriters(proxied, prefix, { count: 25, options: { timeoutMs: 1000, attempts: 2 } });
    await proxy.rest();
    await using store = new CloudStore({ storage: bucketOf(target), prefix });
    await ledger.judge(store);
    const counts = ledger.counts();
    console.log(JSON.stringify(counts));
    assert(counts.acknowledged > 0);
  }));

test("a thousand random operations through a proxy that breaks things", () =>
  seeded((random) =>
    throughProxy(25, async (proxied, proxy) => {
      const prefix = newPrefix();
      const run = new RandomRun(random);
      {
        await using store = new CloudStore({ storage: bucketOf(proxied), prefix, timeoutMs: 1000, attempts: 2 }, {
          clock: hasty,
          cutLimits: { rootBytes: 1000, partBytes: 2000, chunks: 1 },
        });
        for (let i = 0; i < 1000;) i += await run.step(store);
      }
      await proxy.rest();
      await using store = new CloudStore({ storage: bucketOf(target), prefix });
      await run.check(store);
      console.log(JSON.stringify(run.outcomes));
    })
  ));

/** Retries soon. */
const hasty: Clock = {
  ...realClock,
  pause: (least, most) => realClock.pause(least / 20, most / 20),
};
