import { assert } from "@std/assert";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { FaultyBucket, randomFates } from "./support/cloud/faulty_bucket.ts";
import { outcomeOf } from "./support/cloud/outcome.ts";
import { RandomRun } from "./support/cloud/random_run.ts";
import { VirtualClock } from "./support/cloud/virtual_clock.ts";
import { KIND_NAMES, Ledger, write } from "./support/cloud/writers.ts";
import { test } from "./support/harness.ts";
import { seeded } from "./support/random.ts";

const PATIENCE = { timeoutMs: 200, attempts: 2 };
/** Everything in one object, and all but the smallest in several. */
const LAYOUTS = {
  "": {},
  ", in parts": { cutLimits: { rootBytes: 200, partBytes: 400, chunks: 1 } },
};

for (const [name, layout] of Object.entries(LAYOUTS)) {
  test(`random operations over a bad connection${name}: what was acknowledged took place, once, the rest at most once`, () =>
    seeded(async (random) => {
      const objects = memoryObjects();
      const clock = new VirtualClock(random);
      const bucket = new FaultyBucket(objects, clock, randomFates(random, 35));
      const run = new RandomRun(random);
      await clock.run(async () => {
        await using store = new CloudStore({ storage: bucket, cache: { size: "8MB" }, ...PATIENCE }, {
          clock,
          ...layout,
        });
        for (let i = 0; i < 1000;) i += await run.step(store);
        await bucket.rest();
      });
      await using store = new CloudStore({ storage: objects });
      await run.check(store);
      assert(run.outcomes.acknowledged > 300, JSON.stringify(run.outcomes));
    }));

  test(`eight writers over a bad connection${name}: acknowledged writes are there once, the others at most once`, () =>
    seeded(async (random) => {
      const objects = memoryObjects();
      const clock = new VirtualClock(random);
      const bucket = new FaultyBucket(objects, clock, randomFates(random, 15));
      const ledger = new Ledger(KIND_NAMES);
      const writeAll = async (writer: number): Promise<void> => {
        await using store = new CloudStore({ storage: bucket, ...PATIENCE }, { clock, ...layout });
        await write(store, `${writer}`, KIND_NAMES, (n) => n < 25, (line) => ledger.note(line));
      };
      await clock.run(async () => {
        await Promise.all(Array.from({ length: 8 }, (_, writer) => writeAll(writer)));
        await bucket.rest();
      });
      await using store = new CloudStore({ storage: objects });
      await ledger.judge(store);
    }));
}

test("writers over a bad connection that compact all the time take nothing away from each other", () =>
  seeded(async (random) => {
    const objects = memoryObjects();
    const clock = new VirtualClock(random);
    const bucket = new FaultyBucket(objects, clock, randomFates(random, 10));
    const ledger = new Ledger(KIND_NAMES);
    const options = { storage: bucket, graceMs: 50, timeoutMs: 200, attempts: 3 };
    const layout = { clock, cutLimits: { rootBytes: 2000, partBytes: 6000, chunks: 1 } };
    await clock.run(async () => {
      await Promise.all(["a", "b", "c"].map(async (writer) => {
        await using store = new CloudStore(options, layout);
        let isOver = false;
        const writing = write(store, writer, KIND_NAMES, (n) => n < 30, (line) => ledger.note(line));
        const end = () => isOver = true;
        writing.then(end, end);
        for (; !isOver; await clock.sleep(30)) await outcomeOf(store.compact());
        await writing;
      }));
      await bucket.rest();
    });
    await using store = new CloudStore({ storage: objects });
    await ledger.judge(store);
  }));
