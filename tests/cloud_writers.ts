// On a real server, with and without a proxy in front of it that breaks things: eight writers, each a process with a store of its own, on
// all runtimes; and random operations. `FERRITE_CLOUD` names the bucket (tests/support/cloud/target.ts):
//
//   FERRITE_CLOUD='{…}' node --import tsx tests/cloud_writers.ts

import { assert, assertEquals } from "@std/assert";
import { CloudStore } from "@ferrite/storage/cloud";
import type { Clock } from "../src/cloud/clock.ts";
import { Proxy } from "./support/cloud/proxy.ts";
import { RandomRun } from "./support/cloud/random_run.ts";
import { bucketOf, type Target, targetFromEnvironment } from "./support/cloud/target.ts";
import type { Task } from "./support/cloud/writer.ts";
import { judge, type Report } from "./support/cloud/writers.ts";
import { test } from "./support/harness.ts";
import { Child, RUNTIMES } from "./support/processes.ts";
import { Random, SEED, seeded } from "./support/random.ts";

const WRITERS = 8;
const target = targetFromEnvironment();
const newPrefix = () => `test-${Date.now()}-${Math.floor(Math.random() * 1e9)}/`;

/** What all writers together were told. They begin at the same time. */
async function runWriters(target: Target, prefix: string, more: Pick<Task, "count" | "timeoutMs" | "attempts">) {
  const children = Array.from({ length: WRITERS }, (_, writer) => {
    const task: Task = { target, prefix, writer, ...more };
    return new Child(RUNTIMES[writer % RUNTIMES.length], "cloud/writer.ts", JSON.stringify(task));
  });
  try {
    for (const child of children) assertEquals(await child.line(), "ready");
    for (const child of children) child.say("write");
    return await Promise.all(children.map(async (child) => JSON.parse(await child.line()) as Report));
  } finally {
    await Promise.all(children.map((child) => child.kill()));
  }
}

async function throughProxy(percent: number, run: (proxy: Proxy) => Promise<void>): Promise<void> {
  const proxy = new Proxy(target.endpoint, new Random(SEED), percent);
  await proxy.start();
  try {
    await run(proxy);
  } finally {
    await proxy.close();
    console.log(`seed ${SEED}; the proxy: ${JSON.stringify(proxy.counts)}`);
  }
}

test("eight writers on three runtimes lose nothing and do nothing twice", async () => {
  const prefix = newPrefix();
  const count = 40;
  const reports = await runWriters(target, prefix, { count, timeoutMs: 30_000, attempts: 6 });
  await using store = new CloudStore({ storage: bucketOf(target), prefix });
  const { acknowledged } = await judge(store, reports);
  assertEquals(acknowledged, 2 * WRITERS * count);
  assertEquals(await store.incrBy("count", 0), WRITERS * count);
  assertEquals(await store.llen("list"), WRITERS * count);
  await store.clear();
});

test("eight writers on three runtimes through a proxy that breaks things: acknowledged once, unknown at most once", () =>
  throughProxy(15, async (proxy) => {
    const prefix = newPrefix();
    const broken = { ...target, endpoint: proxy.endpoint };
    const reports = await runWriters(broken, prefix, { count: 25, timeoutMs: 1000, attempts: 3 });
    await proxy.rest();
    await using store = new CloudStore({ storage: bucketOf(target), prefix });
    const outcomes = await judge(store, reports);
    console.log(JSON.stringify(outcomes));
    assert(outcomes.acknowledged > 0);
    await store.clear();
  }));

test("a thousand random operations through a proxy that breaks things", () =>
  seeded((random) =>
    throughProxy(25, async (proxy) => {
      const prefix = newPrefix();
      const run = new RandomRun(random);
      {
        const storage = bucketOf({ ...target, endpoint: proxy.endpoint });
        await using store = new CloudStore({ storage, prefix, timeoutMs: 1000, attempts: 3 }, {
          clock: hasty,
          cutLimits: { rootBytes: 1000, partBytes: 2000, chunks: 1 },
        });
        for (let i = 0; i < 1000;) i += await run.step(store);
      }
      await proxy.rest();
      await using store = new CloudStore({ storage: bucketOf(target), prefix });
      await run.check(store);
      console.log(JSON.stringify(run.outcomes));
      await store.clear();
    })
  ));

/** Retries soon. */
const hasty: Clock = {
  now: () => performance.now(),
  pause: (least, most) => new Promise((resolve) => setTimeout(resolve, (least + Math.random() * (most - least)) / 20)),
  timeout: (ms) => AbortSignal.timeout(ms),
};
