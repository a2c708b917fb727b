// The whole of `npm test`: gates (format, lint, types, docs, publishing, the WASM binary), the examples in the docs, the
// tests on three runtimes, and the packed npm package. A gate counts as one test. The last line sums it all up.
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { bin, finish, gate, RUNTIMES, suite, takeAll } from "./steps.mjs";

const listed = (directory, ending) =>
  readdirSync(directory, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) =>
    `./${directory}/${name}`
  );
const tests = readdirSync("tests").filter((name) => name.endsWith(".test.ts")).map((name) => `./tests/${name}`);
const entries = [
  "mod.ts",
  ...["cloud", "kernel", "conformance", "middleware", "middleware/otel", "http"].map((name) => `src/${name}/mod.ts`),
];
// Deno takes types in node_modules for our own, and those of Hono and OpenTelemetry are not documented as it wants that: so these are left out.
const documented = [...entries.filter((entry) => !/http|otel/.test(entry)), "src/http/options.ts"];
const sources = ["./mod.ts", ...listed("src", ".ts")];
const pages = ["./README.md", ...listed("docs", ".md")];

/** As many as there are processors: what runs the tests of one takes one of them. */
const count = availableParallelism();
const PARTS = Array.from({ length: count }, (_, part) => ({
  name: `, ${part + 1} of ${count}`,
  tests: tests.filter((_, i) => i % count === part),
}));

const steps = [
  gate("format", bin("deno"), "fmt", "--check"),
  gate("lint", bin("deno"), "lint"),
  gate("types, TypeScript", bin("tsc"), "-p", "."),
  gate("types, Deno", bin("deno"), "check", ...entries, ...tests),
  gate("public documentation", bin("deno"), "doc", "--lint", ...documented),
  gate("publishing to JSR", bin("deno"), "publish", "--dry-run", "--allow-dirty"),
  gate("the WASM binary is what its sources give", process.execPath, "scripts/build-wasm.mjs", "--check"),
  suite(
    "examples in the docs",
    /(\d+) passed/g,
    /(\d+) failed/g,
    [bin("deno"), "test", "-A", "--doc", ...sources, ...pages],
  ),
  ...PARTS.flatMap((part) => [
    RUNTIMES.node(`tests on Node ${process.versions.node}${part.name}`, part.tests, 1),
    RUNTIMES.bun(`tests on Bun${part.name}`, part.tests),
    RUNTIMES.deno(`tests on Deno${part.name}`, part.tests),
  ]),
  suite("packed npm package", /^(\d+) passed/gm, /, (\d+) failed$/gm, [process.execPath, "tests/pack/run.mjs"]),
];

await takeAll(steps);
finish();
