import process from "node:process";
import { createInterface } from "node:readline";
import { type HybridLogOptions, HybridLogStore, type StorageError } from "@ferrite/storage";
import { pause } from "../../src/runtime/pause.ts";
import { sleep } from "./bytes.ts";
import { contentsOf } from "./contents.ts";
import { SAMPLE_STAGES } from "./sample.ts";
import { say } from "./say.ts";
import { WRITERS } from "./writers.ts";

// A process with a hybrid log, which does what it is told, a command in each line, and answers each with one line; those
// that write without end say how far they are, until the process is killed.

let store: HybridLogStore;

const COMMANDS: Record<string, (...args: string[]) => Promise<string | void>> = {
  async open(options) {
    try {
      store = await HybridLogStore.open(JSON.parse(options) as HybridLogOptions);
      return "opened";
    } catch (error) {
      return `${(error as StorageError).code}: ${(error as Error).message}`;
    }
  },

  async sample(name, stage) {
    await SAMPLE_STAGES[Number(stage)](store, name);
    return "written";
  },

  async contents() {
    return JSON.stringify(contentsOf(store.sync));
  },

  async close() {
    await store.close();
    return "closed";
  },

  /** All writers at once, from the steps that are given on. Says `<writer> <step>` for each one that was acknowledged. */
  async load(steps) {
    const write = async (writer: number, n: number): Promise<void> => {
      for (;; n++) {
        await WRITERS[writer].step(store, n + 1);
        say(`${writer} ${n + 1}`);
      }
    };
    const done = JSON.parse(steps) as number[];
    await Promise.all([maintain(), ...done.map((n, writer) => write(writer, n))]);
  },

  /** The writers in turn, from a turn on. Says `<turns> <sure>` after each: so many of them commits have for sure. */
  async turns(from) {
    void maintain();
    const { length } = WRITERS;
    // When a second commit has ended since, one has begun since.
    const marks = [{ commits: store.stats().commits, turns: Number(from) }];
    for (let turn = Number(from);; turn++) {
      await WRITERS[turn % length].step(store, Math.floor(turn / length) + 1);
      if (turn % 16 === 0) await pause(); // or no timer runs, and so no commit
      const { commits } = store.stats();
      if (commits > marks.at(-1)!.commits) marks.push({ commits, turns: turn + 1 });
      while (marks.length > 1 && marks[1].commits <= commits - 2) marks.shift();
      say(`${turn + 1} ${marks[0].turns}`);
    }
  },
};

/** Everything that goes on beside writes. */
async function maintain(): Promise<void> {
  for (;;) {
    await sleep(10);
    await store.compact();
    await store.saveIndex();
  }
}

say("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...args] = line.split(" ");
  const answer = await COMMANDS[command](...args);
  if (answer !== undefined) say(answer);
}
process.exit(0);
