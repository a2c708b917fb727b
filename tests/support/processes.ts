import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const bin = (name: string): string => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

/** How each runtime starts a TypeScript file. */
const COMMANDS = {
  node: ["node", "--import", "tsx"],
  deno: [bin("deno"), "run", "-A", "--no-check", "--quiet"],
  bun: [bin("bun"), "run"],
};

export type Runtime = "node" | "deno" | "bun";

export const RUNTIMES: Runtime[] = ["node", "deno", "bun"];

/** A process on one of the runtimes, with which one speaks in lines. */
export class Child {
  readonly #process: ChildProcess;
  readonly #exit: Promise<[code: number | null]>;
  readonly #lines: AsyncIterator<string>;

  /** Runs a file of `tests/support`. */
  constructor(runtime: Runtime, file: string, ...args: string[]) {
    const [program, ...options] = COMMANDS[runtime];
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.#process = spawn(program, [...options, path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.#exit = once(this.#process, "exit") as Promise<[number | null]>;
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#process.pid!;
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    return done ? "" : value;
  }

  say(line: string): void {
    this.#process.stdin!.write(`${line}\n`);
  }

  /** Lets it come to its end. */
  async end(): Promise<void> {
    this.#process.stdin!.end();
    await this.#exit;
  }

  /** Has it stand still, in the middle of whatever it does, go on, or end in order. */
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGTERM"): void {
    // Not by its own method: Deno then says that the signal has ended it, whatever it did.
    process.kill(this.pid, signal);
  }

  /** Resolves when it has ended, to its exit code; `null` if a signal has ended it. */
  async ended(): Promise<number | null> {
    const [code] = await this.#exit;
    return code;
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exit;
  }
}
