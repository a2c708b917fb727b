import process from "node:process";
import type { Command } from "commander";
import { type CopyProgress, copyTo } from "../copy/copy_to.ts";
import type { StorageEngine } from "../engine.ts";
import { openKept } from "./open.ts";
import { type Options, toCount } from "./options.ts";
import { Failed, printJson } from "./results.ts";
import type { Terminal } from "./terminal.ts";

interface CopyOptions {
  readonly replace: boolean;
  readonly verify: boolean;
  readonly concurrency?: number;
}

export function addCopyCommand(program: Command, terminal: Terminal): void {
  program.command("copy <source.toml> <target.toml>")
    .description("copy every key to another store; when it was stopped, the same command does the rest")
    .option("--replace", "write over what the target holds under a key", false)
    .option("--verify", "read each key back, and compare", false)
    .option("--concurrency <count>", "so many keys at a time", toCount)
    .action((source: string, target: string, options: CopyOptions) => copy(program, terminal, source, target, options));
}

async function copy(
  program: Command,
  terminal: Terminal,
  sourcePath: string,
  targetPath: string,
  options: CopyOptions,
): Promise<void> {
  await using source: StorageEngine = await openKept(sourcePath);
  await using target: StorageEngine = await openKept(targetPath);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  const bar = await terminal.progressBar("keys");
  let progress: CopyProgress | undefined;
  try {
    progress = await copyTo(source, target, {
      ...options,
      signal: stop.signal,
      onProgress: (now) => {
        progress = now;
        bar.show(doneOf(now), now.total);
      },
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.tell(`Stopped after ${progress === undefined ? 0 : doneOf(progress)} keys; run it again to copy the rest`);
    throw new Failed();
  } finally {
    bar.end();
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  const { copied, equal, gone, bytes } = progress;
  if (program.opts<Options>().json) return printJson(terminal, { copied, equal, gone, bytes });
  terminal.print(`${copied} keys copied (${bytes} bytes), ${equal} were there already, ${gone} had gone\n`);
}

function doneOf({ copied, equal, gone }: CopyProgress): number {
  return copied + equal + gone;
}
