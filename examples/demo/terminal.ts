import process from "node:process";
import { styleText } from "node:util";
import { type OnProgress, StorageError } from "@ferrite/storage";
import cliProgress from "cli-progress";

type Style = Parameters<typeof styleText>[0];

const hasColors = process.stdout.isTTY === true && process.stdout.hasColors();
// Node 20's styleText does not look where the text goes, nor at NO_COLOR.
const paint = (style: Style, text: string) => hasColors ? styleText(style, text) : text;

const print = (line = "") => console.log(line);

/** Says what runs, and on what. */
export function title(): void {
  const { bun, deno, node } = process.versions;
  const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
  print();
  print(`${paint(["bold", "yellow"], "Ferrite for TypeScript")} ${paint("dim", `on ${runtime}`)}`);
}

let chapters = 0;

/** Begins a part of the story. */
export function chapter(name: string): void {
  chapters++;
  print();
  print(paint(["bold", "yellow"], `${chapters}. ${name}`));
}

/** One line: what, and how it is. */
export function fact(what: string, how: string): void {
  print(`  ${paint("green", "✓")} ${what.padEnd(13)} ${how}`);
}

/** Lines that belong together, in columns; those at the indices of `alignRight` hold figures. */
export function columns(rows: readonly (readonly string[])[], alignRight: readonly number[] = []): void {
  print();
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows) {
    const cells = row.map((cell, i) => alignRight.includes(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]));
    print(`    ${cells.join("   ").trimEnd()}`);
  }
}

/** A share of a whole as a bar, in eighths of a character. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  const last = eighths % 8 === 0 ? "" : "▏▎▍▌▋▊▉"[eighths % 8 - 1];
  return paint("yellow", "█".repeat(Math.floor(eighths / 8)) + last);
}

/**
 * Asks the store: prints the question, the call, how long it took, and the answer. Quick calls are made `again`: the
 * first one mostly measures how the runtime compiles them.
 */
export async function ask<T>(
  question: string,
  call: string,
  run: () => Promise<T>,
  answer: (result: T, ms: number) => string,
  again = 0,
): Promise<T> {
  const [result, ms] = await timed(run);
  let took = duration(ms);
  if (again > 0) {
    const [, totalMs] = await timed(async () => {
      for (let i = 0; i < again; i++) await run();
    });
    took += ` at first, then ${duration(totalMs / again)}`;
  }
  print();
  print(`  ${paint("bold", question)}`);
  print(`    ${paint("cyan", call)}  ${paint("dim", took)}`);
  tell(answer(result, ms));
  return result;
}

/** A line of an answer. */
export function tell(line: string): void {
  print(`    ${paint("green", "→")} ${line}`);
}

/** What something resolved to, and the milliseconds it took. */
export async function timed<T>(run: () => Promise<T>): Promise<[result: T, ms: number]> {
  const started = performance.now();
  const result = await run();
  return [result, performance.now() - started];
}

/** Runs over a list in batches, with a progress bar where somebody is watching. */
export async function inBatches<T>(
  items: readonly T[],
  batchSize: number,
  run: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  await watch(items.length, async (update) => {
    for (let from = 0; from < items.length; from += batchSize) {
      const batch = items.slice(from, from + batchSize);
      await run(batch);
      update(from + batch.length);
    }
  });
}

/** Runs for each item of a list, some at the same time, with a progress bar. */
export async function manyAtATime<T>(
  items: readonly T[],
  count: number,
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  await inBatches(items, count, (batch) => Promise.all(batch.map(run)));
}

/** Runs what tells itself how far it has come, with a progress bar. */
export async function withProgress<T>(run: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const steps = 1000;
  return await watch(steps, (update) => run(({ done, total }) => update(Math.round(done / total * steps))), false);
}

/** Runs what updates a progress bar; it says how much of the total has been done if that `counts`. */
export async function watch<T>(
  total: number,
  run: (update: (value: number) => void) => Promise<T>,
  counts: boolean = true,
): Promise<T> {
  const progress = new cliProgress.SingleBar({
    format: `  ${paint("yellow", "{bar}")} {percentage} %${counts ? "  {value} of {total}" : ""}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 40,
    hideCursor: true,
    clearOnComplete: true, // what was done is said in the next line
    stream: process.stdout, // which keeps it quiet when that is a file or a pipe
    formatValue: number,
  });
  progress.start(total, 0);
  try {
    return await run((value) => progress.update(value));
  } finally {
    progress.stop();
  }
}

/** `171,075`. */
export function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** `0.9 µs`, `84 µs`, `1.2 ms`, `3.45 s`. */
export function duration(ms: number): string {
  if (ms < 0.01) return `${(ms * 1000).toFixed(1)} µs`;
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** `29.6 MB`: units of 1024, as in `max_size`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

class CheckFailed extends Error {}

/** Ends the demo when something is not as it must be. */
export function check(isTrue: boolean, problem: string): asserts isTrue {
  if (!isTrue) throw new CheckFailed(problem);
}

/** Says why the demo ended early: for what a reader can put right, without a stack trace. */
export function failWith(error: unknown): void {
  let reason = String(error);
  if (error instanceof StorageError) reason = `${error.code}: ${error.message}`;
  else if (error instanceof CheckFailed || error instanceof Error && "syscall" in error) reason = error.message;
  else if (error instanceof Error) reason = error.stack ?? reason;
  console.error(`\n  ${paint("red", "✗")} The demo failed: ${reason}\n`);
  process.exitCode = 1;
}
