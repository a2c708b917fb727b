// The steps of a test run: commands, one after another, and how to read from what they print what passed and failed.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));

export const bin = (name) => `node_modules/.bin/${name}`;

/** A command that passes or fails, which counts as one test. */
export const gate = (name, ...command) => ({
  name,
  commands: [command],
  counts: (_output, isOk) => [isOk ? 1 : 0, isOk ? 0 : 1],
});

/** Commands that say how many tests have passed and failed. */
export const suite = (name, passed, failed, ...commands) => ({
  name,
  commands,
  counts: (output) => [sum(output, passed), sum(output, failed)],
});

/** Test files on each runtime, of which Node runs several at a time. */
export const RUNTIMES = {
  node: (name, tests, concurrency = availableParallelism()) =>
    suite(name, /^# pass (\d+)$/gm, /^# (?:fail|cancelled) (\d+)$/gm, [
      process.execPath,
      "--import",
      "tsx",
      "--test",
      `--test-concurrency=${concurrency}`,
      "--test-reporter=tap",
      ...tests,
    ]),
  deno: (name, tests) =>
    suite(name, /(\d+) passed/g, /(\d+) failed/g, [bin("deno"), "test", "-A", "--no-check", ...tests]),
  // A process for each, as the memories of files that have ended would slow down those after them to a third.
  bun: (name, tests) =>
    suite(name, /^\s*(\d+) pass$/gm, /^\s*(\d+) fail$/gm, ...tests.map((test) => [bin("bun"), "test", test])),
};

let allPassed = 0;
let allFailed = 0;

/** Counts what has failed outside of a step, and says why. */
export function countFailure(name, why) {
  allFailed++;
  console.log(`FAIL ${name}: ${why}`);
}

/** Says what all steps have come to, as the last line. */
export function finish() {
  console.log(`${allPassed} passed, ${allFailed} failed`);
  process.exitCode = allFailed === 0 ? 0 : 1;
}

/** Runs a step and says what came of it. */
export async function take({ name, commands, counts }, env = {}) {
  const start = performance.now();
  let stepPassed = 0;
  let stepFailed = 0;
  const failures = [];
  for (const command of commands) {
    const { output, isOk } = await outputOf(command, env);
    const [passed, failed] = counts(output, isOk);
    // A runner that dies before it counts must not look as if nothing had failed.
    const allFailures = failed === 0 && (!isOk || passed === 0) ? 1 : failed;
    stepPassed += passed;
    stepFailed += allFailures;
    if (allFailures > 0) failures.push(whatFailed(output));
  }
  allPassed += stepPassed;
  allFailed += stepFailed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const figures = `${String(stepPassed).padStart(4)} passed, ${stepFailed} failed`;
  console.log(`${stepFailed === 0 ? "ok  " : "FAIL"} ${name.padEnd(42)} ${figures}  ${seconds} s`);
  for (const failure of failures) console.log(failure);
}

/** Runs steps in their order, so many at a time as there are processors. */
export async function takeAll(steps) {
  const left = [...steps];
  const takeTurns = async () => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) await take(step);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, takeTurns));
}

function outputOf([program, ...args], extra) {
  const env = { ...process.env, ...extra, NO_COLOR: "1", NODE_NO_WARNINGS: "1" };
  delete env.FORCE_COLOR;
  const run = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const texts = ["", ""];
  for (const [i, stream] of [run.stdout, run.stderr].entries()) {
    stream.setEncoding("utf8").on("data", (text) => texts[i] += text);
  }
  return new Promise((resolve) => {
    run.on("error", (error) => resolve({ output: `${texts.join("")}${error}`, isOk: false }));
    run.on("close", (status) => resolve({ output: texts.join(""), isOk: status === 0 }));
  });
}

/** What a runner says about tests that failed, without what it says about those that did not. */
function whatFailed(output) {
  const failures = output.match(/^not ok .*\n(?: {2}.*\n)*|^# Error: .*\n/gm) ?? [];
  if (failures.length > 0) return failures.join("");
  const ofDeno = output.match(/^ ERRORS $[^]*/m);
  if (ofDeno !== null) return ofDeno[0];
  const lines = output.trimEnd().split("\n").filter((line) => !/^\(pass\)|\.\.\. ok \(|^running \d+ test/.test(line));
  return lines.slice(-200).join("\n");
}

function sum(output, pattern) {
  return Array.from(output.matchAll(pattern), (match) => Number(match[1])).reduce((a, b) => a + b, 0);
}
