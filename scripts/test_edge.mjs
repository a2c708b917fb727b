// `npm run test:edge`: the cloud store and its examples on Deno without permissions but the net, workerd, Chromium, Bun and Node, over the
// package as it is built, and the size of the bundle. It installs workerd and its tools, and, as root on Debian, Chromium. The last line
// sums it all up.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { countFailure, finish, gate, RUNTIMES, take } from "./steps.mjs";

const TESTS = readdirSync("tests/edge").filter((name) => name.endsWith(".test.ts")).map((name) =>
  `./tests/edge/${name}`
);
const WORKERD = "tests/edge/workerd";

/** They are big, so they are no dependencies of the package: they are installed where they are needed. */
function installWorkerd() {
  if (existsSync(`${WORKERD}/node_modules/wrangler`)) return;
  const options = { cwd: WORKERD, stdio: ["ignore", 2, 2], shell: process.platform === "win32" };
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], options);
}

try {
  installWorkerd();
} catch (error) {
  countFailure("workerd and its tools", error.message);
}
await take(gate("the package is built", process.execPath, "scripts/build.mjs"));
await take(RUNTIMES.node("edge", TESTS));
finish();
