import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type RuntimeName, RUNTIMES } from "../runtime.ts";
import { bundle, BUNDLES } from "./bundle_size.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export type Imported = "an empty module" | "the bundle" | "the package";

/** The times of all imports, in milliseconds. */
export interface ColdImport {
  readonly runtime: RuntimeName;
  readonly imported: Imported;
  readonly ms: number[];
}

/** Imports modules in processes of which each imports one, once. What is imported and where takes turns. */
export async function coldImports(rounds: number, progress: (text: string) => void): Promise<ColdImport[]> {
  const directory = await mkdtemp(join(tmpdir(), "ferrite-bench-"));
  try {
    const modules: Record<Imported, string> = {
      "an empty module": join(directory, "empty.mjs"),
      "the bundle": join(directory, "bundle.mjs"),
      "the package": path("../../dist/src/cloud/mod.js"),
    };
    await writeFile(modules["an empty module"], "export {};\n");
    await writeFile(modules["the bundle"], await bundle(BUNDLES["all of the cloud store"]));
    const imports = RUNTIMES.flatMap((runtime) =>
      (Object.keys(modules) as Imported[]).map((imported): ColdImport => ({ runtime, imported, ms: [] }))
    );
    // The first round is for the system, which then has all files in memory.
    for (let round = 0; round <= rounds; round++) {
      progress(`cold imports: round ${round} of ${rounds}`);
      for (const { runtime, imported, ms } of imports) {
        const time = await timeOne(runtime, modules[imported]);
        if (round > 0) ms.push(time);
      }
    }
    return imports;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function timeOne(runtime: RuntimeName, module: string): Promise<number> {
  const [program, ...args] = commandFor(runtime);
  const { stdout } = await promisify(execFile)(program, [...args, path("import_once.mjs"), module]);
  return Number(stdout);
}

/** Deno keeps what it has compiled for the next time, unless told not to. */
function commandFor(runtime: RuntimeName): string[] {
  const binary = path(`../../node_modules/.bin/${runtime}`);
  switch (runtime) {
    case "node":
      return ["Deno" in globalThis || "Bun" in globalThis ? "node" : process.execPath];
    case "deno":
      return [binary, "run", "--quiet", "--no-code-cache", "--allow-read"];
    case "bun":
      return [binary];
  }
}
