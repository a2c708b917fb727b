// The whole of `npm test`: gates (format, lint, types, docs, publishing, the WASM binary), the examples in the docs, the
// tests on three runtimes, and the packed npm package. A gate counts as one test. The last line sums it all up.
import { readdirSync } from "node:fs";
import { bin, finish, gate, RUNTIMES, suite, take } from "./steps.mjs";

const listed = (directory, ending) =>
  readdirSync(directory, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) =>
    `./${directory}/${name}`
  );
const tests = readdirSync("tests").filter((name) => name.endsWith(".test.ts")).map((name) => `./tests/${name}`);
const entries = ["mod.ts", "src/cloud/mod.ts"];
const sources = ["./mod.ts", ...listed("src", ".ts")];
const pages = ["./README.md", ...listed("docs", ".md")];

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
  RUNTIMES.node(`tests on Node ${process.versions.node}`, tests),
  // Each of these takes one processor; Bun takes twice as long as Deno.
  [
    RUNTIMES.deno("tests on Deno", tests),
    ...[0, 1].map((half) => RUNTIMES.bun(`tests on Bun, half ${half + 1}`, tests.filter((_, i) => i % 2 === half))),
  ],
  suite("packed npm package", /^(\d+) passed/gm, /, (\d+) failed$/gm, process.execPath, "tests/pack/run.mjs"),
];

for (const step of steps) await Promise.all([step].flat().map((step) => take(step)));
finish();
