import { build, type Plugin } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** What a bundle exports. */
export const BUNDLES = {
  "all of the cloud store": `export * from "@ferrite/storage/cloud";`,
  "CloudStore and s3": `export { CloudStore, s3 } from "@ferrite/storage/cloud";`,
} as const;

/** How large a bundle is, minified and by `gzip -9`, in bytes. */
export interface BundleSize {
  /** With the WASM core that it carries as text. */
  readonly all: number;
  /** Without it. */
  readonly script: number;
  /** The core alone, as it is. */
  readonly core: number;
}

/** Leaves the WASM core out. */
const WITHOUT_CORE: Plugin = {
  name: "without the core",
  setup: ({ onLoad }) =>
    onLoad({ filter: /edge\.wasm\.js$/ }, () => ({ contents: `export const EDGE_TEXT = "";`, loader: "js" })),
};

/** A bundle of the package as it is built into dist/. */
export async function bundle(contents: string, plugins: Plugin[] = []): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: path("../..") },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    alias: { "@ferrite/storage/cloud": path("../../dist/src/cloud/mod.js") },
    plugins,
  });
  return outputFiles[0].contents;
}

/** The folders of src/ and the packages of which a bundle of the package has something, as it is built into dist/ for Node. */
export async function partsOf(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: path("../..") },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    alias: { "@ferrite/storage": path("../../dist/mod.js") },
    metafile: true,
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const parts = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([name]) =>
    /(?:node_modules|dist\/src)\/([^/]+)/.exec(name)?.[1]
  );
  return [...new Set(parts.filter((part) => part !== undefined))].sort();
}

export async function bundleSize(contents: string): Promise<BundleSize> {
  const [all, script] = await Promise.all([bundle(contents), bundle(contents, [WITHOUT_CORE])]);
  if (all.length - script.length < 10_000) throw new Error("the core is not where it is looked for");
  return {
    all: gzipped(all),
    script: gzipped(script),
    core: gzipped(readFileSync(path("../../dist/src/core/edge.wasm"))),
  };
}

function gzipped(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}
