// Packs the npm package, installs the tarball into an empty project and uses it from there on Node (the one that runs
// this, 22, 24 and 26), Deno, Bun and workerd. Prints `N passed, N failed` last.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "ferrite-pack-"));
const npm = (cwd, ...args) =>
  execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** What is optional, in versions that this Node can run. */
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const OPENTELEMETRY = ["api", "sdk-metrics", "exporter-prometheus"].map((name) => `@opentelemetry/${name}`)
  .map((name) => `${name}@${devDependencies[name]}`);

let passed = 0;
let failed = 0;
try {
  if (!existsSync(join(here, "node_modules"))) npm(here, "ci", "--no-audit", "--no-fund");
  const [{ filename }] = JSON.parse(npm(root, "pack", "--json", "--pack-destination", project));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  npm(project, "install", "--no-audit", "--no-fund", join(project, filename), `hono@${devDependencies.hono}`);
  const suite = ["conformance.mjs", "store.test.mjs", "forgetful_store.test.mjs"];
  for (const name of ["use.mjs", "worker.js", ...suite]) copyFileSync(join(here, name), join(project, name));
  writeFileSync(
    join(project, "ferrite.toml"),
    '[storage]\nbackend = "memory"\n[storage.memory]\nmax_size = "16MB"\nsnapshot_path = "user.snapshot"\n',
  );
  for (const [name, ...command] of runtimes()) {
    const [program, ...args] = command;
    // Last, so that those before have shown that they do not need it.
    if (args.includes("--with-otel")) npm(project, "install", "--no-audit", "--no-fund", ...OPENTELEMETRY);
    const run = spawnSync(program, args, { cwd: project, encoding: "utf8", timeout: 60_000 });
    const isOk = run.status === 0 && run.stdout.trim().endsWith("ok");
    console.log(`${isOk ? "ok  " : "FAIL"} packed package on ${name}${isOk ? "" : `\n${run.stdout}${run.stderr}`}`);
    if (isOk) passed++;
    else failed++;
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runtimes() {
  const found = [
    [`Node ${process.versions.node}`, process.execPath, "use.mjs"],
    ["Bun", join(root, "node_modules/.bin/bun"), "use.mjs"],
    ["Deno", join(root, "node_modules/.bin/deno"), "run", "-A", "--no-lock", "use.mjs"],
    [`Node ${process.versions.node}, the suite for backends`, process.execPath, "conformance.mjs"],
    ["Bun, the suite for backends", join(root, "node_modules/.bin/bun"), "conformance.mjs"],
    ["workerd", process.execPath, join(here, "workerd.mjs")],
  ];
  // Other Nodes come as binaries that are on npm for Linux on x64 only.
  if (process.platform === "linux" && process.arch === "x64") {
    for (const node of [22, 24, 26]) {
      found.push([`Node ${node}`, join(here, `node_modules/node-${node}/bin/node`), "use.mjs"]);
    }
  }
  found.push([`Node ${process.versions.node} with OpenTelemetry`, process.execPath, "use.mjs", "--with-otel"]);
  return found;
}
