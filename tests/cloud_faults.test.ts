import { assert, assertEquals } from "@std/assert";
import { StorageError } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { contentOf } from "./support/cloud/content.ts";
import { FaultyBucket, randomFates } from "./support/cloud/faulty_bucket.ts";
import { drawOperation, perform, TYPE_NAMES } from "./support/cloud/operations.ts";
import { VirtualClock } from "./support/cloud/virtual_clock.ts";
import { States, Worlds } from "./support/cloud/worlds.ts";
import { test } from "./support/harness.ts";
import { seeded } from "./support/random.ts";
import { textOf } from "./support/bytes.ts";

const PATIENCE = { timeoutMs: 200, attempts: 2 };

/** What became of a call. */
type Fate = "acknowledged" | "unknown" | "failed";

function fateIn(error: unknown): Fate {
  if (!(error instanceof StorageError)) throw error;
  if (error.outcome === "unknown") return "unknown";
  if (error.code === "UNAVAILABLE" || error.code === "CONFLICT") return "failed";
  throw error;
}

async function fateOf(call: Promise<unknown>): Promise<Fate> {
  try {
    await call;
    return "acknowledged";
  } catch (error) {
    return fateIn(error);
  }
}

test("random operations over a bad connection: what was acknowledged took place, once, the rest at most once", () =>
  seeded(async (random) => {
    const objects = memoryObjects();
    const clock = new VirtualClock(random);
    const bucket = new FaultyBucket(objects, clock, randomFates(random, 35));
    const worlds = new Map<string, Worlds>();
    const states = new States();
    const fates: Record<Fate, number> = { acknowledged: 0, unknown: 0, failed: 0 };
    await clock.run(async () => {
      const cache = { size: "8MB", maxStalenessMs: 0 };
      await using store = new CloudStore({ storage: bucket, cache, ...PATIENCE }, { clock });
      for (let i = 0; i < 1000;) {
        const type = random.pick(TYPE_NAMES);
        const key = `${type}:${random.below(2)}`;
        if (!worlds.has(key)) worlds.set(key, new Worlds(states));
        // Some at a time, which are answered in their order.
        const operations = Array.from({ length: 1 + random.below(4) }, () => drawOperation(random, type));
        i += operations.length;
        const calls = operations.map((operation) => perform(store, key, operation));
        const answers = await Promise.allSettled(calls);
        for (const [i, answer] of answers.entries()) {
          const fate = answer.status === "fulfilled" ? "acknowledged" : fateIn(answer.reason);
          fates[fate]++;
          const world = worlds.get(key)!;
          if (answer.status === "fulfilled") await world.answered(operations[i], answer.value);
          else if (fate === "unknown") await world.unknown(operations[i]);
          else world.failed(operations[i]);
        }
      }
      await bucket.rest();
    });
    await using store = new CloudStore({ storage: objects });
    for (const [key, world] of worlds) world.check(await contentOf(store, key));
    assert(fates.acknowledged > 300, `${JSON.stringify(fates)}`);
  }));

test("eight writers over a bad connection: acknowledged writes are there once, the others at most once", () =>
  seeded(async (random) => {
    const objects = memoryObjects();
    const clock = new VirtualClock(random);
    const bucket = new FaultyBucket(objects, clock, randomFates(random, 15));
    const sums: number[] = [];
    const increments: Fate[] = [];
    const pushes = new Map<string, Fate>();
    const write = async (writer: number): Promise<void> => {
      await using store = new CloudStore({ storage: bucket, ...PATIENCE }, { clock });
      for (let i = 0; i < 25; i++) {
        const element = `${writer}:${i}`;
        const [increment, push] = await Promise.all([
          fateOf(store.incrBy("count").then((sum) => sums.push(sum))),
          fateOf(store.rpush("list", [element])),
        ]);
        increments.push(increment);
        pushes.set(element, push);
      }
    };
    await clock.run(async () => {
      await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
      await bucket.rest();
    });
    await using store = new CloudStore({ storage: objects });
    const count = Number(textOf(await store.get("count")));
    const sure = increments.filter((fate) => fate === "acknowledged").length;
    const possible = increments.filter((fate) => fate !== "failed").length;
    assert(count >= sure && count <= possible, `${count} increments, ${sure} acknowledged, ${possible} possible`);
    assertEquals(new Set(sums).size, sums.length, "two increments were told the same sum");
    const list = (await store.lrange("list", 0, -1)).map(textOf) as string[];
    assertEquals(new Set(list).size, list.length, "an element was pushed twice");
    for (const [element, fate] of pushes) {
      if (fate === "acknowledged") assert(list.includes(element), `${element} is lost`);
      if (fate === "failed") assert(!list.includes(element), `${element} is there though it failed`);
    }
    for (let writer = 0; writer < 8; writer++) {
      const own = list.filter((element) => element.startsWith(`${writer}:`)).map((element) => Number(element.slice(2)));
      const acknowledged = own.filter((i) => pushes.get(`${writer}:${i}`) === "acknowledged");
      assertEquals(acknowledged, [...acknowledged].sort((a, b) => a - b), "pushes of one writer changed places");
    }
  }));
