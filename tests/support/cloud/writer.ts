import process from "node:process";
import { createInterface } from "node:readline";
import { CloudStore } from "@ferrite/storage/cloud";
import { bucketOf, type Target } from "./target.ts";
import { write } from "./writers.ts";

/** What a writer is told to do. */
export interface Task {
  readonly target: Target;
  readonly prefix: string;
  readonly writer: number;
  readonly count: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

// A process that writes to a bucket when it is told to, by a line, and says by another what came of it.

const [text] = process.argv.slice(2);
const { target, prefix, writer, count, timeoutMs, attempts } = JSON.parse(text) as Task;
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "write") continue;
  await using store = new CloudStore({ storage: bucketOf(target), prefix, timeoutMs, attempts });
  console.log(JSON.stringify(await write(store, writer, count)));
}
process.exit(0);
