import process from "node:process";
import { createInterface } from "node:readline";
import { CloudStore } from "@ferrite/storage/cloud";
import { sleep } from "../bytes.ts";
import { say } from "../say.ts";
import { outcomeOf } from "./outcome.ts";
import { bucketOf, type Target } from "./target.ts";
import { type KindName, write } from "./writers.ts";

/** What a writer is told to do. */
export interface Task {
  readonly target: Target;
  readonly prefix: string;
  readonly writer: string;
  readonly kinds: readonly KindName[];
  /** How many steps of each kind; for ever if not given. */
  readonly count?: number;
  readonly options?: { readonly timeoutMs?: number; readonly attempts?: number; readonly graceMs?: number };
  /** Whether its objects are so small that all but the shortest values need many. */
  readonly inParts?: boolean;
  /** Whether it does `compact()` again and again. */
  readonly compacts?: boolean;
}

// A process that does steps from the line "write" on, says by lines what became of them, and at the end, or after the line "stop", "done".

const { target, prefix, writer, kinds, count = Infinity, options, inParts = false, compacts = false } = JSON.parse(
  process.argv[2],
) as Task;
const SMALL = { cutLimits: { rootBytes: 2000, partBytes: 6000, chunks: 1 } };
let isStopped = false;

async function work(): Promise<void> {
  await using store = new CloudStore({ storage: bucketOf(target), prefix, ...options }, inParts ? SMALL : {});
  const writing = write(store, writer, kinds, (n) => n < count && !isStopped, say);
  if (compacts) void compactFrom(store, writing);
  await writing;
}

async function compactFrom(store: CloudStore, writing: Promise<void>): Promise<void> {
  let isOver = false;
  const end = () => isOver = true;
  writing.then(end, end);
  for (; !isOver; await sleep(100)) await outcomeOf(store.compact());
}

say("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "stop") isStopped = true;
  if (line === "write") {
    void work().then(() => {
      say("done");
      process.exit(0);
    });
  }
}
process.exit(0);
