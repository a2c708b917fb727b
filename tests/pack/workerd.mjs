// Bundles worker.js from the project in the current directory and asks it, on workerd, for its answer.
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const { outputFiles } = await build({
  entryPoints: ["worker.js"],
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  external: ["*.wasm"],
  write: false,
});
const runtime = new Miniflare({
  compatibilityDate: "2025-01-01",
  modules: [
    { type: "ESModule", path: "worker.js", contents: outputFiles[0].text },
    ...["core.wasm", "edge.wasm"].map((name) => ({
      type: "CompiledWasm",
      path: `@ferrite/storage/${name}`,
      contents: readFileSync(`node_modules/@ferrite/storage/dist/src/core/${name}`),
    })),
  ],
});
try {
  console.log(await (await runtime.dispatchFetch("http://localhost/")).text());
} finally {
  await runtime.dispose();
}
