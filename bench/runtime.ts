import { cpus, totalmem } from "node:os";
import process from "node:process";

export type RuntimeName = "node" | "deno" | "bun";

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

/** The command that runs `script` on this runtime as this process runs, with a garbage collector to call. */
export function commandFor(script: string): [command: string, args: string[]] {
  switch (runtimeName()) {
    case "node":
      // execArgv has what makes Node read TypeScript.
      return [process.execPath, [...process.execArgv, "--expose-gc", script]];
    case "deno":
      return [process.execPath, ["run", "-A", "--v8-flags=--expose-gc", script]];
    case "bun":
      return [process.execPath, [script]];
  }
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
