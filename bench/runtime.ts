import { cpus, totalmem } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

export type RuntimeName = "node" | "deno" | "bun";

export const RUNTIMES: readonly RuntimeName[] = ["node", "deno", "bun"];

const ROOT = new URL("../", import.meta.url);
const READS_TYPESCRIPT = ["--import", new URL("node_modules/tsx/dist/loader.mjs", ROOT).href];

export function runtimeName(): RuntimeName {
  return "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
}

/** What a result cannot be read without. */
export interface Host {
  runtime: RuntimeName;
  version: string;
  /** All that the runtime tells about its parts. */
  versions: Record<string, string | undefined>;
  cpu: string;
  cores: number;
  memoryBytes: number;
  platform: string;
}

export function describeHost(): Host {
  const runtime = runtimeName();
  const { versions } = process;
  return {
    runtime,
    version: runtime === "node" ? versions.node : versions[runtime] ?? "unknown",
    versions: { ...versions },
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
}

/** The command that runs `script` on a runtime, with a garbage collector to call; on this one as this process runs. */
export function commandFor(script: string, runtime: RuntimeName = runtimeName()): [command: string, args: string[]] {
  const isOwn = runtime === runtimeName();
  const command = isOwn ? process.execPath : runtime === "node" ? "node" : binaryOf(runtime);
  switch (runtime) {
    case "node":
      // execArgv has what makes Node read TypeScript.
      return [command, [...isOwn ? process.execArgv : READS_TYPESCRIPT, "--expose-gc", script]];
    case "deno":
      return [command, ["run", "-A", "--unstable-kv", "--v8-flags=--expose-gc", script]];
    case "bun":
      return [command, [script]];
  }
}

/** The binaries of the other runtimes, which are packages of this project. */
function binaryOf(runtime: RuntimeName): string {
  return fileURLToPath(new URL(`node_modules/.bin/${runtime}`, ROOT));
}

/** Collects garbage now, so that nobody pays for what was made before the clock started. */
export function collectGarbage(): void {
  const { gc, Bun } = globalThis as {
    gc?: () => void;
    Bun?: { gc(isSync: boolean): void };
  };
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}
