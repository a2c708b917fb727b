// The whole of `npm test`: gates (format, lint, types, docs, publishing, the WASM binary), the examples in the docs, the
// tests on three runtimes, and the packed npm package. A gate counts as one test. The last line sums it all up.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));
const bin = (name) => `node_modules/.bin/${name}`;
const listed = (directory, ending) =>
  readdirSync(directory, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) =>
    `./${directory}/${name}`
  );
const tests = readdirSync("tests").filter((name) => name.endsWith(".test.ts")).map((name) => `./tests/${name}`);
const entries = ["mod.ts", "src/cloud/mod.ts"];
const sources = ["./mod.ts", ...listed("src", ".ts")];
const pages = ["./README.md", ...listed("docs", ".md")];

const gate = (name, ...command) => ({ name, command, counts: (_output, isOk) => [isOk ? 1 : 0, isOk ? 0 : 1] });
const suite = (name, passed, failed, ...command) => ({
  name,
  command,
  counts: (output) => [sum(output, passed), sum(output, failed)],
});

const steps = [
  gate("format", bin("deno"), "fmt", "--check"),
  gate("lint", bin("deno"), "lint"),
  gate("types, TypeScript", bin("tsc"), "-p", "."),
  gate("types, Deno", bin("deno"), "check", ...entries, ...tests),
  gate("public documentation", bin("deno"), "doc", "--lint", ...entries),
  gate("publishing to JSR", bin("deno"), "publish", "--dry-run", "--allow-dirty"),
  gate("the WASM binary is what its sources give", process.execPath, "scripts/build-wasm.mjs", "--check"),
  suite(
    "examples in the docs",
    /(\d+) passed/g,
    /(\d+) failed/g,
    bin("deno"),
    "test",
    "-A",
    "--doc",
    ...sources,
    ...pages,
  ),
  suite(
    `tests on Node ${process.versions.node}`,
    /^# pass (\d+)$/gm,
    /^# (?:fail|cancelled) (\d+)$/gm,
    process.execPath,
    "--import",
    "tsx",
    "--test",
    `--test-concurrency=${availableParallelism()}`,
    "--test-reporter=tap",
    ...tests,
  ),
  // Each of these takes one processor; Bun takes twice as long as Deno.
  [
    suite("tests on Deno", /(\d+) passed/g, /(\d+) failed/g, bin("deno"), "test", "-A", "--no-check", ...tests),
    ...[0, 1].map((half) =>
      suite(
        `tests on Bun, half ${half + 1}`,
        /^\s*(\d+) pass$/gm,
        /^\s*(\d+) fail$/gm,
        bin("bun"),
        "test",
        ...tests.filter((_, i) => i % 2 === half),
      )
    ),
  ],
  suite("packed npm package", /^(\d+) passed/gm, /, (\d+) failed$/gm, process.execPath, "tests/pack/run.mjs"),
];

let allPassed = 0;
let allFailed = 0;
for (const step of steps) await Promise.all([step].flat().map(take));
console.log(`${allPassed} passed, ${allFailed} failed`);
process.exitCode = allFailed === 0 ? 0 : 1;

/** Runs a step and says what came of it. */
async function take({ name, command, counts }) {
  const start = performance.now();
  const { output, isOk } = await outputOf(command);
  const [passed, failed] = counts(output, isOk);
  // A runner that dies before it counts must not look as if nothing had failed.
  const allFailures = failed === 0 && (!isOk || passed === 0) ? 1 : failed;
  allPassed += passed;
  allFailed += allFailures;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const figures = `${String(passed).padStart(4)} passed, ${allFailures} failed`;
  console.log(`${allFailures === 0 ? "ok  " : "FAIL"} ${name.padEnd(42)} ${figures}  ${seconds} s`);
  if (allFailures > 0) console.log(whatFailed(output));
}

function outputOf([program, ...args]) {
  const env = { ...process.env, NO_COLOR: "1", NODE_NO_WARNINGS: "1" };
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
  const failures = output.match(/^not ok .*\n(?: {2}.*\n)*/gm) ?? [];
  if (failures.length > 0) return failures.join("");
  const ofDeno = output.match(/^ ERRORS $[^]*/m);
  if (ofDeno !== null) return ofDeno[0];
  const lines = output.trimEnd().split("\n").filter((line) => !/^\(pass\)|\.\.\. ok \(|^running \d+ test/.test(line));
  return lines.slice(-200).join("\n");
}

function sum(output, pattern) {
  return Array.from(output.matchAll(pattern), (match) => Number(match[1])).reduce((a, b) => a + b, 0);
}
