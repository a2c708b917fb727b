import { assert, assertEquals } from "@std/assert";
import { cp } from "node:fs/promises";
import { type HybridLogOptions, HybridLogStore } from "@ferrite/storage";
import { sleep } from "./bytes.ts";
import { inDirectory } from "./directory.ts";
import { Child, type Runtime } from "./processes.ts";
import type { Random } from "./random.ts";
import { Witness } from "./witness.ts";

/** Small, so that much is on disk, and memory is dropped, written and compacted all the time. */
export const SMALL: HybridLogOptions = {
  mutableSize: "1MB",
  readonlySize: "7MB",
  segmentSize: "1MB",
  commitIntervalMs: 5,
};

/** Starts a child for each of these runtimes. */
export async function start(runtimes: readonly Runtime[]): Promise<Child[]> {
  const children = runtimes.map((runtime) => new Child(runtime, "hybridlog_child.ts"));
  for (const child of children) assertEquals(await child.line(), "ready");
  return children;
}

/** Has a child do something, which it must answer with `answer`. */
export async function tell(child: Child, command: string, answer: string): Promise<void> {
  child.say(command);
  assertEquals(await child.line(), answer);
}

/**
 * Kills children, one after another, that write under `"always"`, once while one recovers: every acknowledged write is there, and no
 * operation by half.
 */
export function killAlwaysRun(runtime: Runtime, rounds: number, random: Random): Promise<void> {
  return inDirectory(async (path) => {
    const options = JSON.stringify({ ...SMALL, dataDir: path("data"), durability: "always" });
    const witness = new Witness();
    const [interrupted, ...children] = await start(Array(1 + rounds).fill(runtime));
    for (const [round, child] of children.entries()) {
      if (round === rounds - 1) {
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
  });
}

/** The same under `"interval"`: the store is as it was at one of the last commits. */
export function killIntervalRun(runtime: Runtime, rounds: number, random: Random): Promise<void> {
  return inDirectory(async (path) => {
    const options = JSON.stringify({ ...SMALL, dataDir: path("data"), durability: "interval" });
    const witness = new Witness();
    let turns = 0;
    for (const [round, child] of (await start(Array(rounds).fill(runtime))).entries()) {
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
  });
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
