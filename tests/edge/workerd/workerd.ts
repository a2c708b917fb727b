// Cloudflare's runtime. It and its tools are installed in this folder by scripts/test_edge.mjs.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "smol-toml";
import { inDirectory } from "../../support/directory.ts";

/** A worker, ready to be started. */
export interface WorkerCode {
  /** The first module is the one that answers. */
  readonly modules: readonly WorkerModule[];
  readonly compatibilityDate: string;
  readonly bindings: Readonly<Record<string, string>>;
  /** Classes of the first module, by the names of their bindings. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

interface WorkerModule {
  readonly type: "ESModule" | "CompiledWasm";
  readonly path: string;
  readonly contents: string | Uint8Array;
}

/** What is used of Miniflare. */
interface Miniflare {
  readonly ready: Promise<URL>;
  dispose(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WRANGLER = fileURLToPath(new URL("node_modules/wrangler/bin/wrangler.js", import.meta.url));
/** When compatibility is not what is tested. */
const COMPATIBILITY_DATE = "2025-06-01";

/** A worker of one module, and the WASM module that the package exports for it. */
export function workerOf(script: string, bindings: Record<string, string>): WorkerCode {
  const contents = readFileSync(join(ROOT, "dist/src/core/edge.wasm"));
  return {
    modules: [
      { type: "ESModule", path: "worker.js", contents: script },
      { type: "CompiledWasm", path: "@ferrite/storage/edge.wasm", contents },
    ],
    compatibilityDate: COMPATIBILITY_DATE,
    bindings,
  };
}

/** What `npx wrangler deploy` would upload of a folder, in a project that has installed the package. */
export async function wranglerBundle(folder: string): Promise<WorkerCode> {
  let code: WorkerCode;
  await inDirectory(async (path) => {
    const project = path("project");
    cpSync(folder, project, { recursive: true });
    mkdirSync(join(project, "node_modules/@ferrite"), { recursive: true });
    symlinkSync(ROOT, join(project, "node_modules/@ferrite/storage"));
    const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" };
    const args = [WRANGLER, "deploy", "--dry-run", "--outdir", "out"];
    await promisify(execFile)(process.execPath, args, { cwd: project, env });
    const settings = parse(readFileSync(join(project, "wrangler.toml"), "utf8")) as {
      main: string;
      compatibility_date: string;
      vars: Record<string, string>;
    };
    const main = settings.main.replace(/\.ts$/, ".js");
    const modules = readdirSync(join(project, "out")).flatMap((name): WorkerModule[] => {
      const contents = readFileSync(join(project, "out", name));
      if (name.endsWith(".wasm")) return [{ type: "CompiledWasm", path: name, contents }];
      return name.endsWith(".js") ? [{ type: "ESModule", path: name, contents: contents.toString() }] : [];
    });
    code = {
      modules: modules.sort((a, b) => Number(b.path === main) - Number(a.path === main)),
      compatibilityDate: settings.compatibility_date,
      bindings: settings.vars,
    };
  });
  return code!;
}

/** A worker that runs, and where it is. */
export async function startWorker(code: WorkerCode): Promise<{ url: string } & AsyncDisposable> {
  const { Miniflare } = await import("miniflare" as string) as { Miniflare: new (options: object) => Miniflare };
  const miniflare = new Miniflare({ ...code, cf: false });
  const url = await miniflare.ready;
  return { url: url.href, [Symbol.asyncDispose]: () => miniflare.dispose() };
}
