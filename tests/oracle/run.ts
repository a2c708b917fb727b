import { join } from "node:path";
import { MemoryStore, StorageError } from "@ferrite/storage";
import { sleep } from "../support/bytes.ts";
import { Checkpoint } from "./checkpoints.ts";
import type { Command, Difference, Face, Outcome } from "./command.ts";
import { codeOf } from "./errors.ts";
import type { RedisServer } from "./server.ts";

/** So many commands go to Redis at once. */
const BATCH = 500;

/** Lets time pass on both sides. The commands since the pause before must not have taken longer than `within`. */
export interface Pause {
  readonly pauseMs: number;
  readonly withinMs: number;
}

/** What a store does beside commands, after which it must hold the same. */
export interface Maintenance {
  readonly maintain: "compact" | "checkpoint and restore" | "checkpoint meanwhile";
}

export type Step = Command | Pause | Maintenance;

export function isCommand(step: Step | undefined): step is Command {
  return step !== undefined && "call" in step;
}

/** Where the two sides went apart. */
export interface Mismatch extends Difference {
  readonly index: number;
}

/** What a run came to; `slow` when it took longer than its pauses allow, so that it says nothing. */
export type Verdict = { readonly kind: "same" | "slow" } | { readonly kind: "different"; readonly mismatch: Mismatch };

/** Runs steps on an empty store and an empty Redis. */
export async function run(steps: readonly Step[], server: RedisServer, maxSize: `${number}MB`): Promise<Verdict> {
  await using store = new MemoryStore({ maxSize });
  await server.ask([["FLUSHALL"]]);
  const faces = [store.sync, store] as unknown as readonly Face[];
  const snapshot = join(server.folder, "snapshot");
  let checkpoint: Checkpoint | null = null;
  for (let first = 0; first < steps.length;) {
    const segment = segmentFrom(steps, first);
    const start = performance.now();
    const mismatch = await runBatch(segment, first, faces, server, () => checkpoint?.note());
    if (mismatch !== null) {
      await checkpoint?.finish(maxSize);
      return { kind: "different", mismatch };
    }
    first += segment.length;
    const next = steps[first];
    if (next === undefined || isCommand(next)) continue;
    first++;
    if ("maintain" in next) {
      const difference = await checkpoint?.finish(maxSize) ?? null;
      if (difference !== null) return { kind: "different", mismatch: { index: first - 1, ...difference } };
      checkpoint = next.maintain === "checkpoint meanwhile" ? new Checkpoint(store, snapshot) : null;
      if (next.maintain === "compact") await store.compact();
      if (next.maintain === "checkpoint and restore") await store.restore(await store.checkpoint(snapshot));
      continue;
    }
    if (performance.now() - start > next.withinMs) return { kind: "slow" };
    await sleep(next.pauseMs);
  }
  await checkpoint?.finish(maxSize);
  return { kind: "same" };
}

/** The commands from `first` on until something else comes, or as many as go at once. */
function segmentFrom(steps: readonly Step[], first: number): Command[] {
  const segment: Command[] = [];
  for (let i = first; i < steps.length && segment.length < BATCH; i++) {
    const step = steps[i];
    if (!isCommand(step)) break;
    segment.push(step);
  }
  return segment;
}

async function runBatch(
  commands: readonly Command[],
  first: number,
  faces: readonly Face[],
  server: RedisServer,
  afterStore: () => void,
): Promise<Mismatch | null> {
  const outcomes: Outcome[] = [];
  let failure: Mismatch | null = null;
  for (const [i, command] of commands.entries()) {
    try {
      const answer = command.call(faces[(first + i) % faces.length]);
      outcomes.push({ code: null, answer: answer instanceof Promise ? await answer : answer });
    } catch (error) {
      if (!(error instanceof StorageError)) {
        const ours = error instanceof Error ? error.stack ?? error.message : error;
        failure = { index: first + i, ours, theirs: "not asked" };
        break;
      }
      outcomes.push({ code: error.code, message: error.message });
    }
  }
  afterStore();
  const asks = outcomes.map((outcome, i) => commands[i].asks(outcome));
  const replies = await server.ask(asks.flat());
  let at = 0;
  for (const [i, outcome] of outcomes.entries()) {
    const difference = commands[i].judge(outcome, replies.slice(at, at += asks[i].length));
    if (difference !== null) return { index: first + i, ...difference };
  }
  return failure;
}

/** Asks Redis alone, for errors that no command should meet. */
export async function runRedisOnly(steps: readonly Step[], server: RedisServer): Promise<Verdict> {
  await server.ask([["FLUSHALL"]]);
  for (let first = 0; first < steps.length;) {
    const segment = segmentFrom(steps, first);
    const asks = segment.map((command) => command.asks(null));
    const replies = await server.ask(asks.flat());
    let at = 0;
    for (const [i, ask] of asks.entries()) {
      for (const reply of replies.slice(at, at += ask.length)) {
        if (!(reply instanceof Error) || codeOf(reply) !== null) continue;
        return { kind: "different", mismatch: { index: first + i, ours: "not asked", theirs: reply } };
      }
    }
    first += segment.length;
    if (first < steps.length && !isCommand(steps[first])) first++;
  }
  return { kind: "same" };
}
