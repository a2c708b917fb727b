// `kill -9` of processes that write to a real server, in the middle of whatever they do.

import { assert, assertEquals } from "@std/assert";
import { CloudStore } from "@ferrite/storage/cloud";
import { follow, startCrew } from "../support/cloud/crew.ts";
import { bucketOf } from "../support/cloud/target.ts";
import { KIND_NAMES, Ledger } from "../support/cloud/writers.ts";
import { test } from "../support/harness.ts";
import { RUNTIMES } from "../support/processes.ts";
import { seeded } from "../support/random.ts";
import { newBucket } from "./buckets.ts";

const ROUNDS = 6;
/** After so many acknowledged steps at most a process is killed. */
const MOST_STEPS = 120;
const target = await newBucket();

test("kill -9 of writers on three runtimes, again and again: what was acknowledged is there once, and compact removes the rest", () =>
  seeded(async (random) => {
    const prefix = `${crypto.randomUUID()}/`;
    const ledger = new Ledger(KIND_NAMES);
    const bucket = bucketOf(target);
    const countParts = async () => {
      let [count, cursor]: [number, string | null] = [0, null];
      do {
        const list: Awaited<ReturnType<typeof bucket.list>> = await bucket.list(`${prefix}n/`, { cursor });
        count += list.objects.length;
        cursor = list.cursor;
      } while (cursor !== null);
      return count;
    };
    const tasks = Array.from({ length: ROUNDS * RUNTIMES.length }, (_, i) => {
      const writer = `${RUNTIMES[i % RUNTIMES.length]}-${i}`;
      // One of them removes parts all the time, and is killed while it does.
      return { target, prefix, writer, kinds: KIND_NAMES, inParts: true, compacts: i % 4 === 0 };
    });
    for (let round = 0; round < ROUNDS; round++) {
      const writers = tasks.slice(round * RUNTIMES.length, (round + 1) * RUNTIMES.length);
      const crew = await startCrew(writers);
      const ends = await Promise.all(crew.map(async (child, i) => {
        let left = 1 + random.below(MOST_STEPS);
        const end = await follow(child, ledger, () => {
          if (--left === 0) void child.kill();
        });
        ledger.killed(writers[i].writer);
        return end;
      }));
      assertEquals(ends, ["killed", "killed", "killed"]);
      await using store = new CloudStore({ storage: bucket, prefix });
      await ledger.judge(store);
    }

    const left = await countParts();
    {
      await using store = new CloudStore({ storage: bucket, prefix });
      await store.compact();
    }
    const kept = await countParts();
    console.log(`${JSON.stringify(ledger.counts())}; ${left} parts, ${left - kept} of them orphans`);
    assert(kept > 0 && left > kept, `${left} parts, ${kept} after compact`);
    {
      await using store = new CloudStore({ storage: bucket, prefix });
      await ledger.judge(store);
      // A store that drops values deletes their parts: what is there after that was never found.
      for await (const key of store.keys()) await store.del(key);
    }
    assertEquals(await countParts(), 0);
  }));
