import process from "node:process";
import { HybridLogStore, MemoryStore } from "@ferrite/storage";
import { assertSameContents, type Contents, contentsOf } from "./support/contents.ts";
import { inDirectory } from "./support/directory.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { killAlwaysRun, killIntervalRun, SMALL, start, tell } from "./support/kill_run.ts";
import { type Child, type Runtime, RUNTIMES } from "./support/processes.ts";
import { seeded } from "./support/random.ts";
import { SAMPLE_STAGES } from "./support/sample.ts";

/** Starting processes takes most of the time: each runtime starts, and kills, processes of its own. */
const { bun, deno } = process.versions;
const OWN: Runtime = bun !== undefined ? "bun" : deno !== undefined ? "deno" : "node";
const ROUNDS = 4;

async function assertHolds(child: Child, contents: Contents): Promise<void> {
  child.say("contents");
  assertSameContents(JSON.parse(await child.line()), contents);
}

test(`kill -9 on ${OWN}, "always": every acknowledged write is there, no operation is there by half`, () =>
  seeded((random) => killAlwaysRun(OWN, ROUNDS, random)));

test(`kill -9 on ${OWN}, "interval": the store is as it was at one of the last commits`, () =>
  seeded((random) => killIntervalRun(OWN, ROUNDS, random)));

test(`a directory that a process on ${OWN} has is LOCKED on each runtime, and free after its kill -9`, () =>
  inDirectory(async (path) => {
    const options = { ...SMALL, dataDir: path("data") };
    const open = `open ${JSON.stringify(options)}`;
    const [holder, ...others] = await start([OWN, ...RUNTIMES]);
    await tell(holder, open, "opened");
    const message = `Cannot open storage: data directory "${options.dataDir}" is locked by process ${holder.pid}`;
    for (const other of others) await tell(other, open, `LOCKED: ${message}`);
    await assertFails(() => HybridLogStore.open(options), "LOCKED", message);
    await holder.kill();
    for (const other of others) {
      await tell(other, open, "opened");
      await other.kill();
    }
    await (await HybridLogStore.open(options)).close();
  }));

test("a directory that the runtimes write in turn holds on each what all of them have written", () =>
  inDirectory(async (path) => {
    const open = `open ${JSON.stringify({ ...SMALL, dataDir: path("data") })}`;
    const children = await start(RUNTIMES);
    await using model = new MemoryStore();
    // Each of them comes after each of the others, and goes on with what another one has begun.
    for (const [i, turn] of [0, 1, 2, 0, 2, 1, 0].entries()) {
      const child = children[turn];
      await tell(child, open, "opened");
      await assertHolds(child, contentsOf(model.sync));
      for (const [stage, run] of SAMPLE_STAGES.entries()) {
        if (i < stage) continue;
        await tell(child, `sample ${i - stage} ${stage}`, "written");
        await run(model, `${i - stage}`);
      }
      await assertHolds(child, contentsOf(model.sync));
      await tell(child, "close", "closed");
    }
    for (const child of children) await child.end();
    await using store = await HybridLogStore.open({ ...SMALL, dataDir: path("data") });
    assertSameContents(contentsOf(store.sync), contentsOf(model.sync));
  }));
