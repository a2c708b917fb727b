// Sends random commands to a real Redis and to the store, and compares all replies. The seed is FERRITE_SEED.
//
//   node --import tsx tests/oracle/main.ts [--commands 200000] [--only "sorted sets"] [--redis-only]
//
// `--redis-only` sends the commands to Redis alone, to see whether it takes them for what they are meant to be.
//
// Where the store is meant to differ:
// - lpop, rpop, spop and lpos always answer with an array;
// - renaming a missing key is false, and setting an element of a missing list OUT_OF_RANGE, where Redis has errors;
// - mget refuses collections, which Redis takes for missing;
// - integers given as numbers must stay safe integers, sums of floats must stay doubles (Redis: 80 bits);
// - infinite scores with a weight of 0 count as 0 in intersections too, where Redis makes that depend on sizes;
// - an end of getRange before the beginning gives nothing (as in Redis from 7.4 on);
// - a cursor is null at the end of a scan, and copying a key over itself is no error.

import process from "node:process";
import { parseArgs } from "node:util";
import { MemoryStore } from "@ferrite/storage";
import { Random, SEED } from "../support/random.ts";
import { transacts } from "./commands/transactions.ts";
import { type Phase, PHASES } from "./phases.ts";
import { isCommand, run, runRedisOnly, type Step, type Verdict } from "./run.ts";
import { RedisServer } from "./server.ts";
import { shrink } from "./shrink.ts";
import { show } from "./show.ts";

const HISTORY = 30;
const MAX_SHOWN = 2000;
const MAX_STEPS = 100;
/** Of runs in which more time passed than expiries allow. */
const RETRIES = 3;

const { values: options } = parseArgs({
  options: {
    commands: { type: "string", default: "200000" },
    only: { type: "string" },
    "redis-only": { type: "boolean", default: false },
  },
});
const counts = new Map<string, number>();
const methods = new Set<string>();

/** Whether all replies of a phase were the same. */
async function test(phase: Phase, server: RedisServer): Promise<boolean> {
  const start = performance.now();
  const commands = Math.ceil(Number(options.commands) * phase.share);
  let [compared, slow, runs] = [0, 0, 0];
  for (const steps of phase.runs(new Random(), commands)) {
    const again = () => options["redis-only"] ? runRedisOnly(steps, server) : run(steps, server, phase.maxSize);
    let verdict = await again();
    for (let i = 0; verdict.kind === "slow" && i < RETRIES; i++) verdict = await again();
    if (verdict.kind === "different") {
      await report(phase, steps, verdict, server);
      return false;
    }
    runs++;
    if (verdict.kind === "slow") slow++;
    else compared += count(steps);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const isOk = slow <= runs / 2;
  const tooSlow = slow > 0 ? `, ${slow} of ${runs} runs took too long to say anything` : "";
  console.log(`${isOk ? "ok  " : "FAIL"} ${phase.name.padEnd(18)} ${compared} commands, ${seconds} s${tooSlow}`);
  return isOk;
}

function count(steps: readonly Step[]): number {
  let compared = 0;
  for (const step of steps) {
    if (!isCommand(step)) continue;
    const family = step.family ?? "content";
    counts.set(family, (counts.get(family) ?? 0) + 1);
    methods.add(step.name);
    compared++;
  }
  return compared;
}

async function report(
  phase: Phase,
  steps: readonly Step[],
  verdict: Verdict & { kind: "different" },
  server: RedisServer,
): Promise<void> {
  const { index } = verdict.mismatch;
  const failed = steps[index];
  const keys = isCommand(failed) ? failed.keys : [];
  console.log(`FAIL ${phase.name}: FERRITE_SEED=${SEED}, command ${index}`);
  console.log(difference(failed, verdict));
  console.log(`  the last commands on ${keys.join(", ")}:`);
  const history = steps.slice(0, index).filter((step) =>
    isCommand(step) && step.keys.some((key) => keys.includes(key))
  );
  for (const step of history.slice(-HISTORY)) console.log(`    ${line(step)}`);
  if (options["redis-only"]) return;
  const small = await shrink(steps, verdict, server, phase.maxSize);
  console.log(`  the fewest commands found to show it, ${small.steps.length}:`);
  if (small.steps.length > MAX_STEPS) console.log("    …");
  for (const step of small.steps.slice(-MAX_STEPS)) console.log(`    ${line(step)}`);
  console.log(difference(small.steps[small.steps.length - 1], small.failed));
}

function line(step: Step): string {
  if ("maintain" in step) return step.maintain;
  return "pauseMs" in step ? `await sleep(${step.pauseMs})` : cut(step.toString());
}

function difference(step: Step, { mismatch }: Verdict & { kind: "different" }): string {
  return `  ${line(step)}\n    store: ${cut(show(mismatch.ours))}\n    Redis: ${cut(show(mismatch.theirs))}`;
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} letters)`;
}

async function main(): Promise<boolean> {
  const start = performance.now();
  await using server = await RedisServer.start();
  console.log(`FERRITE_SEED=${SEED}, Redis ${await server.version()}, Node ${process.versions.node}`);
  let [passed, failed] = [0, 0];
  for (const phase of PHASES.filter(({ name }) => options.only === undefined || name === options.only)) {
    if (phase.transacts === true && !transacts(MemoryStore.prototype)) {
      console.log(`skip ${phase.name}: the store has none`);
      continue;
    }
    if (await test(phase, server)) passed++;
    else failed++;
  }
  const families = Array.from(counts, ([family, number]) => `${family} ${number}`).join(", ");
  const total = Array.from(counts.values()).reduce((all, number) => all + number, 0);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`compared: ${families}`);
  console.log(`${total} commands of ${methods.size} methods in ${seconds} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

try {
  process.exitCode = await main() ? 0 : 1;
} catch (error) {
  console.error(error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
