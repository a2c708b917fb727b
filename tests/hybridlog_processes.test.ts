import { assert, assertEquals } from "@std/assert";
import { cp } from "node:fs/promises";
import process from "node:process";
import { type HybridLogOptions, HybridLogStore, MemoryStore } from "@ferrite/storage";
import { sleep } from "./support/bytes.ts";
import { assertSameContents, type Contents, contentsOf } from "./support/contents.ts";
import { inDirectory } from "./support/directory.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { Child, type Runtime, RUNTIMES } from "./support/processes.ts";
import { seeded } from "./support/random.ts";
import { SAMPLE_STAGES } from "./support/sample.ts";
import { Witness } from "./support/witness.ts";

/** Small, so that much is on disk, and memory is dropped, written and compacted all the time. */
const SMALL: HybridLogOptions = { mutableSize: "1MB", readonlySize: "7MB", segmentSize: "1MB", commitIntervalMs: 5 };
/** Starting processes takes most of the time: one runtime has most of the rounds. */
const ROUNDS = process.versions.bun === undefined && process.versions.deno === undefined ? 4 : 2;

/** Starts a child for each of these runtimes. */
async function start(runtimes: readonly Runtime[]): Promise<Child[]> {
  const children = runtimes.map((runtime) => new Child(runtime, "hybridlog_child.ts"));
  for (const child of children) assertEquals(await child.line(), "ready");
  return children;
}

/** Has a child do something, which it must answer with `answer`. */
async function tell(child: Child, command: string, answer: string): Promise<void> {
  child.say(command);
  assertEquals(await child.line(), answer);
}

async function assertHolds(child: Child, contents: Contents): Promise<void> {
  child.say("contents");
  assertSameContents(JSON.parse(await child.line()), contents);
}

/** The lines of a child, which is killed after some; those that come meanwhile are part of it. */
async function* linesUntilKilled(child: Child, count: number): AsyncIterable<string> {
  let killed: Promise<void> | undefined;
  for (let i = 1;; i++) {
    const line = await child.line();
    if (line === "") break;
    yield line;
    if (i === count) killed = child.kill();
  }
  assert(killed !== undefined, "the child came to its end by itself");
  await killed;
}

/** What a killed process has left, opened: a copy, so that the next process finds it as it is. */
async function withCopy(
  directory: string,
  copy: string,
  run: (store: HybridLogStore) => Promise<void>,
): Promise<void> {
  await cp(directory, copy, { recursive: true });
  await using store = await HybridLogStore.open({ ...SMALL, dataDir: copy });
  await run(store);
}

for (const runtime of RUNTIMES) {
  test(`kill -9 on ${runtime}, "always": every acknowledged write is there, no operation is there by half`, () =>
    inDirectory((path) =>
      seeded(async (random) => {
        const options = JSON.stringify({ ...SMALL, dataDir: path("data"), durability: "always" });
        const witness = new Witness();
        const [interrupted, ...children] = await start(Array(1 + ROUNDS).fill(runtime));
        for (const [round, child] of children.entries()) {
          if (round === ROUNDS - 1) {
            interrupted.say(`open ${options}`); // which takes it some time, as it has to recover
            await sleep(random.below(50));
            await interrupted.kill();
          }
          await tell(child, `open ${options}`, "opened");
          const acknowledged = [...witness.steps];
          child.say(`load ${JSON.stringify(acknowledged)}`);
          for await (const line of linesUntilKilled(child, 500 + random.below(4000))) {
            const [writer, step] = line.split(" ").map(Number);
            assertEquals(step, ++acknowledged[writer]);
          }
          await withCopy(path("data"), path(`${round}`), (store) => witness.assertAcknowledged(store, acknowledged));
        }
      })
    ));

  test(`kill -9 on ${runtime}, "interval": the store is as it was at one of the last commits`, () =>
    inDirectory((path) =>
      seeded(async (random) => {
        const options = JSON.stringify({ ...SMALL, dataDir: path("data"), durability: "interval" });
        const witness = new Witness();
        let turns = 0;
        for (const [round, child] of (await start(Array(ROUNDS).fill(runtime))).entries()) {
          await tell(child, `open ${options}`, "opened");
          child.say(`turns ${turns}`);
          let [done, sure] = [turns, turns];
          for await (const line of linesUntilKilled(child, 1000 + random.below(8000))) {
            [done, sure] = line.split(" ").map(Number);
          }
          await withCopy(path("data"), path(`${round}`), async (store) => {
            turns = await witness.assertPrefix(store, sure, done + 1);
          });
        }
      })
    ));

  test(`a directory that a process on ${runtime} has is LOCKED on each runtime, and free after its kill -9`, () =>
    inDirectory(async (path) => {
      const options = { ...SMALL, dataDir: path("data") };
      const open = `open ${JSON.stringify(options)}`;
      const [holder, ...others] = await start([runtime, ...RUNTIMES]);
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
}

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
