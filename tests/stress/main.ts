// `npm run stress`: crashes, kills, files that fail, damage, calls that race each other and everything else, and random operations beside a
// model, with ever new seeds until time is up.
//
//   npm run stress -- --minutes 60 --seed 1
//   npm run stress -- --only crash,fault
//   npm run stress -- --replay crash:12345      a run that has failed, here and now
import { fork } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Told } from "./child.ts";
import { KINDS } from "./runs.ts";

/** A run that takes longer does not come to an end. */
const PATIENCE_MS = 180_000;
const MINUTE_MS = 60_000;
const LONGEST_REASON = 500;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string" },
    only: { type: "string", default: Object.keys(KINDS).join() },
    replay: { type: "string" },
  },
});

const kinds = values.only.split(",");
const unknown = [...kinds, ...values.replay?.split(":").slice(0, 1) ?? []].find((kind) => !(kind in KINDS));
if (unknown !== undefined) throw new Error(`there is no ${unknown}; there are ${Object.keys(KINDS).join(", ")}`);

if (values.replay !== undefined) await replay(values.replay);
else await stress(Number(values.minutes), Number(values.seed ?? Date.now() % 2 ** 31));

async function replay(name: string): Promise<void> {
  const [kind, seed] = name.split(":");
  const { failures } = await runBatch(kind, Number(seed), 1);
  console.log(failures.length === 0 ? `${name} passed` : failures[0].why);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function stress(minutes: number, seed: number): Promise<void> {
  console.log(`${minutes} minutes of ${kinds.join(", ")}, from seed ${seed} on`);
  const start = performance.now();
  const passed = new Map(kinds.map((kind) => [kind, 0]));
  let failed = 0;
  let shown = 0;
  for (let turn = 0; performance.now() - start < minutes * MINUTE_MS; turn++) {
    const kind = kinds[turn % kinds.length];
    const { batch } = KINDS[kind];
    const { failures, begun } = await runBatch(kind, seed, batch);
    for (const { failed: which, why } of failures) {
      console.log(`FAILED ${kind}:${which}: ${why.split("\n")[0].slice(0, LONGEST_REASON)}`);
      console.log(`  npm run stress -- --replay ${kind}:${which}`);
    }
    failed += failures.length;
    passed.set(kind, passed.get(kind)! + begun - failures.length);
    seed += batch;
    const minute = Math.floor((performance.now() - start) / MINUTE_MS);
    if (minute > shown) console.log(`${shown = minute} min: ${summary(passed)}, ${failed} failed`);
  }
  console.log(`passed: ${summary(passed)}; ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function summary(passed: ReadonlyMap<string, number>): string {
  return Array.from(passed, ([kind, count]) => `${count} ${kind}`).join(", ");
}

interface Batch {
  readonly failures: Extract<Told, { failed: number }>[];
  /** How many runs were begun. */
  readonly begun: number;
}

/** Runs a batch in a process of its own, which may die, or never come to an end. */
function runBatch(kind: string, first: number, count: number): Promise<Batch> {
  return new Promise((resolve) => {
    const failures: Batch["failures"] = [];
    let current = first;
    const path = fileURLToPath(new URL("child.ts", import.meta.url));
    const child = fork(path, [kind, `${first}`, `${count}`], { env: { ...process.env, FERRITE_SEED: `${first}` } });
    const giveUp = (why: string) => failures.push({ failed: current, why });
    let patience: NodeJS.Timeout;
    const wait = () => {
      clearTimeout(patience);
      patience = setTimeout(() => {
        giveUp(`it does not come to an end within ${PATIENCE_MS / 1000} s`);
        child.kill("SIGKILL");
      }, PATIENCE_MS);
    };
    wait();
    child.on("message", (told: Told) => {
      if ("failed" in told) failures.push(told);
      else current = told.begun;
      wait();
    });
    child.on("exit", (code) => {
      clearTimeout(patience);
      if (code !== null && code !== 0) giveUp(`its process ended with code ${code}`);
      resolve({ failures, begun: current - first + 1 });
    });
  });
}
