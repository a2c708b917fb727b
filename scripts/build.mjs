// Builds the npm package into dist/: JavaScript and types by the TypeScript compiler, and the plain WASM modules.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
process.chdir(root);
rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
for (const name of ["core.wasm", "edge.wasm"]) cpSync(`src/core/${name}`, `dist/src/core/${name}`);
