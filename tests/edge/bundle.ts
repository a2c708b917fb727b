import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** A file of this folder and all that it imports in one, over the package as it is built into dist/. */
export async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path(file)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    alias: { "@ferrite/storage/cloud": path("../../dist/src/cloud/mod.js") },
    external: ["*.wasm"],
  });
  return outputFiles[0].text;
}
